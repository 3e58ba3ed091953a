"""What cells show of the kernel's jobs, by name: the live panel, or the facts where there are no widgets."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from spalloc_client.commands.alloc import Progress
from spalloc_client.job import Job
from spalloc_jupyter.plain_panels import StaticPanel, TerminalPanel
from spalloc_jupyter.showing import cell_id, is_notebook

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from spalloc_jupyter.job_panel import JobPanel


class Panel(Protocol):
    """What shows one job."""

    def show(self) -> None:
        """Begin to show it in the cell that runs."""

    def follow(self, progress: Progress) -> None:
        """Show how far the wait for it has come."""

    def ready(self) -> None:
        """Show that the wait is over."""

    def finish(self) -> None:
        """Let the facts stay as they are now."""

    def close(self) -> None:
        """Take it away."""


class WidgetPanel:
    """The widget, which hears of everything from the server and needs to be told nothing."""

    def __init__(self, panel: "JobPanel") -> None:
        self._panel = panel

    def show(self) -> None:
        """Begin to show it in the cell that runs."""
        self._panel.show()

    def follow(self, progress: Progress) -> None:
        """Leave it to the widget."""

    def ready(self) -> None:
        """Leave it to the widget."""

    def finish(self) -> None:
        """Let the facts stay as they are now."""
        self._panel.finish()

    def close(self) -> None:
        """Take it away."""
        self._panel.close()


@dataclass(slots=True)
class _Shown:
    panel: Panel
    job: Job
    cell: str | None


_shown: dict[str, _Shown] = {}


def show(job: Job, name: str, shell: "InteractiveShell") -> Panel:
    """Show a job in the cell that runs, and return what shows it.

    A panel that there is already is shown again: both views follow one model.
    """
    shown = _shown.get(name)
    if shown is None or shown.job is not job:
        put_away(name, shell)
        shown = _shown[name] = _Shown(_make(job, name, shell), job, None)
    shown.cell = cell_id(shell)
    shown.panel.show()
    return shown.panel


def put_away(name: str, shell: "InteractiveShell") -> None:
    """Follow the job of that name no longer; its facts stay, unless the cell that they are in runs again."""
    shown = _shown.pop(name, None)
    if shown is None:
        return
    if shown.cell is None or shown.cell != cell_id(shell):
        shown.panel.finish()
    else:
        shown.panel.close()


def _make(job: Job, name: str, shell: "InteractiveShell") -> Panel:
    if not is_notebook(shell):
        return TerminalPanel(job, name)
    try:
        from spalloc_jupyter.job_panel import JobPanel
    except ImportError:  # there is no ipywidgets
        return StaticPanel(job, name)
    return WidgetPanel(JobPanel(job, name))
