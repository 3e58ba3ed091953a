"""The map as matplotlib draws it: looked at through the pixels that come out."""

import io
import subprocess
import sys

import numpy as np
import pytest
from board_map.machines import HOSTILE, JOBS, LARGE, LARGE_JOBS, MACHINE, TORUS, region
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from PIL import Image

from spalloc_client.records import MachineRecord
from spalloc_jupyter.board_map import (
    DARK,
    LIGHT,
    draw_boards,
    draw_machine,
    map_png,
    plot_boards,
    plot_drawing,
    plot_machine,
)
from spalloc_jupyter.map_drawing import bounds, middle
from spalloc_jupyter.map_ink import fill


def pixels(ax):
    """A function that tells the colour at a point of the map, as rendered."""
    ax.figure.set_dpi(250)  # so that a pixel in a small hexagon is not on its rim
    canvas = FigureCanvasAgg(ax.figure)
    canvas.draw()
    image = Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")

    def colour(x, y):
        across, up = ax.transData.transform((x, y))
        return "#{:02x}{:02x}{:02x}".format(*image.getpixel((int(across), int(image.height - up))))

    return colour


def assert_boards_have_their_colours(ax, drawing, style):
    """Low in each hexagon, where neither label nor hatching is."""
    colour = pixels(ax)
    for index, place in enumerate(drawing.layout.places):
        x, y = middle(place)
        if index not in drawing.layout.dead:
            assert colour(x, y - 0.67) == fill(drawing, index, style), drawing.layout.boards[index]


@pytest.mark.parametrize("style", [LIGHT, DARK], ids=["light", "dark"])
def test_every_board_is_seen_in_the_colour_of_its_job(style):
    ax = plot_machine(MACHINE, jobs=JOBS, style=style)
    assert_boards_have_their_colours(ax, draw_machine(MACHINE, jobs=JOBS), style)
    assert pixels(ax)(*bounds(draw_machine(MACHINE).layout)[:2]) == style.background


def test_a_large_machine():
    """1,200 boards with 40 jobs, in one collection."""
    drawing = draw_machine(LARGE, jobs=LARGE_JOBS)
    ax = plot_machine(LARGE, jobs=LARGE_JOBS)
    colour = pixels(ax)
    seen = {colour(x + 0.6, y) for x, y in map(middle, drawing.layout.places)}
    assert {*LIGHT.jobs, LIGHT.free} <= seen
    (boards,) = [one for one in ax.collections if one.get_gid() == "boards"]
    assert [to_hex(colour) for colour in boards.get_facecolors()] == [fill(drawing, i, LIGHT) for i in range(1200)]
    assert len(ax.collections) <= 4


def test_dead_links_and_outlines_are_seen():
    drawing = draw_machine(MACHINE, jobs=JOBS, highlight=[33])
    colour = pixels(plot_drawing(drawing))
    for (x1, y1), (x2, y2) in drawing.layout.dead_links:
        assert colour((x1 + x2) / 2, (y1 + y2) / 2) == LIGHT.dead_link
    x, y = middle(drawing.layout.places[drawing.layout.boards.index((2, 0, 0))])
    assert colour(x, y - 3**0.5 / 2) == LIGHT.foreground


def test_a_map_joins_axes_that_are_there():
    """Beside another map, keeping to its own axes."""
    figure = Figure(figsize=(8, 3))
    left, right = figure.subplots(1, 2)
    assert plot_machine(MACHINE, jobs=JOBS, ax=left) is left
    assert plot_boards(MACHINE, region((3, 1), (2, 2), TORUS), job=42, style=LIGHT, ax=right) is right
    assert_boards_have_their_colours(left, draw_machine(MACHINE, jobs=JOBS), LIGHT)
    assert_boards_have_their_colours(right, draw_boards(MACHINE, region((3, 1), (2, 2), TORUS), job=42), LIGHT)
    assert left.get_aspect() == right.get_aspect() == 1


def test_the_map_keeps_its_proportions_in_a_figure_of_another_size():
    """Type and lines, too: they are drawn in the map's units."""
    ax = plot_machine(MACHINE, jobs=JOBS)
    ax.figure.set_size_inches(3, 6)
    assert_boards_have_their_colours(ax, draw_machine(MACHINE, jobs=JOBS), LIGHT)


@pytest.mark.parametrize("kind", ["png", "svg", "pdf"])
def test_it_can_be_published(kind):
    file = io.BytesIO()
    plot_machine(MACHINE, jobs=JOBS).figure.savefig(file, format=kind)
    assert file.getvalue().startswith({"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF"}[kind])


def test_a_legend_explains_what_needs_it_and_nothing_else():
    legend = plot_machine(MACHINE).get_legend()
    assert [text.get_text() for text in legend.get_texts()] == ["dead board", "dead link"]
    assert plot_machine(LARGE).get_legend() is None


def test_a_name_is_not_markup():
    """Half a formula in a name is no error, and what no face can draw is no warning."""
    ax = plot_machine(MachineRecord(HOSTILE, (), 1, 1))
    shown = ax.get_title(loc="left")
    assert shown.startswith("</script><img src=x onerror=alert(1)>&\"'{0}%s$\\frac{\N{REPLACEMENT CHARACTER}")
    assert "\x1b" not in shown
    assert pixels(ax)(0, 0.6) == LIGHT.free


@pytest.mark.parametrize("style", [LIGHT, DARK], ids=["light", "dark"])
def test_a_picture_is_cropped_to_the_map(style):
    wide, narrow = (
        Image.open(io.BytesIO(map_png(draw_boards(MACHINE, boards, job=1), style=style)))
        for boards in (region((0, 0), (4, 2), TORUS), [(2, 0, 0)])
    )
    assert narrow.width < narrow.height * 1.3
    assert narrow.width * 5 < wide.width
    corner = "#{:02x}{:02x}{:02x}".format(*wide.convert("RGB").getpixel((0, 0)))
    assert corner == style.background


def test_a_picture_is_no_wider_than_asked_for():
    drawing = draw_machine(LARGE)
    for width in (3, 6):
        picture = Image.open(io.BytesIO(map_png(drawing, width=width, dpi=100)))
        assert width * 100 - 30 < picture.width <= width * 100 + 10


def test_a_notebook_shows_the_figure():
    assert plot_machine(MACHINE).figure._repr_png_().startswith(b"\x89PNG")


def test_nothing_here_needs_pyplot_and_nothing_imports_matplotlib_before_it_draws():
    code = """
import sys
from spalloc_client.records import MachineRecord
from spalloc_jupyter.board_map import draw_machine, map_png, map_svg
drawing = draw_machine(MachineRecord("m", (), 4, 2))
map_svg(drawing)
print("matplotlib" in sys.modules, "numpy" in sys.modules, "IPython" in sys.modules)
map_png(drawing)
print("matplotlib" in sys.modules, "matplotlib.pyplot" in sys.modules)
"""
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.split() == ["False", "False", "False", "True", "False"]


def test_one_board_is_as_much_a_map_as_many():
    ax = plot_boards(MACHINE, [(0, 0, 0)], job=7)
    assert_boards_have_their_colours(ax, draw_boards(MACHINE, [(0, 0, 0)], job=7), LIGHT)
    assert not ax.get_title(loc="left")
