"""Keeping jobs alive: processes, memory, connections, idle work, and how soon boards are free when their owner dies."""

import json
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psutil
from measure import Row, Settings, at_most, serving, start

JOBS = 20
MINUTE = 60.0


def rows(settings: Settings) -> list[Row]:
    return [*_held(settings), _killed(settings)]


@contextmanager
def _owner(python: Path, port: int, jobs: int) -> Iterator[subprocess.Popen[str]]:
    """Run a program with jobs; yields its process."""
    with start(python, "probes/keeping.py", port, jobs, core=None) as process:
        process.ids = json.loads(process.stdout.readline())
        try:
            yield process
        finally:
            process.kill()


def _keepers(owner: int, port: int) -> list[psutil.Process]:
    """Return the other processes that keep jobs of an owner alive: they talk to the same server, or descend from it."""
    descendants = psutil.Process(owner).children(recursive=True)
    talkers = {one.pid for one in psutil.net_connections("tcp") if one.raddr and one.raddr.port == port and one.pid}
    others = [psutil.Process(pid) for pid in talkers if pid != owner and pid not in {one.pid for one in descendants}]
    return [*descendants, *others]


def _held(settings: Settings) -> list[Row]:
    jobs = 3 if settings.small else JOBS
    seconds = 1.0 if settings.small else MINUTE
    found: dict[str, tuple[int, float, int, float]] = {}
    for kind, python in (("reference", settings.reference), ("ours", settings.ours)):
        with serving("scripted_server.py", 0, 60) as port, _owner(python, port, jobs) as owner:
            time.sleep(1.0)
            keepers = _keepers(owner.pid, port)
            memory = sum(one.memory_full_info().uss for one in keepers) / 2**20
            family = [psutil.Process(owner.pid), *keepers]
            connections = sum(
                1 for one in family for end in one.net_connections("tcp") if end.raddr and end.raddr.port == port
            )
            before = _worked(family)
            time.sleep(seconds)
            worked = 1e3 * (_worked(family) - before) * MINUTE / seconds
            found[kind] = (len(keepers), memory, connections, worked)
            owner.stdin.close()
            owner.wait(60)
    reference, ours = found["reference"], found["ours"]
    what = f"{jobs} jobs in one process: "
    goals = (
        at_most(ours[0], 1, "1"),
        at_most(ours[1], 12, "at most 12 MiB"),
        at_most(ours[2], jobs + 2, f"at most {jobs + 2}"),
        at_most(ours[3], 20, "at most 20 ms"),
    )
    return [
        Row(f"{what}extra processes", "", None, reference[0], ours[0], **goals[0]),
        Row(f"{what}memory of these (unique set size)", "MiB", None, reference[1], ours[1], **goals[1]),
        Row(f"{what}connections, all together", "", None, reference[2], ours[2], **goals[2]),
        Row(
            f"{what}idle at keepalive=60, processor time a minute, all processes",
            "ms",
            None,
            reference[3],
            ours[3],
            **goals[3],
        ),
    ]


def _worked(family: list[psutil.Process]) -> float:
    """Return processor time in seconds, by the scheduler's clock: ticks of 10 ms are too coarse for 20 ms."""
    nanoseconds = 0
    for process in family:
        for task in Path(f"/proc/{process.pid}/task").iterdir():
            nanoseconds += int((task / "schedstat").read_text().split()[0])
    return nanoseconds / 1e9


def _killed(settings: Settings) -> Row:
    """Kill the owner of jobs on the real server, and ask the server until their boards are free."""
    from spalloc_client.sandbox import Sandbox
    from spalloc_client.server import Server

    delays: dict[str, list[float]] = {"reference": [], "ours": []}
    patience = 1.0 if settings.small else 10.0
    with ExitStack() as stack:
        sandbox = stack.enter_context(Sandbox(boards=24, power_on_seconds=0.0))
        port = stack.enter_context(serving("version_proxy.py", sandbox.port))
        server = stack.enter_context(Server("127.0.0.1", sandbox.port, timeout=10.0, reconnect_delay=0.1))
        for kind, python, rounds in (("ours", settings.ours, 10), ("reference", settings.reference, 1)):
            for _ in range(settings.rounds(rounds) if kind == "ours" else 1):
                with _owner(python, port, 3) as owner:
                    owner.send_signal(signal.SIGKILL)
                    begun = time.perf_counter()
                    while server.jobs() and time.perf_counter() - begun < patience:
                        time.sleep(0.002)
                    delays[kind].append(time.perf_counter() - begun)
                for job in server.jobs():
                    server.destroy_job(job.id, "left behind by a benchmark")
    ours, reference = sorted(delays["ours"])[len(delays["ours"]) // 2], delays["reference"][0]
    return Row(
        "owner of 3 jobs killed, until the real server has their boards back",
        "s",
        None,
        None if reference >= patience else reference,
        ours,
        **at_most(ours, 0.2, "at most 0.2 s"),
        notes="the reference: not in 10 s, but when the keepalive has run out" if reference >= patience else "",
    )
