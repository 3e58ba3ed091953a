"""The board map as SVG: one element a board, and nothing that two maps on one page could quarrel over.

Names and owners are data: they are escaped here, and characters that XML does not allow are left out. There is no
script, no style sheet, no ``id`` and no reference in it.
"""

import re
from collections.abc import Iterable, Iterator
from html import escape

from spalloc_jupyter.colours import LIGHT, Style
from spalloc_jupyter.map_drawing import Drawing, Point, Segment, bounds, describe, hexagon
from spalloc_jupyter.map_ink import BOARD_SIZE, MARGIN, Stroke, fill, strokes
from spalloc_jupyter.map_labels import Label, labels, paint

UNIT = 20.0
"""User units for one side of a hexagon; browsers set type below one unit badly."""

LARGEST_SIDE = 34.0
"""The side of a hexagon in pixels, unless the map would be wider than is asked for."""

POINTS = 0.75
"""The size of a pixel in points, as CSS has it."""

NOT_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def map_svg(drawing: Drawing, *, style: Style = LIGHT, width: float = 640.0) -> str:
    """Return a map as SVG.

    Each board is a ``<path data-board="x y z">`` with a ``<title>`` that says what is known of it.

    Parameters
    ----------
    drawing
        What :func:`~spalloc_jupyter.board_map.draw_machine` or ``draw_boards`` returned.
    style
        Its colours.
    width
        How many pixels it may be wide; a map of few boards is smaller.
    """
    left, bottom, right, top = bounds(drawing.layout)
    wide, high = right - left + 2 * MARGIN, top - bottom + 2 * MARGIN
    side = min(LARGEST_SIDE, width / wide)
    pen = _Pen(left - MARGIN, top + MARGIN)
    words = text(describe(drawing))
    return "".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="spalloc-map-drawing" role="img" aria-label="{words}"',
            f' width="{side * wide:.0f}" height="{side * high:.0f}"',
            f' viewBox="0 0 {UNIT * wide:.1f} {UNIT * high:.1f}" data-side="{UNIT:.0f}"',
            ' font-family="system-ui, sans-serif" text-anchor="middle">',
            f"<title>{words}</title>",
            f'<rect class="background" width="100%" height="100%" fill="{style.background}"/>',
            '<g class="boards">',
            *_boards(drawing, style, pen),
            "</g>",
            *(_stroke(stroke, pen) for stroke in strokes(drawing, style, side)),
            '<g class="labels" pointer-events="none">',
            *(_label(label, drawing, style, pen) for label in labels(drawing, side * POINTS)),
            "</g></svg>",
        )
    )


def letters(words: str) -> str:
    """Return words with control characters and halves of characters, which neither XML nor JSON has, replaced."""
    return NOT_XML.sub("\N{REPLACEMENT CHARACTER}", words)


def text(words: str) -> str:
    """Return words as the text or an attribute of an XML document."""
    return escape(letters(words))


class _Pen:
    """Turns points of the drawing into user units, which grow downwards."""

    def __init__(self, left: float, top: float) -> None:
        self._left, self._top = left, top

    def point(self, point: Point) -> str:
        return f"{UNIT * (point[0] - self._left):.1f} {UNIT * (self._top - point[1]):.1f}"

    def polygon(self, corners: Iterable[Point]) -> str:
        return "M" + "L".join(map(self.point, corners)) + "z"

    def segments(self, segments: Iterable[Segment]) -> str:
        return "".join(f"M{self.point(start)}L{self.point(end)}" for start, end in segments)


def _boards(drawing: Drawing, style: Style, pen: _Pen) -> Iterator[str]:
    layout = drawing.layout
    for index, (board, place) in enumerate(zip(layout.boards, layout.places, strict=True)):
        job, dead = drawing.job_of(index), index in layout.dead
        words = f"Board {board.x} {board.y} {board.z}"
        if job:
            words += f" · job {job.id} · {job.owner}"
        elif not dead:
            words += " · free"
        mark = ' class="dead"' if dead else ""
        yield (
            f'<path data-board="{board.x} {board.y} {board.z}" data-place="{place.column} {place.row}"{mark}'
            f' fill="{fill(drawing, index, style)}" d="{pen.polygon(hexagon(place, BOARD_SIZE))}">'
            f"<title>{text(words + ' · dead' * dead)}</title></path>"
        )


def _stroke(stroke: Stroke, pen: _Pen) -> str:
    return (
        f'<path class="{stroke.name}" d="{pen.segments(stroke.segments)}" stroke="{stroke.colour}"'
        f' stroke-width="{UNIT * stroke.width:.1f}" fill="none" stroke-linecap="round" pointer-events="none"/>'
    )


def _label(label: Label, drawing: Drawing, style: Style, pen: _Pen) -> str:
    ink, beneath = paint(label, drawing, style)
    x, y = pen.point((label.x, label.y)).split()
    more = ' font-weight="bold"' if label.bold else ""
    if label.crossed:
        more += f' stroke="{beneath}" stroke-width="0.3em" paint-order="stroke"'
    return (
        f'<text x="{x}" y="{y}" dy="0.36em" font-size="{UNIT * label.size:.1f}" fill="{ink}"{more}>'
        f"{text(label.text)}</text>"
    )
