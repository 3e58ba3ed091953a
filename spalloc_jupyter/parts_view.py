"""The part of a live view that is looked at: HTML in parts, each sent only when it changes."""

from collections.abc import Mapping

import anywidget
import traitlets

from spalloc_jupyter.markup import STATIC, without_times

__all__ = ["JobListView", "JobView", "MachineView", "PartsView"]


class PartsView(anywidget.AnyWidget):
    """Parts of a page, one trait each, and the beat by which the browser knows that the kernel lives.

    One thread writes at a time; its owner sees to that.
    """

    _esm = STATIC / "panel.js"
    _css = STATIC / "panel.css"

    parts = traitlets.List(traitlets.Unicode()).tag(sync=True)
    """The names of the parts, from top to bottom; each is a trait with HTML in it, but ``map`` names another widget."""
    spoken = traitlets.Unicode("").tag(sync=True)
    """What a screen reader is to say."""
    now = traitlets.Float(0.0).tag(sync=True)
    """The kernel's clock at the last beat, in seconds since 1970 (UTC)."""
    heard_at = traitlets.Float(0.0).tag(sync=True)
    """When the server last answered; 0 for never."""
    trouble = traitlets.Unicode("").tag(sync=True)
    """Why the server cannot be asked; empty while it can."""
    over = traitlets.Bool(False).tag(sync=True)
    """Nothing more will come."""
    presses = traitlets.Int(0).tag(sync=True)
    """How many presses of buttons the kernel has taken in."""

    def show(self, parts: Mapping[str, str]) -> None:
        """Set the parts; those that did not change are not sent."""
        for name, html in parts.items():
            setattr(self, name, html if self.over else without_times(html))


class JobView(PartsView):
    """One job."""

    head = traitlets.Unicode("").tag(sync=True)
    steps = traitlets.Unicode("").tag(sync=True)
    facts = traitlets.Unicode("").tag(sync=True)
    map = traitlets.Unicode("").tag(sync=True)
    chips = traitlets.Unicode("").tag(sync=True)
    changes = traitlets.Unicode("").tag(sync=True)
    notice = traitlets.Unicode("").tag(sync=True)


class MachineView(PartsView):
    """One machine."""

    head = traitlets.Unicode("").tag(sync=True)
    load = traitlets.Unicode("").tag(sync=True)
    map = traitlets.Unicode("").tag(sync=True)
    jobs = traitlets.Unicode("").tag(sync=True)
    queue = traitlets.Unicode("").tag(sync=True)
    notice = traitlets.Unicode("").tag(sync=True)


class JobListView(PartsView):
    """All jobs."""

    head = traitlets.Unicode("").tag(sync=True)
    jobs = traitlets.Unicode("").tag(sync=True)
    notice = traitlets.Unicode("").tag(sync=True)
