"""A job as a live panel in a notebook: how it is doing, where it is, and buttons to control it.

Threads: whoever paints holds the panel's lock, so that the widgets have one writer at a time. Nothing asks the server
while it holds the lock, and no press is worked on in the thread that brought it.
"""

import threading
import time
from collections.abc import Callable, Mapping
from typing import ClassVar, Final

import ipywidgets
from IPython import get_ipython
from IPython.display import display

from spalloc_client.exceptions import SpallocError
from spalloc_client.job import Job
from spalloc_client.states import JobState
from spalloc_jupyter.board_map import draw_boards
from spalloc_jupyter.chronicle import Chronicle, boards_of, end_of
from spalloc_jupyter.controls import DOING, Controls
from spalloc_jupyter.job_html import PARTS, job_parts, kind_of
from spalloc_jupyter.job_story import JobStory, state_word
from spalloc_jupyter.live import watch
from spalloc_jupyter.live_map import LiveMap
from spalloc_jupyter.markup import text
from spalloc_jupyter.parts_view import JobView
from spalloc_jupyter.presses import let_presses_through, work
from spalloc_jupyter.snapshot import job_bundle

__all__ = ["JobPanel"]

_WIDGET: Final = "application/vnd.jupyter.widget-view+json"
_WORDS: Final = {"on": "Power on", "off": "Power off", "reset": "Reset", "destroy": "Destroy"}
_LEAVING_TAKES: Final = 20.0  # seconds, when matplotlib is used for the first time on a slow computer
_REASON: Final = "destroyed from its panel in a notebook"


class JobPanel:
    """A job, live.

    Parameters
    ----------
    job
        The job.
    name
        The variable that it is bound to; empty for none.
    """

    presses_while_busy: ClassVar[bool] = True
    """Whether presses are to arrive while a cell computes, also where that takes a private method of ipykernel."""

    def __init__(self, job: Job, name: str = "job") -> None:
        self.job = job
        self._lock = threading.RLock()
        self._chronicle = Chronicle(job, name)
        self._doing = ""
        self._done_by: int | None = None
        self._error = ""
        self._asking = False
        self._stage = "live"  # then finished, closed
        self._left = threading.Event()  # the facts are left in the notebook
        self._display_ids: list[str] = []
        self._shown_ready = False
        self._view = JobView(parts=[*PARTS, "notice"])
        self._controls = Controls(self._press, self._take)
        self._map: LiveMap | None = None
        self._mapped: object = None
        self._root = ipywidgets.VBox([self._view, self._controls.bar])
        self._root.add_class("spalloc-panel")
        self._kind = ""
        if self.presses_while_busy:
            for one in self._controls.buttons:
                let_presses_through(one)
        self._live = watch(job.server)
        self._paint()
        self._live.observe(self._heard, ["heard_at", "trouble"])
        self._hook("register")
        if self._live.heard_at is not None:
            self._heard()

    @property
    def story(self) -> JobStory:
        """What is known about the job."""
        with self._lock:
            return self._chronicle.tell()

    # ---- in the notebook

    def show(self) -> None:
        """Display the panel; where there are no widgets, the facts as they are now are displayed."""
        with self._lock:
            display_id = f"spalloc-{self._view.model_id}-{len(self._display_ids)}"
            self._display_ids.append(display_id)
            _display(self._bundle(), display_id)

    def _bundle(self) -> dict[str, object]:
        view = {"version_major": 2, "version_minor": 0, "model_id": self._root.model_id}
        return {_WIDGET: view, **job_bundle(self._chronicle.tell())}

    def finish(self) -> None:
        """Let the facts as they are now stay in the notebook, and follow the server no more; may be called again.

        The widget shows them, too: a page that was loaded again cannot be reached otherwise.
        """
        with self._lock:
            if self._stage != "live":
                return
            self._stage = "finished"
            if self.job.end is not None:
                self._chronicle.learn_end(self.job.end)
            self._doing = self._error = ""
            self._retire()
            story = self._chronicle.tell()
        self._stop_following()
        self._replace(job_bundle(story, picture=True))
        self._left.set()

    def close(self) -> None:
        """Take the panel away: its widgets, and what follows the server. What was displayed instead of it stays."""
        with self._lock:
            was, self._stage = self._stage, "closed"
            if was == "closed":
                return
        if was == "live":
            self._stop_following()
            self._controls.close()
        for one in (self._root, self._view, *([] if self._map is None else [self._map])):
            _close(one)

    def _retire(self) -> None:
        """Show the last facts, without buttons. Every part that is closed leaves its container first."""
        self._paint()
        self._view.over = True
        self._root.children = (self._view,)
        self._controls.close()

    def _stop_following(self) -> None:
        self._hook("unregister")
        self._live.unobserve(self._heard, ["heard_at", "trouble"])
        self._live.leave()

    def _replace(self, bundle: Mapping[str, object]) -> None:
        # A terminal cannot take back what it printed.
        if getattr(get_ipython(), "kernel", None) is None:
            return
        for display_id in self._display_ids:
            _display(bundle, display_id, update=True)

    def _hook(self, what: str) -> None:
        """Watch for the end of each cell, at which an ended job must have left its facts: later is too late."""
        shell = get_ipython()
        if shell is not None:
            getattr(shell.events, what)("post_execute", self._cell_ended)

    def _cell_ended(self) -> None:
        if self.job.end is not None:
            self.finish()
            self._left.wait(_LEAVING_TAKES)

    # ---- following the server

    def _heard(self, _change: object = None) -> None:
        with self._lock:
            if self._stage != "live":
                return
            live = self._live
            here = live.heard_at is None or self._chronicle.hear(live.jobs, live.machines, live.heard_at)
            story = self._chronicle.tell()
            if self._done_by is not None and live.reading > self._done_by and story.state is not JobState.power:
                self._doing, self._done_by = "", None
            self._paint()
            if not here:
                self._ask(self._ask_for_end)
            elif self._chronicle.wants_boards:
                self._ask(self._ask_for_boards)
            if story.state is JobState.ready and story.allocation is not None and not self._shown_ready:
                self._shown_ready = True
                self._replace(self._bundle())

    def _ask(self, question: Callable[[], None]) -> None:
        """Ask the server something, one thing at a time, beside everything else. Requires the lock."""
        if not self._asking:
            self._asking = True
            work(question, f"asks about job {self.job.id}")

    def _ask_for_boards(self) -> None:
        try:
            allocation, chips = boards_of(self.job, self._live.server)
        except SpallocError:
            allocation, chips = None, ()  # asked again with the next news
        with self._lock:
            self._asking = False
            self._chronicle.learn_boards(allocation, chips)
        self._heard()

    def _ask_for_end(self) -> None:
        try:
            end = end_of(self.job, self._live.server)
        except SpallocError:
            end = None
        with self._lock:
            self._asking = False
            if end is not None:
                self._chronicle.learn_end(end)
            over = self._chronicle.over
            self._paint()
        if over:
            self.finish()

    # ---- pressing

    def _take(self) -> None:
        with self._lock:
            if self._stage == "live":
                self._view.presses += 1

    def _press(self, what: str) -> None:
        with self._lock:
            if self._doing or self._stage != "live":
                return
            self._doing, self._done_by, self._error = what, None, ""
            self._chronicle.note(f"{_WORDS[what]} pressed")
            self._paint()
        work(lambda: self._carry_out(what), f"{what} job {self.job.id}")

    def _carry_out(self, what: str) -> None:
        try:
            if what == "destroy":
                self.job.destroy(_REASON)
            else:
                self._live.server.set_power(self.job.id, what != "off")
        except SpallocError as error:
            with self._lock:
                self._doing, self._error = "", f"{_WORDS[what]} failed: {error}"
                self._paint()
            return
        with self._lock:
            self._done_by = self._live.begun
        self._heard()

    # ---- painting

    def _paint(self) -> None:
        """Bring the widgets up to date; what did not change is not sent. Requires the lock."""
        if self._stage == "closed":
            return
        story, view, live = self._chronicle.tell(), self._view, self._live
        gone = self._draw_map(story)
        board_map = "" if self._map is None else self._map.model_id
        view.show({**job_parts(story, board_map), "notice": self._notice()})
        if gone is not None:
            _close(gone)
        word = state_word(story.state, story.power)
        view.spoken = f"Job {story.id}: {word}"
        view.heard_at, view.trouble, view.now = live.heard_at or 0.0, live.trouble, time.time()
        kind = kind_of(story)
        if kind != self._kind:
            self._root.remove_class(self._kind)
            self._root.add_class(kind)
            self._kind = kind
        if not story.over:
            self._controls.show(story, self._doing)

    def _notice(self) -> str:
        if self._error:
            return f'<span class="spalloc-error">{text(self._error)}</span>'
        return text(DOING.get(self._doing, ""))

    def _draw_map(self, story: JobStory) -> LiveMap | None:
        """Draw the map of the job's boards, if it has others than before; return the map that is not shown any more."""
        shown = None if story.machine is None or story.allocation is None else (story.machine, story.chips, story.owner)
        if shown == self._mapped:
            return None
        gone, self._map, self._mapped = self._map, None, shown
        if story.machine is not None and story.allocation is not None:
            boards = story.allocation.boards
            self._map = LiveMap(draw_boards(story.machine, boards, job=story.id, owner=story.owner))
            known = [chip for chip in story.chips if chip.board is not None]
            self._map.tell(
                physical={chip.board: chip.physical for chip in known if chip.board and chip.physical},
                addresses={chip.board: chip.hostname for chip in known if chip.board},
            )
        return gone


def _close(widget: ipywidgets.DOMWidget) -> None:
    widget.layout.close()
    widget.close()


def _display(bundle: Mapping[str, object], display_id: str, *, update: bool = False) -> None:
    display(dict(bundle), raw=True, display_id=display_id, update=update)  # type: ignore[no-untyped-call]
