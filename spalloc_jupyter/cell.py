"""The lines of a cell under ``%%spalloc``: run as a cell of their own, whose error becomes the cell's."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING

from spalloc_jupyter.errors import usage_error

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell


def check_lines(shell: "InteractiveShell", lines: str) -> None:
    """Raise what keeps the lines from being run, before anything is asked for on their behalf.

    Raises
    ------
    SyntaxError
        If it stands there.
    UsageError
        If they await something where an event loop runs the cell already, as in a kernel.
    """
    source = shell.transform_cell(lines)  # type: ignore[no-untyped-call] # untyped there
    shell.compile.ast_parse(source, filename="<cell>")
    if _a_loop_runs() and shell.should_run_async(lines, transformed_cell=source):
        usage_error(
            "%%spalloc: the lines below await something, which they cannot do in the kernel's event loop; "
            "begin the cell with “async with Job(…) as job:” instead"
        )


def _a_loop_runs() -> bool:
    import asyncio

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def run_lines(shell: "InteractiveShell", lines: str) -> None:
    """Run lines as a cell does, and raise what they raise; it is shown once, with the lines' own traceback."""
    with _silent_about_errors(shell):
        result = shell.run_cell(lines, store_history=False)  # type: ignore[no-untyped-call] # untyped there
    error = result.error_before_exec or result.error_in_exec
    if error is None:
        return
    if not hasattr(error, "_render_traceback_"):
        # Rendered now, before the frames between the cell and its lines are added to it.
        rendered = shell.InteractiveTB.structured_traceback(type(error), error, error.__traceback__, tb_offset=1)
        vars(error)["_render_traceback_"] = lambda: rendered
    result.raise_error()


@contextmanager
def _silent_about_errors(shell: "InteractiveShell") -> Iterator[None]:
    """Have the shell show no traceback: the error will be the outer cell's, which shows it."""
    before = shell.custom_exceptions, shell.CustomTB
    shell.set_custom_exc((BaseException,), _show_nothing)  # type: ignore[no-untyped-call] # untyped there
    try:
        yield
    finally:
        shell.custom_exceptions, shell.CustomTB = before


def _show_nothing(
    shell: "InteractiveShell",
    kind: type[BaseException],
    error: BaseException,
    trace: TracebackType | None,
    tb_offset: int | None = None,
) -> list[str]:
    """Handle an exception as a shell's custom handler does, without a word."""
    del shell, kind, error, trace, tb_offset
    return []
