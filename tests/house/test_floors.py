"""Imports go down the floors of the house only, and the ground floor stays light."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# From the ground up. A module may import from its own floor's modules above it in this list, and from lower floors.
FLOORS = (
    ("exceptions", "states", "deadline", "forking", "log"),
    ("options", "wire", "version", "records", "geometry"),
    ("config", "notifications", "transport", "wish"),
    ("turns", "connection", "protocol_commands"),
    ("protocol_client", "dialect", "request", "queue_position", "avoidance"),
    ("server",),
    ("guardian_link", "guardian_start", "guardian_process", "guardian_keeper", "guardian"),
    ("claim",),
    ("job_facts", "job_scope"),
    ("job",),
    ("boot",),
    ("sandbox",),
    ("commands",),
    ("scripts",),
)
FLOOR_OF = {name: floor for floor, names in enumerate(FLOORS) for name in names}


def imports_of(path: Path) -> set[str]:
    """Return the dotted names of this project's modules that a file imports, wherever in the file."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            module = node.module or ""
            found.add(module)
            if module in ("spalloc_client", "spalloc_jupyter"):
                found.update(f"{module}.{alias.name}" for alias in node.names)
    return {name for name in found if name.split(".")[0] in ("spalloc_client", "spalloc_jupyter")}


def client_modules() -> list[Path]:
    return sorted(
        path
        for path in (ROOT / "spalloc_client").rglob("*.py")
        if path.name != "__init__.py" or path.parent.name != "spalloc_client"
    )


def room(path: Path) -> str:
    """Return the module or subpackage directly below spalloc_client that a file belongs to."""
    return path.relative_to(ROOT / "spalloc_client").parts[0].removesuffix(".py")


@pytest.mark.parametrize("path", client_modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_of_the_client_imports_from_lower_floors_only(path):
    own = room(path)
    assert own in FLOOR_OF, f"put {own} on a floor"
    for name in imports_of(path):
        parts = name.split(".")
        assert parts[0] == "spalloc_client", f"{path} imports {name}: the client knows nothing of the notebook"
        if len(parts) == 1 or parts[1] not in FLOOR_OF or parts[1] == own:
            continue
        floor, above = FLOOR_OF[own], FLOOR_OF[parts[1]]
        assert above < floor or (above == floor and own != parts[1]), f"{path} imports {name}, which is above it"


def test_there_is_no_cycle():
    packages = ("spalloc_client", "spalloc_jupyter")
    paths = {
        path: ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for package in packages
        for path in (ROOT / package).rglob("*.py")
    }
    graph = {name: imports_of(path) & set(paths.values()) - {name} for path, name in paths.items()}
    # A package's own __init__ is loaded before its modules, and does not count as their import.
    graph = {name: {one for one in uses if not name.startswith(one + ".")} for name, uses in graph.items()}
    done, path = set(), []

    def visit(name):
        assert name not in path, " → ".join([*path[path.index(name) :], name])
        if name in done:
            return
        path.append(name)
        for used in graph.get(name, ()):
            visit(used)
        path.pop()
        done.add(name)

    for name in graph:
        visit(name)


@pytest.mark.parametrize(
    ("package", "heavy"),
    [
        ("spalloc_client", "rich argparse IPython numpy asyncio matplotlib platformdirs subprocess"),
        ("spalloc_jupyter", "ipywidgets matplotlib numpy rich spalloc_server"),
    ],
)
def test_nothing_heavy_is_imported_before_it_is_needed(package, heavy):
    program = f"import {package}, sys; print(*sys.modules)"
    unmeasured = {**os.environ, "COVERAGE_PROCESS_CONFIG": ""}  # measuring coverage loads much itself
    command = [sys.executable, "-c", program]
    modules = subprocess.run(command, env=unmeasured, capture_output=True, text=True, check=True).stdout.split()
    assert set(heavy.split()) & set(modules) == set()
