"""What is written on the board map, and where there is room for it.

Sizes are those of the type (an em), in sides of a hexagon.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from spalloc_client.geometry import COLUMN_WIDTH, ROW_HEIGHT, GridPosition, Link
from spalloc_jupyter.colours import Style, text_on
from spalloc_jupyter.map_drawing import Drawing, Layout, Point, beside, middle

DIGIT = 0.68
"""The width of a digit in ems: that of a bold sans serif face, and of the widest that is likely to be used."""

SPACE = 0.36
"""The width of a space in ems."""

CAP_HEIGHT = 0.73
"""The height of a digit in ems."""

SIZES = (2.2, 1.9, 1.6, 1.4, 1.2, 1.05, 0.9, 0.8, 0.7, 0.6, 0.5)
"""Numbers of jobs are written in the largest of these that fits into the job's boards."""

READABLE_BOARD = 16.0
"""The side of a hexagon, in points or pixels, from which on each board is labelled by itself."""

READABLE_TYPE = 4.5
"""The size of type, in points or pixels, below which a number is left out."""

LARGEST_TYPE = 17.0
"""The size of type, in points or pixels, above which it would only shout."""


@dataclass(frozen=True, slots=True)
class Label:
    """Words on the map, centred about a point."""

    text: str
    x: float
    y: float
    size: float
    cell: int
    """What it is written on: 0 a board that nobody has, else the drawing's jobs counted from 1."""
    bold: bool
    crossed: bool = False
    """It stands on a dead board's hatching, which has to make room for it."""


def labels(drawing: Drawing, side: float) -> tuple[Label, ...]:
    """Return what can be read on a map whose hexagons have sides of so many points or pixels."""
    if side >= READABLE_BOARD:
        return board_labels(drawing)
    return tuple(
        replace(label, size=min(label.size, LARGEST_TYPE / side))
        for label in job_labels(drawing)
        if side * label.size >= READABLE_TYPE
    )


def paint(label: Label, drawing: Drawing, style: Style) -> tuple[str, str]:
    """Return the colour of a label, and of what it stands on."""
    if label.cell:
        fill = style.job(drawing.jobs[label.cell - 1].colour)
        return text_on(fill), fill
    return style.foreground, style.dead if label.crossed else style.free


def board_labels(drawing: Drawing) -> tuple[Label, ...]:
    """Return each board's coordinate, and above it the number of the job that has it.

    A map of one job's boards bears its coordinates alone.
    """
    layout = drawing.layout
    if len(drawing.jobs) == 1 and all(drawing.cells):
        return tuple(_coordinate(layout, i, 1, 0.0, 0.57) for i in range(len(layout.boards)))
    return tuple(label for i in range(len(layout.boards)) for label in _labels_of(drawing, i))


def _labels_of(drawing: Drawing, index: int) -> Iterator[Label]:
    cell, job = drawing.cells[index], drawing.job_of(index)
    if job is None:
        yield _coordinate(drawing.layout, index, cell, 0.0, 0.46)
        return
    x, y = middle(drawing.layout.places[index])
    size = min(0.75, _fits(DIGIT * len(str(job.id)), 0.3))
    yield Label(str(job.id), x, y + 0.26, size, cell, bold=True)
    yield _coordinate(drawing.layout, index, cell, -0.43, 0.38)


def _coordinate(layout: Layout, index: int, cell: int, up: float, largest: float) -> Label:
    x, y = middle(layout.places[index])
    text = " ".join(map(str, layout.boards[index]))
    width = DIGIT * (len(text) - 2) + SPACE * 2
    size = min(largest, _fits(width, up))
    return Label(text, x, y + up, size, cell, bold=False, crossed=index in layout.dead)


def _fits(width: float, up: float) -> float:
    """Return the largest type for text of so many ems, that far above or below the middle of a hexagon."""
    slant = 1 / (2 * ROW_HEIGHT)  # a hexagon narrows by this much on either side
    return (0.94 - abs(up) * slant) / (width / 2 + CAP_HEIGHT / 2 * slant)


def job_labels(drawing: Drawing) -> tuple[Label, ...]:
    """Return the numbers of jobs, one in each piece of a job's boards, as large as fits."""
    places: dict[int, list[GridPosition]] = {cell: [] for cell in range(1, len(drawing.jobs) + 1)}
    for place, cell in zip(drawing.layout.places, drawing.cells, strict=True):
        if cell:
            places[cell].append(place)
    return tuple(
        Label(str(job.id), x, y, size, cell, bold=True)
        for cell, job in enumerate(drawing.jobs, start=1)
        for (x, y), size in label_spots(tuple(places[cell]), len(str(job.id)))
    )


@lru_cache(maxsize=4096)
def label_spots(places: tuple[GridPosition, ...], digits: int) -> tuple[tuple[Point, float], ...]:
    """Return where on a job's boards a number of so many digits is written, and how large.

    Once in each connected piece: as large as fits, then as central as can be. A job's boards do not change, so this
    is worked out once for each job.
    """
    return tuple(_spot(piece, digits) for piece in _pieces(places))


def _pieces(places: tuple[GridPosition, ...]) -> Iterator[frozenset[GridPosition]]:
    left = dict.fromkeys(places)
    while left:
        start = next(iter(left))
        del left[start]
        piece, fringe = {start}, [start]
        while fringe:
            place = fringe.pop()
            reached = [there for link in Link if (there := beside(place, link)) in left]
            piece.update(reached)
            fringe += reached
            for there in reached:
                del left[there]
        yield frozenset(piece)


def _spot(piece: frozenset[GridPosition], digits: int) -> tuple[Point, float]:
    spots = _spots(piece)
    for size in SIZES:
        for spot in spots:
            if _inside(piece, spot, DIGIT * digits * size, CAP_HEIGHT * size):
                return spot, size
    nearest = min((middle(place) for place in sorted(piece)), key=lambda spot: math.dist(spot, spots[0]))
    return nearest, _fits(DIGIT * digits, 0.0)


def _spots(piece: frozenset[GridPosition]) -> list[Point]:
    """Return the dozen most central places for a label: middles of boards and of the sides between them."""
    middles = [middle(place) for place in sorted(piece)]
    centre_x = sum(x for x, _ in middles) / len(middles)
    centre_y = sum(y for _, y in middles) / len(middles)
    halfway = [
        (x + COLUMN_WIDTH * link.grid_step.column / 2, y + ROW_HEIGHT * link.grid_step.row / 2)
        for place, (x, y) in zip(sorted(piece), middles, strict=True)
        for link in (Link.EAST, Link.NORTH_EAST, Link.NORTH)
        if beside(place, link) in piece
    ]
    spots = [(centre_x, centre_y), *middles, *halfway]
    spots.sort(key=lambda spot: math.dist(spot, (centre_x, centre_y)))
    return spots[:13]


def _inside(piece: frozenset[GridPosition], spot: Point, width: float, height: float) -> bool:
    """Return whether a box about a spot lies within the hexagons of a piece, as far as a net of points tells."""
    steps = max(2, round(width / 0.4))
    across = [spot[0] + width * (i / steps - 0.5) for i in range(steps + 1)]
    up = [spot[1] + height * share for share in (-0.5, 0.0, 0.5)]
    return all(_place_of(x, y) in piece for y in up for x in across)


def _place_of(x: float, y: float) -> GridPosition:
    """Return the place of the hexagon that a point is in: the one with the nearest middle."""
    first = int(x // COLUMN_WIDTH)
    near = []
    for column in (first, first + 1):
        odd = column % 2
        near.append(GridPosition(column, 2 * round((y / ROW_HEIGHT - odd) / 2) + odd))
    return min(near, key=lambda place: (middle(place)[0] - x) ** 2 + (middle(place)[1] - y) ** 2)
