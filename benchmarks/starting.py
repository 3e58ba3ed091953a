"""Starts: importing the library, and running the commands."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from measure import Row, Settings, at_most, interleaved, medians, on_one_core, serving

COMMANDS = ("spalloc", "spalloc-job", "spalloc-ps", "spalloc-machine", "spalloc-where-is")


def rows(settings: Settings) -> list[Row]:
    return [
        _compared(settings, "import spalloc_client", ["-c", "import spalloc_client"], None, 0.5),
        _compared(
            settings,
            "from spalloc_client import Job",
            ["-c", "from spalloc_client import Job"],
            None,
            1.0,
            goal="below the reference",
        ),
        _compared(settings, "spalloc-ps --version", [], ("spalloc-ps", "--version"), 0.6),
        *(_compared(settings, f"{name} --help", [], (name, "--help"), 0.6) for name in COMMANDS),
        *_looking(settings),
    ]


def _compared(
    settings: Settings,
    what: str,
    python_words: list[str],
    command: tuple[str, ...] | None,
    limit: float,
    *,
    goal: str = "",
    environ: dict[str, str] | None = None,
) -> Row:
    """Start a program of each environment in turns; the floor is an interpreter that does nothing."""
    tasks = {"floor": _program([str(settings.ours), "-c", ""], environ)}
    for kind, python in (("reference", settings.reference), ("ours", settings.ours)):
        words = [str(python), *python_words] if command is None else [str(python.parent / command[0]), *command[1:]]
        tasks[kind] = _program(words, environ)
    numbers = medians(interleaved(tasks, settings.rounds(21)))
    ratio = numbers["ours"] / numbers["reference"]
    return Row(
        what,
        "ms",
        *(1e3 * numbers[kind] for kind in ("floor", "reference", "ours")),
        **at_most(ratio, limit, goal or f"at most {limit} of the reference"),
        notes=f"{ratio:.2f} of the reference",
    )


def _program(words: list[str], environ: dict[str, str] | None) -> Callable[[], None]:
    settings = {**os.environ, **(environ or {})}

    def run() -> None:
        subprocess.run(words, check=True, stdout=subprocess.DEVNULL, cwd="/", env=settings, preexec_fn=on_one_core)

    return run


def _looking(settings: Settings) -> list[Row]:
    jobs, boards = (40, 120) if settings.small else (400, 1200)
    nowhere = {"XDG_CONFIG_HOME": str(settings.directory), "XDG_CONFIG_DIRS": str(settings.directory)}
    with serving("scripted_server.py", jobs, boards) as port:
        there = ["--hostname", "127.0.0.1", "--port", str(port)]
        return [
            _compared(settings, f"spalloc-ps, {jobs} jobs", [], ("spalloc-ps", *there), 1.0, environ=nowhere),
            _compared(
                settings,
                f"spalloc-machine machine, {boards} boards and {jobs} jobs",
                [],
                ("spalloc-machine", "machine", *there),
                1.0,
                environ=nowhere,
            ),
        ]


def imported(python: Path, module: str) -> str:
    """Return what takes how long while a module is imported; for people who look for a cause."""
    words = [str(python), "-X", "importtime", "-c", f"import {module}"]
    return subprocess.run(words, check=True, capture_output=True, text=True).stderr


if __name__ == "__main__":
    print(imported(Path(sys.executable), sys.argv[1] if len(sys.argv) > 1 else "spalloc_client"))
