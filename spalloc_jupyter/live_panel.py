"""What all live panels share: they are displayed, follow a server, leave their facts in the notebook, and close.

Threads: whoever paints holds the panel's lock, so that the widgets have one writer at a time. Nothing asks the server
while it holds the lock, and no press is worked on in the thread that brought it.
"""

import threading
import time
from collections.abc import Iterable, Mapping
from typing import ClassVar, Final

import ipywidgets
from IPython import get_ipython
from IPython.display import display

from spalloc_client.server import Server
from spalloc_jupyter.live import LiveServer, watch
from spalloc_jupyter.parts_view import PartsView
from spalloc_jupyter.presses import Buttons, let_presses_through

__all__ = ["LivePanel"]

_WIDGET: Final = "application/vnd.jupyter.widget-view+json"
_NEWS: Final = ["heard_at", "trouble"]


class LivePanel:
    """A panel, to be put together by :meth:`_assemble`."""

    presses_while_busy: ClassVar[bool] = True
    """Whether presses are to arrive while a cell computes, also where that takes a private method of ipykernel."""

    _view: PartsView
    _root: ipywidgets.VBox
    _live: LiveServer

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._stage = "live"  # then finished, closed
        self._left = threading.Event()  # the facts are left in the notebook
        self._display_ids: list[str] = []
        self._layout = ipywidgets.Layout()
        self._buttons = Buttons(self._layout, self._let_presses_through)

    def _assemble(self, server: Server, view: PartsView, controls: Iterable[ipywidgets.Widget] = ()) -> None:
        """Put the panel together, paint it for the first time, and begin to follow the server.

        Parameters
        ----------
        server
            The server to follow; the panel has a connection of its own there, together with all others.
        view
            What is looked at; has the panel's layout.
        controls
            What is pressed, below it.
        """
        self._view = view
        self._root = ipywidgets.VBox([view, *controls], layout=self._layout, _dom_classes=("spalloc-panel",))
        self._live = watch(server)
        with self._lock:
            self._paint()
        self._live.observe(self._heard, _NEWS)
        if self._live.heard_at is not None:
            self._heard()

    def _let_presses_through(self, widget: ipywidgets.Widget) -> None:
        if self.presses_while_busy:
            let_presses_through(widget)

    # ---- for the kinds of panels

    def _paint(self) -> None:
        """Bring the widgets up to date; what did not change is not sent. Requires the lock."""
        raise NotImplementedError

    def _facts(self, *, picture: bool) -> Mapping[str, object]:
        """Return the facts as they are now by MIME type; a picture of a map takes its time. Requires the lock."""
        raise NotImplementedError

    def _drop_controls(self) -> None:
        """Close all widgets below the view. Requires the lock, and that the panel does not contain them any more."""
        self._buttons.close()

    def _drop_views(self) -> None:
        """Close all widgets within the view."""

    def _take_news(self) -> None:
        """Take in what the server says. Requires the lock."""

    # ---- in the notebook

    def show(self) -> None:
        """Display the panel; where there are no widgets, the facts as they are now are displayed."""
        with self._lock:
            display_id = f"spalloc-{self._view.model_id}-{len(self._display_ids)}"
            self._display_ids.append(display_id)
            _display(self._bundle(), display_id)

    def finish(self) -> None:
        """Let the facts as they are now stay in the notebook, and follow the server no more; may be called again.

        The widget shows them, too: a page that was loaded again cannot be reached otherwise.
        """
        with self._lock:
            if self._stage != "live":
                return
            self._stage = "finished"
            self._view.over = True
            self._paint()
            # Every part that is closed leaves its container first: else a page waits for it for ever.
            self._root.children = (self._view,)
            self._drop_controls()
            self._stop_following()
        self._replace(self._facts(picture=True))
        self._left.set()

    def close(self) -> None:
        """Take the panel away: its widgets, and what follows the server. What was displayed instead of it stays."""
        with self._lock:
            was, self._stage = self._stage, "closed"
            if was == "closed":
                return
            if was == "live":
                self._stop_following()
                self._drop_controls()
            self._drop_views()
            for one in (self._root, self._view, self._layout):
                one.close()

    def _bundle(self) -> dict[str, object]:
        view = {"version_major": 2, "version_minor": 0, "model_id": self._root.model_id}
        return {_WIDGET: view, **self._facts(picture=False)}

    def _replace(self, bundle: Mapping[str, object]) -> None:
        # A terminal cannot take back what it printed.
        if getattr(get_ipython(), "kernel", None) is None:
            return
        for display_id in self._display_ids:
            _display(bundle, display_id, update=True)

    # ---- following the server

    def _stop_following(self) -> None:
        self._live.unobserve(self._heard, _NEWS)
        self._live.leave()

    def _heard(self, _change: object = None) -> None:
        with self._lock:
            if self._stage == "live":
                self._take_news()
                self._paint()

    def _beat(self) -> None:
        """Let the browser know that the kernel lives, and how old the news are. Requires the lock."""
        view, live = self._view, self._live
        view.heard_at, view.trouble, view.now = live.heard_at or 0.0, live.trouble, time.time()

    def _take(self) -> None:
        """Let the browser know that a press has arrived."""
        with self._lock:
            if self._stage == "live":
                self._view.presses += 1


def _display(bundle: Mapping[str, object], display_id: str, *, update: bool = False) -> None:
    display(dict(bundle), raw=True, display_id=display_id, update=update)  # type: ignore[no-untyped-call] # untyped there
