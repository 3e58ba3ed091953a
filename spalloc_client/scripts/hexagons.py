r"""Boards drawn as hexagons in a terminal, or as letters where hexagons are too wide.

Boards of one job are drawn as one shape::

     ___         ___
    / A \___ ___/ B \
    \       \   \___/
     \___ A /
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from itertools import groupby
from typing import NamedTuple

from spalloc_client.geometry import GridPosition, Link, grid_position
from spalloc_client.records import Board
from spalloc_client.scripts.ink import Line, Span, cut
from spalloc_client.scripts.layout import Page

Cut = tuple[Board, int]
"""A board, as it is placed in the drawing, and the number of a link of it that is dead."""

_Canvas = dict[tuple[int, int], tuple[str, str]]  # what stands at (line from the bottom, column), and its style

# Where a hexagon's sides are, as lines up and columns to the right of its lower left corner, and how they look.
_SIDES: Mapping[Link, tuple[int, int, str]] = {
    Link.NORTH: (2, 1, "___"),
    Link.SOUTH: (0, 1, "___"),
    Link.WEST: (1, 0, "/"),
    Link.NORTH_EAST: (1, 4, "\\"),
    Link.SOUTH_WEST: (0, 0, "\\"),
    Link.EAST: (0, 4, "/"),
}
_DEAD_SIDE = "red bold"


class Mark(NamedTuple):
    """How a board is drawn.

    Parameters
    ----------
    label
        Up to three letters.
    style
        The style of the label, and of the board's sides.
    shape
        Boards with the same number are drawn as one shape; None for boards that stand alone, whose sides give way.
    """

    label: str
    style: str
    shape: int | None = None


def drawing(marks: Mapping[Board, Mark], dead_links: Collection[Cut], page: Page) -> list[Line]:
    """Return boards as the largest drawing that the page has room for.

    Parameters
    ----------
    marks
        The boards, as they are to be placed, and how each is drawn.
    dead_links
        Sides that are drawn as dead.
    page
        Where it is shown; hexagons on a pipe.
    """
    if not marks:
        return []
    places = {grid_position(board): mark for board, mark in marks.items()}
    ends = {(grid_position(board), Link(link)) for board, link in dead_links}
    longest = max(len(mark.label) for mark in marks.values())
    ways: tuple[Callable[[], list[Line]], ...] = (
        lambda: _hexagons(places, ends),
        lambda: _letters(places, max(2, longest), 1),
        lambda: _letters(places, longest + 1, 2),
        lambda: _letters(places, longest, 2),
    )
    lines = list[Line]()
    for way in ways:
        lines = way()
        if _fits(lines, page):
            return lines
    return lines if page.width is None else [cut(line, page.width) for line in lines]


def _fits(lines: list[Line], page: Page) -> bool:
    if page.height is not None and len(lines) > page.height:
        return False
    return page.width is None or max(sum(len(span.text) for span in line) for line in lines) <= page.width


def _hexagons(places: Mapping[GridPosition, Mark], dead: Collection[tuple[GridPosition, Link]]) -> list[Line]:
    left, bottom = _corner(places)
    canvas: _Canvas = {}
    for place, mark in places.items():
        line, column = place.row - bottom, 4 * (place.column - left)
        _write(canvas, line + 1, column + 1, f"{mark.label:^3}", mark.style)
        for link in Link:
            up, right, side = _SIDES[link]
            step = link.grid_step
            other = places.get(GridPosition(place.column + step.column, place.row + step.row))
            if (place, link) in dead:
                _write(canvas, line + up, column + right, "x" * len(side), _DEAD_SIDE)
            elif other is None or mark.shape is None or other.shape != mark.shape:
                _write_side(canvas, line + up, column + right, side, mark)
    return list(_lines(canvas))


def _write_side(canvas: _Canvas, line: int, column: int, side: str, mark: Mark) -> None:
    """Draw a side, unless the board beyond it has drawn it and does not give way."""
    drawn = canvas.get((line, column))
    if drawn is None or (mark.shape is not None and drawn[1] != _DEAD_SIDE):
        _write(canvas, line, column, side, mark.style)


def _write(canvas: _Canvas, line: int, column: int, text: str, style: str) -> None:
    for number, letter in enumerate(text):
        canvas[line, column + number] = (letter, style)


def _letters(places: Mapping[GridPosition, Mark], across: int, rows: int) -> list[Line]:
    """Return labels alone, `across` columns from one column of boards to the next, `rows` rows of boards to a line."""
    left, bottom = _corner(places)
    canvas: _Canvas = {}
    for place, mark in places.items():
        _write(canvas, (place.row - bottom) // rows, across * (place.column - left), mark.label, mark.style)
    return list(_lines(canvas))


def _corner(places: Collection[GridPosition]) -> tuple[int, int]:
    return min(place.column for place in places), min(place.row for place in places)


def _lines(canvas: _Canvas) -> Iterator[Line]:
    """Yield the lines of a canvas from the top, neighbours of one style as one span."""
    ends = dict[int, int]()
    for line, column in canvas:
        ends[line] = max(ends.get(line, 0), column)
    for line in range(max(ends), -1, -1):
        letters = [canvas.get((line, column), (" ", "")) for column in range(ends.get(line, -1) + 1)]
        yield [
            Span("".join(letter for letter, _ in run), style)
            for style, run in groupby(letters, key=lambda letter: letter[1])
        ]
