"""Run a notebook without a browser: ``python -m spalloc_client.scripts.sandbox_notebook NOTEBOOK``.

What its cells say is printed; the file stays as it is. The exit code is 1 when a cell fails.
"""

import asyncio
import os
import re
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spalloc_client.sandbox.parent import when_ended

if TYPE_CHECKING:
    from nbclient import NotebookClient

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_INTERRUPTED = 130


def run_notebook(file: Path) -> int:
    """Run all cells of a notebook and return the exit code."""
    import nbformat
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError

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
    signals: list[int] = []
    try:
        asyncio.run(_execute(client, signals))
    except CellExecutionError as error:
        print(f"spalloc-sandbox: {file} failed: {error.ename}: {error.evalue}", file=sys.stderr)
        return 1
    except RuntimeError as error:  # so nbclient says that a kernel died, or did not come up
        if signals:
            return _INTERRUPTED
        print(f"spalloc-sandbox: {file} failed: {error}", file=sys.stderr)
        return 1
    return 0


async def _execute(client: "NotebookClient", signals: list[int]) -> None:
    """Run it, and let the signals that end a program end it in good order; nbclient's own way ends in an assertion.

    Whichever comes is put into `signals`; nbclient then says that the kernel died.
    """
    task, loop = asyncio.current_task(), asyncio.get_running_loop()
    assert task is not None

    def end(number: int) -> None:
        signals.append(number)
        task.cancel()

    def follow_signals(**_rest: object) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, end, number)

    client.on_notebook_start = follow_signals
    await client.async_execute()


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


def _end() -> None:
    os.kill(os.getpid(), signal.SIGTERM)


def main() -> int:
    """Run the notebook named on the command line and return the exit code."""
    when_ended(os.getppid(), _end)
    try:
        return run_notebook(Path(sys.argv[1]))
    except (KeyboardInterrupt, asyncio.CancelledError):
        return _INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())
