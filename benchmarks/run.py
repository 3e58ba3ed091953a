"""Measures this project beside the reference client and the floor, and writes tables of it.

``python benchmarks/run.py`` makes an environment for each of the two clients (kept in ``~/.cache/spalloc-benchmarks``),
measures everything, which takes about a quarter of an hour, and writes ``RESULTS.md`` and ``results.json``.
"""

import argparse
import importlib
import sys
import tempfile
from pathlib import Path

import environments
import tables
from measure import Row, Settings, machine, on_all_cores, on_one_core

GROUPS = {
    "starting": "Starting",
    "calling": "Calling",
    "waiting": "Waiting",
    "keeping": "Keeping alive",
    "notebooks": "Notebooks",
    "kernels": "Kernels",
    "crowd": "A crowded machine",
    "pages": "Pages",
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--small", action="store_true", help="few rounds, in the Python that runs: to see that it works"
    )
    parser.add_argument(
        "--only", nargs="+", choices=GROUPS, metavar="NAME", default=list(GROUPS), help=", ".join(GROUPS)
    )
    parser.add_argument("--out", type=Path, default=Path(__file__).parent, help="the directory for the tables")
    parser.add_argument("--here", action="store_true", help="measure the project in the Python that runs")
    arguments = parser.parse_args()
    facts = machine()
    with tempfile.TemporaryDirectory() as directory:
        ours = environments.ours(fresh=not (arguments.small or arguments.here))
        settings = Settings(ours, environments.reference(), arguments.small, Path(directory))
        facts |= versions(settings)
        # Kernels and browsers need all the cores there are; the rest takes turns on one.
        found: dict[str, list[Row]] = {}
        for name in arguments.only:
            if name in ("kernels", "crowd", "pages"):
                on_all_cores()
            else:
                on_one_core()
            print(f"{GROUPS[name]} …", file=sys.stderr)
            found[GROUPS[name]] = importlib.import_module(name).rows(settings)
            for row in found[GROUPS[name]]:
                print(tables.line(row), end="", flush=True)
    tables.write(arguments.out, found, facts)
    return 0


def versions(settings: Settings) -> dict[str, str]:
    import subprocess

    asked = "import importlib.metadata as m; print(m.version({!r}))"
    return {
        name: subprocess.run(
            [python, "-c", asked.format(package)], check=True, capture_output=True, text=True
        ).stdout.strip()
        for name, python, package in (
            ("this project", settings.ours, "spalloc-jupyter"),
            ("reference (spalloc)", settings.reference, "spalloc"),
        )
    }


if __name__ == "__main__":
    sys.exit(main())
