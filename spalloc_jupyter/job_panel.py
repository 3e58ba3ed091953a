"""A job as a live panel in a notebook: how it is doing, where it is, and buttons to control it."""

import threading
from collections.abc import Callable
from typing import Final

from IPython import get_ipython

from spalloc_client.deadline import Deadline
from spalloc_client.exceptions import SpallocError
from spalloc_client.job import Job
from spalloc_client.states import JobState
from spalloc_jupyter.board_map import draw_boards
from spalloc_jupyter.chronicle import Chronicle, boards_of, end_of
from spalloc_jupyter.controls import DOING, Controls
from spalloc_jupyter.job_html import PARTS, job_parts, kind_of
from spalloc_jupyter.job_story import JobStory, state_word
from spalloc_jupyter.live_map import LiveMap
from spalloc_jupyter.live_panel import LivePanel
from spalloc_jupyter.markup import text
from spalloc_jupyter.parts_view import JobView
from spalloc_jupyter.presses import close_widget, work
from spalloc_jupyter.snapshot import job_bundle

__all__ = ["JobPanel"]

_WORDS: Final = {"on": "Power on", "off": "Power off", "reset": "Reset", "destroy": "Destroy"}
_LEAVING_TAKES: Final = 20.0  # seconds, when matplotlib is used for the first time on a slow computer
_READY_TAKES: Final = 2.0  # seconds, from when a cell knows that boards are ready to when its output tells it
_REASON: Final = "destroyed from its panel in a notebook"


class JobPanel(LivePanel):
    """A job, live.

    Parameters
    ----------
    job
        The job.
    name
        The variable that it is bound to; empty for none.
    """

    def __init__(self, job: Job, name: str = "job") -> None:
        super().__init__()
        self.job = job
        self._chronicle = Chronicle(job, name)
        self._doing = ""
        self._done_by: int | None = None
        self._error = ""
        self._asking = False
        self._shown_ready = threading.Event()
        self._cells_ended = 0
        self._kind = ""
        self._map: LiveMap | None = None
        self._mapped: object = None
        self._controls = Controls(self._buttons, self._press, self._take)
        self._hook("register")
        self._assemble(job.server, JobView(parts=[*PARTS, "notice"], layout=self._layout), [self._controls.bar])

    @property
    def story(self) -> JobStory:
        """What is known about the job."""
        with self._lock:
            return self._chronicle.tell()

    def finish(self) -> None:
        """Let the facts as they are now stay in the notebook, and follow the server no more; may be called again."""
        with self._lock:
            if self.job.end is not None:
                self._chronicle.learn_end(self.job.end)
            self._doing = self._error = ""
        super().finish()

    def _facts(self, *, picture: bool) -> dict[str, str]:
        return job_bundle(self.story, picture=picture)

    def _drop_views(self) -> None:
        if self._map is not None:
            close_widget(self._map)

    def _stop_following(self) -> None:
        self._hook("unregister")
        super()._stop_following()

    def _hook(self, what: str) -> None:
        """Watch for the end of each cell: for front ends that show no widgets, what a cell leaves later is too late."""
        shell = get_ipython()
        if shell is not None:
            getattr(shell.events, what)("post_execute", self._cell_ended)

    def _cell_ended(self) -> None:
        self._cells_ended += 1
        if self.job.end is not None:
            self.finish()
            self._left.wait(_LEAVING_TAKES)
        elif self._cells_ended == 1 and self._is_ready():
            self._shown_ready.wait(_READY_TAKES)

    def _is_ready(self) -> bool:
        try:
            return self.job.status(Deadline.after(_READY_TAKES)).state is JobState.ready
        except SpallocError:
            return False

    # ---- following the server

    def _take_news(self) -> None:
        live = self._live
        here = live.heard_at is None or self._chronicle.hear(live.jobs, live.machines, live.heard_at)
        story = self._chronicle.tell()
        if self._done_by is not None and live.reading > self._done_by and story.state is not JobState.power:
            self._doing, self._done_by = "", None
        if not here:
            self._ask(self._ask_for_end)
        elif self._chronicle.wants_boards:
            self._ask(self._ask_for_boards)
        if story.state is JobState.ready and story.allocation is not None and not self._shown_ready.is_set():
            # Where widgets are not saved, or not shown, these are the facts that matter.
            self._replace(self._bundle())
            self._shown_ready.set()

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
        if allocation is not None:
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
        if self._chronicle.over:
            self.finish()

    # ---- pressing

    def _press(self, what: str) -> None:
        with self._lock:
            # To destroy the job does not have to wait for boards that are being switched.
            busy = self._doing == "destroy" or (self._doing and what != "destroy")
            if busy or self._stage != "live":
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
            self._carried_out(what, f"{_WORDS[what]} failed: {error}")
        else:
            self._carried_out(what, "")
            self._live.read()
        self._heard()

    def _carried_out(self, what: str, trouble: str) -> None:
        with self._lock:
            if self._doing != what:
                return  # Destroy was pressed meanwhile
            if trouble:
                self._doing, self._error = "", trouble
            else:
                self._done_by = self._live.begun

    # ---- painting

    def _paint(self) -> None:
        story, view = self._chronicle.tell(), self._view
        gone = self._draw_map(story)
        board_map = "" if self._map is None else self._map.model_id
        with view.hold_sync():  # one message
            view.show({**job_parts(story, board_map), "notice": self._notice(story)})
            view.spoken = f"Job {story.id}: {state_word(story.state, story.power)}"
            self._beat()
        kind = kind_of(story)
        if kind != self._kind:
            self._root.remove_class(self._kind)
            self._root.add_class(kind)
            self._kind = kind
        if self._stage == "live":
            self._controls.show(story, self._doing)
        if gone is not None:
            close_widget(gone)

    def _notice(self, story: JobStory) -> str:
        if self._error:
            return f'<span class="spalloc-error">{text(self._error)}</span>'
        if not self._doing and story.state is JobState.queued:
            return "To stop waiting, interrupt the cell or destroy the job."
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
            self._map.tell(
                physical={chip.board: chip.physical for chip in story.chips if chip.board and chip.physical},
                addresses={chip.board: chip.hostname for chip in story.chips if chip.board},
            )
        return gone
