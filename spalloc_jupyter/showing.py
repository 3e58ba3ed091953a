"""Shows what a magic returns, once: in the cell, wherever the magic stands in it."""

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

_BUNDLES = {
    ("spalloc_client.commands.job", "JobReport"): "report_bundle",
    ("spalloc_client.commands.machine", "MachineLoad"): "machine_bundle",
    ("spalloc_client.records", "Location"): "location_bundle",
}
_TABLES = (("spalloc_jupyter.tables", "Records"),)

_shown: list[tuple[object, int]] = []
"""What was shown last, and in which cell."""


def show(value: object, shell: "InteractiveShell") -> None:
    """Show a value in the cell that runs; that it is the value of that cell, too, then shows nothing more.

    A terminal has no cells: it shows what a line returns.
    """
    from IPython.display import display

    if getattr(shell, "kernel", None) is not None:
        display(value)  # type: ignore[no-untyped-call]
        _shown[:] = [(value, shell.execution_count)]


def teach(shell: "InteractiveShell") -> None:
    """Have a shell show our values as tables and maps; nothing is imported before there are any."""
    formatter: Any = shell.display_formatter  # a shell that runs cells has one
    for (module, name), bundle in _BUNDLES.items():
        formatter.formatters["text/html"].for_type_by_name(module, name, _as_html(bundle))
        formatter.formatters["text/plain"].for_type_by_name(module, name, _as_text(bundle))
    for module, name in (*_BUNDLES, *_TABLES):
        formatter.ipython_display_formatter.for_type_by_name(module, name, _unless_shown(shell))


def _bundle(name: str, value: object) -> dict[str, str]:
    made: dict[str, str] = getattr(import_module("spalloc_jupyter.results"), name)(value)
    return made


def _as_html(bundle: str) -> Callable[[object], str]:
    return lambda value: _bundle(bundle, value)["text/html"]


def _as_text(bundle: str) -> Callable[[object, Any, bool], None]:
    def write(value: object, printer: Any, cycle: bool) -> None:
        del cycle  # records hold no records
        printer.text(_bundle(bundle, value)["text/plain"])

    return write


def _unless_shown(shell: "InteractiveShell") -> Callable[[object], None]:
    def display_nothing(value: object) -> None:
        if not any(value is shown and cell == shell.execution_count for shown, cell in _shown):
            raise NotImplementedError  # by which IPython goes on to the other ways of showing it

    return display_nothing
