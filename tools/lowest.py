"""Make a virtual environment with the lowest versions that pyproject.toml allows, so that the tests can run in it.

    .venv/bin/python tools/lowest.py [DIRECTORY]    DIRECTORY is build/lowest if it is not given

What a dependency depends on itself is as new as it comes: only our own lower bounds are promises of ours.
"""

import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
EXTRA = "test"
NOT_TRUE = """\
lowest.py: these versions cannot be installed together, so a lower bound in pyproject.toml is not true. The lines above
name it: it was never released, has no wheel for this Python, or something else asks for a newer one. Raise it."""


def requirements(project: dict[str, Any], extra: str | None = None) -> list[Requirement]:
    """Return what the project needs, and what one of its extras adds, other extras of the project included."""
    listed = project["optional-dependencies"][extra] if extra else project["dependencies"]
    found = []
    for requirement in map(Requirement, listed):
        if requirement.name == project["name"]:
            found += [further for name in requirement.extras for further in requirements(project, name)]
        else:
            found.append(requirement)
    return found


def constraints(project: dict[str, Any]) -> list[str]:
    """Return ``name==lower bound`` for each requirement that has one."""
    needed = [*requirements(project), *requirements(project, EXTRA)]
    bounds = {(item.name, limit.version) for item in needed for limit in item.specifier if limit.operator == ">="}
    return [f"{name}=={version}" for name, version in sorted(bounds)]


def main() -> None:
    """Make the environment, or say what stands in the way."""
    directory = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "build" / "lowest"
    if directory.exists() and not (directory / "pyvenv.cfg").is_file():
        sys.exit(f"lowest.py: {directory} is there and no virtual environment; name another directory")
    lines = constraints(tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"])
    subprocess.run([sys.executable, "-m", "venv", "--clear", directory], check=True)  # noqa: S603 - our own command
    bounds = directory / "constraints.txt"
    bounds.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    sys.stdout.write(f"lowest.py: installing into {directory}: {', '.join(lines)}\n")
    sys.stdout.flush()
    install = [str(directory / "bin" / "python"), "-m", "pip", "install", "--disable-pip-version-check", "--use-pep517"]
    done = subprocess.run(  # noqa: S603 - our own command
        [*install, "-c", bounds, "-e", f"{ROOT}[{EXTRA}]"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(f"{done.stdout[done.stdout.find('ERROR:') :]}\n{NOT_TRUE}")


if __name__ == "__main__":
    main()
