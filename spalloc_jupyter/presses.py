"""Buttons whose presses arrive also while a cell computes, and whose work is done beside it."""

import logging
import threading
from collections.abc import Callable, Sequence
from typing import Any, Final

import ipywidgets

__all__ = ["AWAY", "Buttons", "close_widget", "let_presses_through", "show_if", "work"]

AWAY: Final = "spalloc-away"
"""The style sheet's class of what is not to be seen now."""

_log = logging.getLogger(__name__)


class Buttons:
    """Makes the buttons of one panel, and the rows they stand in.

    They share a layout and a style: each widget more is one that the kernel has to send and the page to make.

    Parameters
    ----------
    layout
        The layout to share; whoever gives it closes it.
    prepare
        Called with each button, before anybody can press it.
    """

    def __init__(self, layout: ipywidgets.Layout, prepare: Callable[[ipywidgets.Widget], None]) -> None:
        self._layout = layout
        self._prepare = prepare
        self._style = ipywidgets.ButtonStyle()
        self._made: list[ipywidgets.DOMWidget] = []

    def button(
        self,
        label: str,
        icon: str,
        tooltip: str,
        pressed: Callable[[], None],
        *classes: str,
        disabled: bool = False,
    ) -> ipywidgets.Button:
        """Return a button.

        Parameters
        ----------
        label
            What stands on it.
        icon
            Which of the style sheet's icons stands before that: on, off, reset, destroy or keep.
        tooltip
            What it does.
        pressed
            Called at each press, in whatever thread the kernel chooses; it must return at once.
        *classes
            More of the style sheet's classes.
        disabled
            Whether it cannot be pressed at first.
        """
        names = ("spalloc-button", f"spalloc-button-{icon}", *classes)
        made = ipywidgets.Button(
            description=label,
            tooltip=tooltip,
            disabled=disabled,
            layout=self._layout,
            style=self._style,
            _dom_classes=names,
        )
        made.on_click(lambda _: pressed())
        self._prepare(made)
        self._made.append(made)
        return made

    def row(self, children: Sequence[ipywidgets.Widget], name: str) -> ipywidgets.HBox:
        """Return a row of widgets that has one of the style sheet's classes."""
        made = ipywidgets.HBox(children, layout=self._layout, _dom_classes=(name,))
        self._made.append(made)
        return made

    def close(self) -> None:
        """Close all that was made; nothing may contain it any more."""
        for one in (*reversed(self._made), self._style):
            one.close()


def show_if(widget: ipywidgets.DOMWidget, wanted: bool) -> None:
    """Show a widget, or take it out of the page's flow."""
    (widget.remove_class if wanted else widget.add_class)(AWAY)


def let_presses_through(widget: ipywidgets.Widget) -> None:
    """Let messages to a widget arrive while a cell computes, where the kernel would hold them back.

    From 7.4 on, ipykernel hands a message from the page to the shell that the widget last sent something from, which is
    the one that the cell keeps busy. This leaves messages where the page sent them: in a subshell, if it has one.
    It relies on a private method; where there is none, nothing is changed.
    """
    comm: Any = widget.comm  # untyped
    if callable(getattr(comm, "_reply_subshell_for", None)):
        comm._reply_subshell_for = lambda _data, default: default  # noqa: SLF001 - there is no public way


def close_widget(widget: ipywidgets.DOMWidget) -> None:
    """Close a widget with all that belongs to it alone."""
    style = getattr(widget, "style", None)
    if isinstance(style, ipywidgets.Widget):
        style.close()
    widget.layout.close()
    widget.close()


def work(task: Callable[[], None], name: str) -> None:
    """Do something in a thread of its own, which no kernel waits for at its end."""
    threading.Thread(target=_guarded, args=(task,), name=f"spalloc {name}", daemon=True).start()


def _guarded(task: Callable[[], None]) -> None:
    try:
        task()
    except Exception:  # noqa: BLE001 - a notebook shows nobody what a thread raises
        _log.exception("a view could not be brought up to date")
