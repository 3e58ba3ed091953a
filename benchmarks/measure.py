"""Taking measurements: workers that take turns on one core, and what their numbers amount to."""

import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import NamedTuple, Self

HERE = Path(__file__).parent
CORES = sorted(os.sched_getaffinity(0))
CORE = CORES[-1]
SERVER_CORES = {"the same core": CORE} | ({"another core": CORES[0]} if CORES[1:] else {})
"""Where a server can be, seen from its clients."""


class Row(NamedTuple):
    """One line of the table; numbers are in `unit`, None where there is nothing to measure."""

    what: str
    unit: str
    floor: float | None = None
    reference: float | None = None
    ours: float | None = None
    goal: str = ""
    met: bool | None = None
    notes: str = ""


class Settings(NamedTuple):
    """With what to measure."""

    ours: Path
    """The Python of the environment that this project is installed in."""
    reference: Path
    """The Python of the environment with the reference client; both are the same in a small run without one."""
    small: bool
    directory: Path
    """For files that are needed meanwhile."""

    def rounds(self, many: int) -> int:
        return 2 if self.small else many


def on_one_core(core: int = CORE) -> None:
    os.sched_setaffinity(0, {core})


def on_all_cores() -> None:
    os.sched_setaffinity(0, CORES)


def start(python: Path | str, program: str, *words: object, core: int | None = CORE) -> subprocess.Popen[str]:
    """Start a program of ours that prints its answers and reads its orders, line by line."""
    return subprocess.Popen(
        [str(python), str(HERE / program), *map(str, words)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd="/",  # the reference would find our modules where they lie
        preexec_fn=None if core is None else partial(on_one_core, core),  # noqa: PLW1509 - there are no threads here
    )


@contextmanager
def serving(program: str, *words: object, core: int = CORE) -> Iterator[int]:
    """Run a server until the block ends; yields its port."""
    with start(sys.executable, program, *words, core=core) as process:
        try:
            yield int(process.stdout.readline())
        finally:
            process.kill()


class Worker:
    """A probe in a process of its own: each line that it is sent makes it measure once, and print what it found."""

    def __init__(self, python: Path, probe: str, *words: object) -> None:
        self._name = f"{probe} {' '.join(map(str, words))}"
        self._process = start(python, f"probes/{probe}.py", *words)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.stdin.close()
        if self._process.wait(60) != 0:
            raise RuntimeError(f"the probe failed: {self._name}")

    def measure(self) -> float:
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the probe failed: {self._name}")
        return json.loads(line)


def interleaved(tasks: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, list[float]]:
    """Let tasks take turns, so that what disturbs one disturbs all; return what each found.

    What a task returns is its measurement; if it returns None, the seconds that it took are.
    """
    found: dict[str, list[float]] = {name: [] for name in tasks}
    for _ in range(rounds):
        for name, task in tasks.items():
            begun = time.perf_counter()
            value = task()
            found[name].append(time.perf_counter() - begun if value is None else value)
    return found


def medians(found: Mapping[str, Sequence[float]]) -> dict[str, float]:
    return {name: statistics.median(values) for name, values in found.items()}


def percentile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def at_most(value: float, limit: float, words: str) -> dict[str, object]:
    """Return the goal of a row whose number should not exceed a limit."""
    return {"goal": words, "met": value <= limit}


def at_least(value: float, limit: float, words: str) -> dict[str, object]:
    return {"goal": words, "met": value >= limit}


def machine() -> dict[str, str]:
    """Return what the numbers depend on; not the computer's name."""
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        names = [line.partition(":")[2].strip() for line in cpuinfo.read_text().splitlines() if "model name" in line]
        model = names[0] if names else model
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "processor": model,
        "cores": str(os.cpu_count()),
        "system": f"{platform.system()} {platform.release().split('-')[0]}",
        "Python": platform.python_version(),
        "load at the start": f"{os.getloadavg()[0]:.1f}",
    }
