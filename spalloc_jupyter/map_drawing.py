"""The board map as numbers: which boards are drawn where, who has them, and which lines are drawn.

A side of a hexagon is 1 long, y grows upwards, and board (0, 0, 0) is at (0, 0) (:mod:`spalloc_client.geometry`).
What stays while jobs come and go is the :class:`Layout`; who has which board is the :class:`Drawing`. Nothing
here knows of matplotlib, SVG or a browser.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from spalloc_client.geometry import (
    COLUMN_WIDTH,
    CORNERS,
    ROW_HEIGHT,
    GridPosition,
    Link,
    all_boards,
    edge,
    grid_position,
    is_board,
    other_end,
    unwrap,
)
from spalloc_client.records import Board, DeadLink, JobRecord, MachineRecord
from spalloc_jupyter.colours import COLOURS
from spalloc_jupyter.words import count

Point: TypeAlias = tuple[float, float]
Segment: TypeAlias = tuple[Point, Point]


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """The boards of a map, and where each is drawn; there is one for each machine or allocation."""

    name: str
    """The machine's name, as the server tells it."""
    boards: tuple[Board, ...]
    places: tuple[GridPosition, ...]
    """Where the boards are drawn, in the same order."""
    index: Mapping[Board, int]
    """Which of `boards` a board is."""
    dead: frozenset[int]
    """Which of `boards` do not work."""
    dead_links: tuple[Segment, ...]
    """The sides over which links do not work; a link around the edge of the torus has two."""
    borders: tuple[tuple[int, int, Segment], ...]
    """Where two boards touch: which two of `boards`, and the side they share."""


@dataclass(frozen=True, slots=True)
class MapJob:
    """One job on a map."""

    id: int
    owner: str
    """As the server tells it."""
    colour: int
    """Which of a style's colours for jobs."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """Who has which board."""

    layout: Layout
    jobs: tuple[MapJob, ...]
    """By number."""
    cells: tuple[int, ...]
    """For each board of the layout: 0 if nobody has it, else `jobs` counted from 1."""
    outlined: tuple[frozenset[int], ...] = ()
    """Groups of boards to draw a line around."""

    def job_of(self, board: int) -> MapJob | None:
        """Return who has a board of the layout."""
        cell = self.cells[board]
        return self.jobs[cell - 1] if cell else None


def draw_machine(
    machine: MachineRecord,
    *,
    jobs: Iterable[JobRecord] = (),
    highlight: Iterable[int | tuple[int, int, int]] = (),
    keep: Mapping[int, int] | None = None,
) -> Drawing:
    """Draw a whole machine and who is on it.

    Parameters
    ----------
    machine
        The machine; any size.
    jobs
        Jobs of any machine, in any state; those that have boards of this one are drawn.
    highlight
        Numbers of jobs, and boards (x, y, z), to draw a line around.
    keep
        Colours, by number of job, that jobs had before and are to keep.

    Returns
    -------
    Drawing
        Neighbours have different colours, unless there are more of them than colours.
    """
    on_it = {job.id: job for job in jobs if job.machine_name == machine.name and job.boards}
    owners = {number: on_it[number].owner for number in sorted(on_it)}
    boards = {number: on_it[number].boards for number in owners}
    return _draw(machine_layout(machine), owners, boards, tuple(highlight), keep or {})


def draw_boards(
    machine: MachineRecord,
    boards: Iterable[tuple[int, int, int]],
    *,
    job: int | None = None,
    owner: str = "",
    highlight: Iterable[int | tuple[int, int, int]] = (),
) -> Drawing:
    """Draw the boards of one job alone, in one piece if they lie around the edge of the torus.

    Parameters
    ----------
    machine
        The machine that the boards are part of.
    boards
        Boards (x, y, z) of one allocation, in any order; what the machine has no room for is left out.
    job, owner
        The number of the job that has them, and whose it is; without a number, nobody has them.
    highlight
        As for :func:`draw_machine`.
    """
    layout = boards_layout(machine, frozenset(Board(*board) for board in boards))
    owners = {} if job is None else {job: owner}
    return _draw(layout, owners, dict.fromkeys(owners, layout.boards), tuple(highlight), {})


@lru_cache(maxsize=16)
def machine_layout(machine: MachineRecord) -> Layout:
    """Return where the boards of a whole machine are drawn."""
    boards = all_boards(machine.width, machine.height)
    return _layout(machine, {board: grid_position(board) for board in boards})


@lru_cache(maxsize=64)
def boards_layout(machine: MachineRecord, boards: frozenset[Board]) -> Layout:
    """Return where a few boards of a machine are drawn, in one piece if possible."""
    known = sorted(board for board in boards if is_board(board, machine.width, machine.height))
    places = unwrap(known, machine.width, machine.height)
    return _layout(machine, {board: grid_position(place) for board, place in places.items()})


def _layout(machine: MachineRecord, drawn: dict[Board, GridPosition]) -> Layout:
    boards, places = tuple(drawn), tuple(drawn.values())
    found = {place: index for index, place in enumerate(places)}
    return Layout(
        name=machine.name,
        boards=boards,
        places=places,
        index={board: index for index, board in enumerate(boards)},
        dead=frozenset(index for index, board in enumerate(boards) if board in machine.dead_boards),
        dead_links=_dead_links(machine, drawn),
        borders=tuple(
            (index, found[there], side(place, link))
            for place, index in found.items()
            for link in (Link.EAST, Link.NORTH_EAST, Link.NORTH)
            if (there := beside(place, link)) in found
        ),
    )


def _dead_links(machine: MachineRecord, drawn: Mapping[Board, GridPosition]) -> tuple[Segment, ...]:
    """Return the sides of dead links, each once, whether the server listed one end of a link or both."""
    size = machine.width, machine.height
    listed = [link for link in machine.dead_links if is_board(_start(link), *size) and link.link in set(Link)]
    ends = {end for link in listed for end in (link, other_end(link, *size))}
    visible = {(drawn[_start(end)], Link(end.link)) for end in ends if _start(end) in drawn}
    return tuple(
        side(place, link)
        for place, link in sorted(visible)
        if link < Link.WEST or (beside(place, link), link.opposite) not in visible
    )


def _start(link: DeadLink) -> Board:
    return Board(link.x, link.y, link.z)


def _draw(
    layout: Layout,
    owners: Mapping[int, str],
    boards: Mapping[int, Iterable[Board]],
    highlight: tuple[int | tuple[int, int, int], ...],
    keep: Mapping[int, int],
) -> Drawing:
    index, cells = layout.index, [0] * len(layout.boards)
    for cell, number in enumerate(owners, start=1):
        for board in boards[number]:
            place = index.get(board)
            if place is not None:
                cells[place] = cell
    colours = _colours(layout, cells, tuple(owners), keep)
    return Drawing(
        layout=layout,
        jobs=tuple(MapJob(number, owner, colours[number]) for number, owner in owners.items()),
        cells=tuple(cells),
        outlined=_outlined(index, cells, tuple(owners), highlight),
    )


def _colours(layout: Layout, cells: list[int], jobs: tuple[int, ...], keep: Mapping[int, int]) -> dict[int, int]:
    """Give each job the colour that its number suggests, or the next that none of its neighbours has.

    Jobs that had a colour keep it, then the lower number chooses first: what a new job takes changes no other's.
    """
    chosen = {job: keep[job] for job in jobs if job in keep}
    new = [job for job in jobs if job not in chosen]
    beside_it = _neighbours(layout, cells, jobs) if new else {}
    for job in new:
        taken = {chosen[other] for other in beside_it[job] if other in chosen}
        wishes = ((job + turn) % COLOURS for turn in range(COLOURS))
        chosen[job] = next((colour for colour in wishes if colour not in taken), job % COLOURS)
    return chosen


def _neighbours(layout: Layout, cells: list[int], jobs: tuple[int, ...]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = {job: set() for job in jobs}
    for one, other, _ in layout.borders:
        if cells[one] != cells[other] and cells[one] and cells[other]:
            found[jobs[cells[one] - 1]].add(jobs[cells[other] - 1])
            found[jobs[cells[other] - 1]].add(jobs[cells[one] - 1])
    return found


def _outlined(
    index: Mapping[Board, int],
    cells: list[int],
    jobs: tuple[int, ...],
    highlight: tuple[int | tuple[int, int, int], ...],
) -> tuple[frozenset[int], ...]:
    """Return one group for each highlighted job, and one for all boards that were named."""
    wanted = {jobs.index(what) + 1 for what in highlight if isinstance(what, int) and what in jobs}
    groups = [frozenset(i for i, cell in enumerate(cells) if cell == one) for one in sorted(wanted)]
    named = {Board(*what) for what in highlight if not isinstance(what, int)}
    groups.append(frozenset(index[board] for board in named if board in index))
    return tuple(group for group in groups if group)


def beside(place: GridPosition, link: Link) -> GridPosition:
    """Return the place that a link leads to."""
    return GridPosition(place.column + link.grid_step.column, place.row + link.grid_step.row)


def middle(place: GridPosition) -> Point:
    """Return the middle of the hexagon at a place."""
    return COLUMN_WIDTH * place.column, ROW_HEIGHT * place.row


def side(place: GridPosition, link: Link) -> Segment:
    """Return the two ends of the side through which a link leaves the hexagon at a place."""
    x, y = middle(place)
    (x1, y1), (x2, y2) = edge(link)
    return (x + x1, y + y1), (x + x2, y + y2)


def hexagon(place: GridPosition, size: float = 1.0) -> tuple[Point, ...]:
    """Return the six corners of the hexagon at a place, with sides of length `size`."""
    x, y = middle(place)
    return tuple((x + size * corner_x, y + size * corner_y) for corner_x, corner_y in CORNERS)


@lru_cache(maxsize=64)
def bounds(layout: Layout) -> tuple[float, float, float, float]:
    """Return left, bottom, right and top of all hexagons."""
    middles = [middle(place) for place in layout.places] or [(0.0, 0.0)]
    xs, ys = [x for x, _ in middles], [y for _, y in middles]
    return min(xs) - 1, min(ys) - ROW_HEIGHT, max(xs) + 1, max(ys) + ROW_HEIGHT


def summary(drawing: Drawing) -> str:
    """Return in a few words how many boards a map shows, and what has become of them."""
    layout, used = drawing.layout, sum(map(bool, drawing.cells))
    parts = [count(len(layout.boards), "board")]
    if drawing.jobs:
        parts.append(f"{used:,} in {count(len(drawing.jobs), 'job')}")
    if layout.dead:
        parts.append(f"{len(layout.dead):,} dead")
    return ", ".join(parts)


def describe(drawing: Drawing) -> str:
    """Return in one sentence what a map shows, for whoever cannot see it."""
    return f"Map of machine {drawing.layout.name}: {summary(drawing)}"
