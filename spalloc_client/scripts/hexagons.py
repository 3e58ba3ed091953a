r"""Boards drawn as hexagons in a terminal, or as letters where hexagons are too wide.

Boards of one job are drawn as one shape::

     ___         ___
    / A \___ ___/ B \
    \       \   \___/
     \___ A /
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from spalloc_client.geometry import Link, grid_position
from spalloc_client.records import Board
from spalloc_client.scripts.ink import Line, Span, cut
from spalloc_client.scripts.layout import Page

Cut = tuple[Board, int]
"""A board, as it is placed in the drawing, and the number of a link of it that is dead."""

_Canvas = list[list[tuple[str, str]]]  # lines from the bottom, of what stands in each column, and its style
_Place = tuple[int, int]  # the column and row of a board

# For each link: the board beyond it, in columns and rows; where that side is, in lines up and columns to the right of
# the hexagon's lower left corner; and how it looks.
_SIDES = tuple(
    (link.grid_step.column, link.grid_step.row, up, right, side)
    for link, up, right, side in (
        (Link.EAST, 0, 4, "/"),
        (Link.NORTH_EAST, 1, 4, "\\"),
        (Link.NORTH, 2, 1, "___"),
        (Link.WEST, 1, 0, "/"),
        (Link.SOUTH_WEST, 0, 0, "\\"),
        (Link.SOUTH, 0, 1, "___"),
    )
)
_DEAD_SIDE = "red bold"
_BLANK = (" ", "")


class Mark(NamedTuple):
    """How a board is drawn.

    Parameters
    ----------
    label
        Up to three letters.
    style
        The style of the label.
    sides
        The style of the board's sides.
    shape
        Boards with the same number are drawn as one shape; None for boards that stand alone, whose sides give way.
    """

    label: str
    style: str
    sides: str
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
    places: dict[_Place, Mark] = {grid_position(board): mark for board, mark in marks.items()}
    ends = {(grid_position(board), link) for board, link in dead_links}
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


def _hexagons(places: Mapping[_Place, Mark], dead: Collection[tuple[_Place, int]]) -> list[Line]:
    left, bottom = _corner(places)
    canvas: _Canvas = []
    for (column, row), mark in places.items():
        line, start = row - bottom, 4 * (column - left)
        _write(canvas, line + 1, start + 1, f"{mark.label:^3}", mark.style)
        for link, (across, upwards, up, right, side) in enumerate(_SIDES):
            if ((column, row), link) in dead:
                _write(canvas, line + up, start + right, "x" * len(side), _DEAD_SIDE)
                continue
            other = places.get((column + across, row + upwards))
            if other is None or mark.shape is None or other.shape != mark.shape:
                _write_side(canvas, line + up, start + right, side, mark)
    return list(_lines(canvas))


def _write_side(canvas: _Canvas, line: int, column: int, side: str, mark: Mark) -> None:
    """Draw a side, unless the board beyond it has drawn it and does not give way."""
    drawn = canvas[line][column] if line < len(canvas) and column < len(canvas[line]) else _BLANK
    if drawn == _BLANK or (mark.shape is not None and drawn[1] != _DEAD_SIDE):
        _write(canvas, line, column, side, mark.sides)


def _write(canvas: _Canvas, line: int, column: int, text: str, style: str) -> None:
    while len(canvas) <= line:
        canvas.append([])
    letters = canvas[line]
    if len(letters) < column:
        letters.extend([_BLANK] * (column - len(letters)))
    letters[column : column + len(text)] = [(letter, style) for letter in text]


def _letters(places: Mapping[_Place, Mark], across: int, rows: int) -> list[Line]:
    """Return labels alone, `across` columns from one column of boards to the next, `rows` rows of boards to a line."""
    left, bottom = _corner(places)
    canvas: _Canvas = []
    for (column, row), mark in places.items():
        _write(canvas, (row - bottom) // rows, across * (column - left), mark.label, mark.style)
    return list(_lines(canvas))


def _corner(places: Collection[_Place]) -> _Place:
    return min(column for column, _ in places), min(row for _, row in places)


def _lines(canvas: _Canvas) -> Iterator[Line]:
    """Yield the lines of a canvas from the top, neighbours of one style as one span."""
    for letters in reversed(canvas):
        yield [
            Span("".join([letter for letter, _ in run]), style) for style, run in groupby(letters, key=itemgetter(1))
        ]
