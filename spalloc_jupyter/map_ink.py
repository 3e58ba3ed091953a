"""The colours of the boards on a map, and the lines on it; lengths and widths in sides of a hexagon."""

from collections.abc import Iterator
from dataclasses import dataclass

from spalloc_client.geometry import CORNERS, ROW_HEIGHT, GridPosition, Link
from spalloc_jupyter.colours import Style
from spalloc_jupyter.map_drawing import Drawing, Segment, beside, hexagon, middle, side

BOARD_SIZE = 0.95
"""How much of its place a hexagon fills."""

MARGIN = 0.25
"""Free space around all hexagons, for lines that lie on the rim."""


@dataclass(frozen=True, slots=True)
class Stroke:
    """Lines of one kind; those that come later lie on top."""

    name: str
    segments: tuple[Segment, ...]
    colour: str
    width: float


def strokes(drawing: Drawing, style: Style, side: float) -> tuple[Stroke, ...]:
    """Return all lines on a map, the lowest first.

    Parameters
    ----------
    drawing, style
        What is drawn, and its colours.
    side
        The side of a hexagon in points or pixels; on large hexagons, lines are no broader than they need be.
    """
    layout, around = drawing.layout, outlines(drawing)
    crossed = tuple(line for board in sorted(layout.dead) for line in hatching(layout.places[board]))
    every = (
        Stroke("hatching", crossed, style.hatch, min(0.07, 1.1 / side)),
        Stroke("borders", borders(drawing), style.background, min(0.17, 4 / side)),
        Stroke("outline-casing", around, style.background, min(0.36, 7 / side)),
        Stroke("outline", around, style.foreground, min(0.2, 3.2 / side)),
        Stroke("dead-link-casing", layout.dead_links, style.background, min(0.5, 8 / side)),
        Stroke("dead-links", layout.dead_links, style.dead_link, min(0.3, 4.5 / side)),
    )
    return tuple(stroke for stroke in every if stroke.segments)


def fill(drawing: Drawing, board: int, style: Style) -> str:
    """Return the colour of a board."""
    job = drawing.job_of(board)
    if job is not None:
        return style.job(job.colour)
    return style.dead if board in drawing.layout.dead else style.free


def hatching(place: GridPosition) -> tuple[Segment, ...]:
    """Return the rim and the slanted lines that mark a dead board."""
    corners = hexagon(place, BOARD_SIZE - 0.04)
    return *zip(corners, corners[1:] + corners[:1], strict=True), *_slanted(place)


def _slanted(place: GridPosition) -> Iterator[Segment]:
    x, y = middle(place)
    along_x, along_y = CORNERS[1]
    for offset in (-0.56, -0.28, 0.0, 0.28, 0.56):
        half = (BOARD_SIZE - 0.07) - abs(offset) / (2 * ROW_HEIGHT)  # a hexagon narrows on either side
        middle_x, middle_y = x + offset * along_y, y - offset * along_x
        start = middle_x - half * along_x, middle_y - half * along_y
        yield start, (middle_x + half * along_x, middle_y + half * along_y)


def borders(drawing: Drawing) -> tuple[Segment, ...]:
    """Return the sides between different jobs."""
    cells = drawing.cells
    return tuple(
        shared
        for one, other, shared in drawing.layout.borders
        if cells[one] != cells[other] and cells[one] and cells[other]
    )


def outlines(drawing: Drawing) -> tuple[Segment, ...]:
    """Return the sides around what is highlighted."""
    layout = drawing.layout
    found = {place: index for index, place in enumerate(layout.places)}
    return tuple(
        side(layout.places[board], link)
        for group in drawing.outlined
        for board in sorted(group)
        for link in Link
        if found.get(beside(layout.places[board], link)) not in group
    )
