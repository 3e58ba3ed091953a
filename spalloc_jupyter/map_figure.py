"""The board map drawn by matplotlib. It is imported when a map is drawn, as matplotlib takes its time.

Everything but title and legend is drawn in the map's own units, so that a figure may be given any size afterwards;
and never by pyplot, whose figures belong to the cell that runs.
"""

import io
import math
from collections.abc import Iterable
from functools import lru_cache

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import PathCollection, PolyCollection
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, PathPatch
from matplotlib.path import Path
from matplotlib.textpath import TextPath
from matplotlib.transforms import Affine2D

from spalloc_jupyter.colours import Style
from spalloc_jupyter.map_drawing import Drawing, Point, Segment, bounds, hexagon, summary
from spalloc_jupyter.map_ink import BOARD_SIZE, MARGIN, fill, strokes
from spalloc_jupyter.map_labels import CAP_HEIGHT, Label, labels, paint

LARGEST_SIDE = 30.0
"""The side of a hexagon in points, unless the figure would be wider than is asked for."""

STRIP = 0.3
"""Inches that a title or a legend takes of a figure's height."""


class MapFigure(Figure):
    """A figure that a notebook shows, whichever way matplotlib is set up there."""

    def _repr_png_(self) -> bytes:
        return to_png(self)


def new_figure(drawing: Drawing, style: Style, width: float, title: str) -> tuple[Figure, Axes]:
    """Return a figure for a map, at most `width` inches wide, and its axes; strips for title and legend are left."""
    left, bottom, right, top = _limits(drawing)
    side = min(LARGEST_SIDE / 72, width / (right - left))
    wide, high = (right - left) * side, (top - bottom) * side
    below = STRIP * bool(_legend(drawing, style))
    total = below + high + STRIP * bool(title)
    figure = MapFigure(figsize=(wide, total), facecolor=style.background)
    FigureCanvasAgg(figure)
    return figure, figure.add_axes((0, below / total, 1, high / total))


def plot(drawing: Drawing, style: Style, ax: Axes, title: str) -> None:
    """Draw a map on axes, with a legend of what needs one."""
    left, bottom, right, top = _limits(drawing)
    ax.set(xlim=(left, right), ylim=(bottom, top), aspect="equal")
    ax.set_axis_off()
    hexagons = [hexagon(place, BOARD_SIZE) for place in drawing.layout.places]
    fills = [fill(drawing, board, style) for board in range(len(hexagons))]
    ax.add_collection(PolyCollection(hexagons, facecolors=fills, linewidths=0, gid="boards"), autolim=False)
    side = _side(ax)
    for stroke in strokes(drawing, style, side):
        bars = [_bar(segment, stroke.width) for segment in stroke.segments]
        lines = PolyCollection(bars, facecolors=stroke.colour, linewidths=0, gid=stroke.name)
        ax.add_collection(lines, autolim=False)
    _write(ax, labels(drawing, side), drawing, style)
    if title:
        _entitle(ax, title, drawing, style)
    _explain(ax, drawing, style)


def to_png(figure: Figure, dpi: float = 144.0) -> bytes:
    """Return a figure as PNG, cropped to what is drawn."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=dpi, bbox_inches="tight", pad_inches=0.05)
    return buffer.getvalue()


def _limits(drawing: Drawing) -> tuple[float, float, float, float]:
    left, bottom, right, top = bounds(drawing.layout)
    return left - MARGIN, bottom - MARGIN, right + MARGIN, top + MARGIN


def _side(ax: Axes) -> float:
    """Return the side of a hexagon in points, as far as is known before the figure is drawn."""
    box, (left, right), (bottom, top) = ax.get_window_extent(), ax.get_xlim(), ax.get_ylim()
    pixels = min(box.width / (right - left), box.height / (top - bottom))
    return float(pixels * 72 / ax.figure.dpi)


def _bar(segment: Segment, width: float) -> tuple[Point, ...]:
    """Return a line as a polygon, long enough to meet the next side of a hexagon."""
    (x1, y1), (x2, y2) = segment
    length = math.hypot(x2 - x1, y2 - y1)
    along_x, along_y = (x2 - x1) / length * width / 2, (y2 - y1) / length * width / 2
    more = math.tan(math.pi / 6)  # sides of a hexagon meet at 120 degrees
    x1, y1, x2, y2 = x1 - more * along_x, y1 - more * along_y, x2 + more * along_x, y2 + more * along_y
    return (
        (x1 - along_y, y1 + along_x),
        (x1 + along_y, y1 - along_x),
        (x2 + along_y, y2 - along_x),
        (x2 - along_y, y2 + along_x),
    )


def _write(ax: Axes, texts: Iterable[Label], drawing: Drawing, style: Style) -> None:
    """Write labels as outlines of letters, which keep their size within the map."""
    texts = tuple(texts)
    paths = [_letters(label.text, label.bold).transformed(_placed(label)) for label in texts]
    colours = [paint(label, drawing, style) for label in texts]
    around = [(path, beneath) for path, (_, beneath), label in zip(paths, colours, texts, strict=True) if label.crossed]
    for path, beneath in around:
        ax.add_patch(PathPatch(path, fc=beneath, ec=beneath, linewidth=4, joinstyle="round"))
    inks = [ink for ink, _ in colours]
    ax.add_collection(PathCollection(paths, facecolors=inks, linewidths=0, gid="labels", zorder=2), autolim=False)


@lru_cache(maxsize=1024)
def _letters(text: str, bold: bool) -> Path:
    """Return text of size 1, centred about (0, 0)."""
    path = TextPath((0, 0), text, size=1, prop=FontProperties(weight="bold" if bold else "normal"))
    box = path.get_extents()
    return path.transformed(Affine2D().translate(-(box.x0 + box.x1) / 2, -CAP_HEIGHT / 2))


def _placed(label: Label) -> Affine2D:
    return Affine2D().scale(label.size).translate(label.x, label.y)


def _entitle(ax: Axes, title: str, drawing: Drawing, style: Style) -> None:
    """Write a title, and beside it what the map shows; names are the server's and may be anything."""
    ax.set_title(_drawable(title), loc="left", fontsize=10, fontweight="bold", color=style.foreground, parse_math=False)
    ax.set_title(summary(drawing), loc="right", fontsize=8, color=style.foreground)


def _drawable(text: str) -> str:
    """Return text with what cannot be printed, or is not in matplotlib's face, replaced."""
    face = get_font(findfont(FontProperties(weight="bold")))
    return "".join(
        char if char.isprintable() and face.get_char_index(ord(char)) else "\N{REPLACEMENT CHARACTER}" for char in text
    )


def _legend(drawing: Drawing, style: Style) -> list[Artist]:
    """Return examples of what the map does not explain itself."""
    handles: list[Artist] = []
    if drawing.layout.dead:
        handles.append(Patch(fc=style.dead, ec=style.hatch, hatch="/////", linewidth=0.5, label="dead board"))
    if drawing.layout.dead_links:
        handles.append(Line2D([], [], color=style.dead_link, linewidth=3, label="dead link"))
    return handles


def _explain(ax: Axes, drawing: Drawing, style: Style) -> None:
    """Add a legend below the map, if it needs one."""
    if handles := _legend(drawing, style):
        ax.legend(
            handles=handles,
            loc="upper left",
            bbox_to_anchor=(0, 0),
            borderaxespad=0.2,
            borderpad=0.2,
            ncols=len(handles),
            frameon=False,
            fontsize=8,
            labelcolor=style.foreground,
        )
