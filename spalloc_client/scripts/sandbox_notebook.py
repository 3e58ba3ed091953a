"""Run a notebook without a browser: ``python -m spalloc_client.scripts.sandbox_notebook NOTEBOOK``.

What its cells say is printed; the file stays as it is. The exit code is 1 when a cell fails.
"""

import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def run_notebook(file: Path) -> int:
    """Run all cells of a notebook and return the exit code."""
    try:
        notebook = nbformat.read(file, as_version=4)  # type: ignore[no-untyped-call] # it has no types
    except (OSError, ValueError) as error:
        print(f"spalloc-sandbox: {file} cannot be read as a notebook: {error}", file=sys.stderr)
        return 1
    client = NotebookClient(
        notebook,
        timeout=None,
        kernel_name="python3",
        resources={"metadata": {"path": str(file.resolve().parent)}},
        on_cell_executed=_print_outputs,
    )
    try:
        client.execute()
    except CellExecutionError as error:
        print(f"spalloc-sandbox: {file} failed: {error.ename}: {error.evalue}", file=sys.stderr)
        return 1
    except DeadKernelError:
        print(f"spalloc-sandbox: {file} failed: its kernel died.", file=sys.stderr)
        return 1
    return 0


def _print_outputs(*, cell: Mapping[str, Any], **_rest: object) -> None:
    for output in cell.get("outputs", ()):
        match output["output_type"]:
            case "stream":
                print(output["text"], end="", file=sys.stderr if output["name"] == "stderr" else sys.stdout)
            case "error":
                print(_COLOUR.sub("", "\n".join(output["traceback"])), file=sys.stderr)
            case _:
                print(output["data"].get("text/plain", ""))
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(run_notebook(Path(sys.argv[1])))
