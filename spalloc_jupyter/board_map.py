"""Maps of machines and of a job's boards: as matplotlib axes, as PNG, as SVG.

>>> from spalloc_jupyter.board_map import plot_machine
>>> ax = plot_machine(machine, jobs=jobs, highlight=[job.id])
>>> ax.figure.savefig("machine.pdf", bbox_inches="tight")

All of them show the same :class:`~spalloc_jupyter.map_drawing.Drawing`, which is plain numbers. matplotlib is
imported when something is drawn with it, pyplot never.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from spalloc_client.records import JobRecord, MachineRecord
from spalloc_jupyter.colours import DARK, LIGHT, Style
from spalloc_jupyter.map_drawing import Drawing, draw_boards, draw_machine
from spalloc_jupyter.map_svg import map_svg

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = [
    "DARK",
    "LIGHT",
    "Drawing",
    "Style",
    "draw_boards",
    "draw_machine",
    "map_png",
    "map_svg",
    "plot_boards",
    "plot_drawing",
    "plot_machine",
]

WIDTH = 9.0
"""Inches that a figure may be wide, if nothing else is asked for."""


def plot_machine(
    machine: MachineRecord,
    *,
    jobs: Iterable[JobRecord] = (),
    highlight: Iterable[int | tuple[int, int, int]] = (),
    style: Style = LIGHT,
    ax: "Axes | None" = None,
) -> "Axes":
    """Plot a machine: who has which board, dead boards, dead links.

    Parameters
    ----------
    machine
        The machine, of any size.
    jobs
        Jobs of any machine, in any state; those that have boards of this one are drawn, each with its number where
        there is room for it.
    highlight
        Numbers of jobs, and boards (x, y, z), to draw a line around.
    style
        `LIGHT`, `DARK` or colours of your own.
    ax
        Axes to draw on; new ones in a figure of their own if not given. Figures made here do not belong to pyplot; a
        notebook shows one if ``ax.figure`` is a cell's last line.

    Returns
    -------
    matplotlib.axes.Axes
        Its units are sides of a hexagon; board (0, 0, 0) is at (0, 0).
    """
    drawing = draw_machine(machine, jobs=jobs, highlight=highlight)
    return plot_drawing(drawing, style=style, ax=ax, title=machine.name)


def plot_boards(
    machine: MachineRecord,
    boards: Iterable[tuple[int, int, int]],
    *,
    job: int | None = None,
    highlight: Iterable[int | tuple[int, int, int]] = (),
    style: Style = LIGHT,
    ax: "Axes | None" = None,
) -> "Axes":
    """Plot the boards of one job alone, in one piece if they lie around the edge of the torus.

    Parameters
    ----------
    machine
        The machine that the boards are part of.
    boards
        Boards (x, y, z) of one allocation, in any order.
    job
        The number of the job that has them, which decides the colour; without it, nobody has them.
    highlight, style, ax
        As for :func:`plot_machine`.

    Returns
    -------
    matplotlib.axes.Axes
    """
    return plot_drawing(draw_boards(machine, boards, job=job, highlight=highlight), style=style, ax=ax)


def plot_drawing(
    drawing: Drawing,
    *,
    style: Style = LIGHT,
    ax: "Axes | None" = None,
    title: str = "",
    width: float = WIDTH,
) -> "Axes":
    """Plot what :func:`draw_machine` or :func:`draw_boards` returned; `width` in inches is for a new figure."""
    from spalloc_jupyter import map_figure

    if ax is None:
        _, ax = map_figure.new_figure(drawing, style, width, title)
    map_figure.plot(drawing, style, ax, title)
    return ax


def map_png(
    drawing: Drawing, *, style: Style = LIGHT, title: str = "", width: float = WIDTH, dpi: float = 144.0
) -> bytes:
    """Return what :func:`draw_machine` or :func:`draw_boards` returned as PNG, at most `width` inches wide."""
    from spalloc_jupyter import map_figure

    figure, ax = map_figure.new_figure(drawing, style, width, title)
    map_figure.plot(drawing, style, ax, title)
    return map_figure.to_png(figure, dpi)
