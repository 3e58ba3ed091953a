"""A machine as a live view: the map with all jobs, the load, who is on it and who waits."""

import base64
import time
from collections.abc import Iterable, Sequence

from spalloc_client.config import Config
from spalloc_client.exceptions import SpallocError
from spalloc_client.job import Job
from spalloc_client.records import Board, Location, PhysicalLocation
from spalloc_client.server import Server
from spalloc_jupyter.board_map import draw_machine, map_png, map_svg
from spalloc_jupyter.chronicle import boards_of
from spalloc_jupyter.colours import LIGHT
from spalloc_jupyter.live_map import LiveMap
from spalloc_jupyter.live_panel import LivePanel
from spalloc_jupyter.machine_html import PARTS, MachineStory, located, machine_parts, machine_text, tell
from spalloc_jupyter.map_drawing import Drawing
from spalloc_jupyter.markup import static_document, text
from spalloc_jupyter.parts_view import MachineView
from spalloc_jupyter.presses import close_widget, work

__all__ = ["MachinePanel"]

_A_FEW = 24  # places that are asked for in one go
_BREATH = 0.02  # seconds between two goes, in which the server serves others


class MachinePanel(LivePanel):
    """A machine, live.

    Parameters
    ----------
    where
        The settings that name the server, and whose jobs are outlined; or the server.
    name
        The machine.
    held
        The jobs that this kernel holds: the map tells the host names of their boards. To ask for those of other jobs
        would keep these alive.
    """

    def __init__(self, where: Config | Server, name: str, held: Iterable[Job] = ()) -> None:
        super().__init__()
        server = Server.from_config(where) if isinstance(where, Config) else where
        self._name = name
        self._owner = (where.owner or "") if isinstance(where, Config) else ""
        self._story: MachineStory | None = None
        self._map: LiveMap | None = None
        self._held = held
        self._addressed: list[tuple[Board, ...]] = []
        self._notice = "Asking the server …"
        self._assemble(server, MachineView(parts=list(PARTS), layout=self._layout))

    def _take_news(self) -> None:
        live = self._live
        if live.heard_at is None:
            return
        was, story = self._story, tell(self._name, live.jobs, live.machines, self._owner, live.heard_at)
        self._story = story
        if story is None:
            self._notice = text(f"The server has no machine named {self._name} now.")
            return
        if was is None:
            self._notice = ""
        if self._map is None:
            self._map = self._new_map(story)
        elif was is None or story.occupation != was.occupation:
            self._map.show(self._drawing(story))
        self._tell_addresses(story)

    def _new_map(self, story: MachineStory) -> LiveMap:
        board_map = LiveMap(self._drawing(story), outline_means="yours")
        board_map.observe(self._selected, "selected")
        self._let_presses_through(board_map)
        work(lambda: self._ask_for_places(story, board_map), f"asks where boards of {self._name} are")
        return board_map

    def _drawing(self, story: MachineStory) -> Drawing:
        colours = {} if self._map is None else self._map.colours
        return draw_machine(story.machine, jobs=story.jobs, highlight=story.own, keep=colours)

    def _paint(self) -> None:
        story, shown = self._story, self._map
        with self._view.hold_sync():  # one message
            if story is not None and shown is not None:
                self._view.show(machine_parts(story, shown.colours, shown.model_id, self._notice))
                self._view.spoken = f"Machine {story.machine.name}"
            else:
                self._view.show({"notice": self._notice})
            self._beat()

    def _facts(self, *, picture: bool) -> dict[str, str]:
        story = self._story
        if story is None:
            return {"text/html": f"<p>{self._notice}</p>", "text/plain": f"Machine {self._name}"}
        drawing = self._drawing(story)
        colours = {job.id: job.colour for job in drawing.jobs}
        parts = machine_parts(story, colours, _picture(drawing) if picture else map_svg(drawing), "")
        html = static_document(parts, f"Machine {story.machine.name}", "spalloc-machine")
        return {"text/html": html, "text/plain": machine_text(story)}

    def _drop_views(self) -> None:
        if self._map is not None:
            close_widget(self._map)

    # ---- where boards are

    def _selected(self, change: object) -> None:
        del change
        board = None if self._map is None else self._map.selected
        work(lambda: self._answer(board), "asks where a board is")

    def _answer(self, board: list[int] | None) -> None:
        notice = ""
        if board is not None:
            try:
                place = self._where(Board(*board))
                notice = text("The server knows no such board.") if place is None else located(place)
            except SpallocError as error:
                notice = f'<span class="spalloc-error">{text(error)}</span>'
        with self._lock:
            self._notice = notice
            if self._stage == "live":
                self._paint()

    def _where(self, board: Board) -> Location | None:
        return self._live.server.where_is(machine=self._name, x=board.x, y=board.y, z=board.z)

    def _ask_for_places(self, story: MachineStory, board_map: LiveMap) -> None:
        """Ask where all boards are bolted in, a few at a time, so that pointing at one tells it at once."""
        found: dict[Board, PhysicalLocation] = {}
        for number, board in enumerate(draw_machine(story.machine).layout.boards, 1):
            if self._stage != "live":
                return
            try:
                place = self._where(board)
            except SpallocError:
                break  # what is known so far is better than nothing
            if place is not None:
                found[board] = place.physical
            if number % _A_FEW == 0:
                time.sleep(_BREATH)
        with self._lock:
            if self._stage == "live":
                board_map.tell(physical=found)

    def _tell_addresses(self, story: MachineStory) -> None:
        """Tell how the boards of this kernel's own jobs are reached, whenever these are others."""
        boards, server = {job.id: job.boards for job in story.jobs}, self._live.server
        here = [job for job in self._held if (job.server.hostname, job.server.port) == (server.hostname, server.port)]
        held = [job for job in here if job.id in boards]
        addressed = [boards[job.id] for job in held]
        if addressed != self._addressed:
            self._addressed = addressed
            work(lambda: self._ask_for_addresses(held), f"asks how boards of {self._name} are reached")

    def _ask_for_addresses(self, held: Sequence[Job]) -> None:
        found: dict[Board, str] = {}
        try:
            for job in held:
                _, chips = boards_of(job, self._live.server)
                found.update({chip.board: chip.hostname for chip in chips if chip.board is not None})
        except SpallocError:
            with self._lock:
                self._addressed = []  # asked again with the next news
            return
        with self._lock:
            if self._stage == "live" and self._map is not None:
                self._map.tell(addresses=found)


def _picture(drawing: Drawing) -> str:
    png = map_png(drawing, style=LIGHT)
    wide = int.from_bytes(png[16:20], "big") // 2  # where the PNG specification has an image's width
    data = base64.b64encode(png).decode("ascii")
    words = text(f"Map of machine {drawing.layout.name}")
    return f'<img alt="{words}" width="{wide}" src="data:image/png;base64,{data}">'
