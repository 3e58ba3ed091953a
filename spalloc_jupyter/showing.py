"""Shows what a magic returns, once: in the cell, wherever the magic stands in it."""

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from IPython.display import display

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


class View(Protocol):
    """A live view."""

    def show(self) -> None:
        """Display it in the cell that runs."""

    def close(self) -> None:
        """Take it away."""


class Seen(NamedTuple):
    """A value, and a live view of it for front ends that have widgets; making the view fails where there are none."""

    value: object
    view: Callable[[], View]


class _Open(NamedTuple):
    view: View
    cell: str
    run: int


_open: list[_Open] = []


def show(seen: object, shell: "InteractiveShell") -> object:
    """Show a value in the cell that runs, and return it; that it is the value of that cell, too, shows nothing more.

    A terminal has no cells: it shows what a line returns.
    """
    value = seen.value if isinstance(seen, Seen) else seen
    if value is None or not is_notebook(shell):
        return value
    if not (isinstance(seen, Seen) and _show_live(seen.view, shell)):
        display(value)  # type: ignore[no-untyped-call] # untyped there
    _shown[:] = [(value, shell.execution_count)]
    return value


def _show_live(make: Callable[[], View], shell: "InteractiveShell") -> bool:
    """Show a live view; False where there are no widgets. Views that a cell showed when it ran before are closed."""
    cell = cell_id(shell)
    for other in [*_open]:
        if other.cell == cell and other.run != shell.execution_count:
            other.view.close()
            _open.remove(other)
    try:
        view = make()
    except ImportError:  # there is no ipywidgets
        return False
    view.show()
    if cell is not None:
        _open.append(_Open(view, cell, shell.execution_count))
    return True


def is_notebook(shell: "InteractiveShell") -> bool:
    """Tell whether a shell's outputs are more than text."""
    return getattr(shell, "kernel", None) is not None


def cell_id(shell: "InteractiveShell") -> str | None:
    """Return the id of the cell that runs, where the front end tells it."""
    get_parent = getattr(shell, "get_parent", None)
    metadata = get_parent().get("metadata", {}) if get_parent is not None else {}
    cell = metadata.get("cellId")
    return cell if isinstance(cell, str) else None


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
