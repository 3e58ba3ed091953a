"""A machine's view in a kernel, open for minutes, while 400 jobs change 20 times a second."""

import contextlib
import itertools
import queue
import threading
import time
from bisect import bisect_right
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import kernels
import psutil
from measure import Row, Settings, at_most, serving

JOBS, BOARDS, CHANGES = 400, 1200, 20
WARM = 20.0  # seconds, in which caches fill up and places of boards are asked for


def rows(settings: Settings) -> list[Row]:
    from spalloc_client.protocol_client import ProtocolClient

    seconds, warm = (3.0, 2.0) if settings.small else (300.0, WARM)
    with ExitStack() as stack:
        port = stack.enter_context(serving("scripted_server.py", JOBS, BOARDS))
        server = stack.enter_context(ProtocolClient("127.0.0.1", port, timeout=30))
        found = {"SPALLOC_HOSTNAME": "127.0.0.1", "SPALLOC_PORT": str(port), "SPALLOC_OWNER": "owner1@example.org"}
        manager, client = stack.enter_context(kernels.kernel(settings, found))
        kernel = psutil.Process(manager.provisioner.pid)
        kernels.run(client, "%load_ext spalloc_jupyter\nshown = %spalloc_machine machine")
        arrivals = stack.enter_context(_arrivals(client))
        server.call("bench_churn", CHANGES)
        time.sleep(warm)
        server.call("bench_listed_at")
        arrivals.clear()
        before, memory = _processor_time(kernel), kernel.memory_full_info().uss
        time.sleep(seconds)
        busy = (_processor_time(kernel) - before) / seconds
        grown = (kernel.memory_full_info().uss - memory) / 2**20
        ages = _ages(server.call("bench_listed_at"), list(arrivals))
    what = f"machine view of {BOARDS:,} boards, {JOBS} jobs, {CHANGES} changes a second, {seconds:.0f} s"
    return [
        Row(
            f"{what}: the kernel's processor time",
            "% of a core",
            None,
            None,
            100 * busy,
            **at_most(busy, 0.1, "below 10 %"),
        ),
        Row(
            f"{what}: growth of the kernel's memory",
            "MiB",
            None,
            None,
            grown,
            **at_most(grown, 1.0, "flat: at most 1 MiB"),
        ),
        Row(
            f"{what}: the oldest event that was not yet sent to the page",
            "s",
            None,
            None,
            max(ages),
            **at_most(max(ages), 0.5, "at most 0.5 s"),
            notes=f"{len(ages) / seconds:.1f} readings a second",
        ),
    ]


@contextmanager
def _arrivals(client: Any) -> Iterator[list[float]]:
    """Note when readings have reached the page's end of the line, as long as the block lasts; a beat ends each."""
    found: list[float] = []
    over = threading.Event()

    def listen() -> None:
        while not over.is_set():
            with contextlib.suppress(queue.Empty):
                message = client.get_iopub_msg(timeout=0.2)
                if "heard_at" in message["content"].get("data", {}).get("state", {}):
                    found.append(time.monotonic())

    listening = threading.Thread(target=listen)
    listening.start()
    try:
        yield found
    finally:
        over.set()
        listening.join()


def _processor_time(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system


def _ages(asked: list[float], arrived: list[float]) -> list[float]:
    """Return how old the oldest event is that each reading brought to the page.

    What happened since the list before was asked for is in this one, and is there when its beat has come.
    """
    ages = []
    for last, this in itertools.pairwise(asked):
        number = bisect_right(arrived, this)
        if number < len(arrived):
            ages.append(arrived[number] - last)
    return ages
