"""What is written on the map stands on what it is about, and can be read."""

import pytest
from board_map.machines import JOBS, LARGE, LARGE_JOBS, MACHINE, TORUS, job, region
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.path import Path

from spalloc_client.records import MachineRecord
from spalloc_jupyter.colours import DARK, LIGHT
from spalloc_jupyter.map_drawing import draw_boards, draw_machine, hexagon, middle
from spalloc_jupyter.map_labels import (
    CAP_HEIGHT,
    DIGIT,
    LARGEST_TYPE,
    READABLE_BOARD,
    READABLE_TYPE,
    SPACE,
    board_labels,
    job_labels,
    labels,
    paint,
)


def corners(label):
    """The corners and the middle of the box that a label fills."""
    spaces = label.text.count(" ")
    half = label.size * (DIGIT * (len(label.text) - spaces) + SPACE * spaces) / 2
    return [
        (label.x + dx, label.y + dy)
        for dx in (-half, 0, half)
        for dy in (-label.size * CAP_HEIGHT / 2, 0, label.size * CAP_HEIGHT / 2)
    ]


def stands_on(drawing, label, cell):
    """Whether a label's box lies on hexagons of one job (0: of nobody)."""
    paths = [Path(hexagon(p, 1.01)) for p, c in zip(drawing.layout.places, drawing.cells, strict=True) if c == cell]
    return all(any(path.contains_point(point) for path in paths) for point in corners(label))


@pytest.mark.parametrize("number", [1, 42, 563, 1037, 98765, 1234567])
@pytest.mark.parametrize("size", [(1, 1), (2, 1), (1, 3), (4, 4)])
def test_a_number_stands_on_its_own_boards(number, size):
    drawing = draw_machine(MachineRecord("m", (), 6, 6), jobs=[job(number, region((1, 1), size, (6, 6)))])
    (label,) = job_labels(drawing)
    assert label.text == str(number)
    assert stands_on(drawing, label, 1)


@given(st.integers(1, 9_999_999), st.integers(0, 2))
def test_every_number_has_room_on_one_board(number, z):
    drawing = draw_machine(MACHINE, jobs=[job(number, [(1, 1, z)])])
    (label,) = job_labels(drawing)
    assert stands_on(drawing, label, 1)


@given(st.sets(st.tuples(st.integers(0, 3), st.integers(0, 1), st.integers(0, 2)), min_size=1, max_size=24))
def test_each_piece_of_a_scattered_job_has_its_number(boards):
    drawing = draw_machine(MACHINE, jobs=[job(7, boards)])
    found = job_labels(drawing)
    places = {place for place, cell in zip(drawing.layout.places, drawing.cells, strict=True) if cell}
    assert 1 <= len(found) <= len(boards)
    assert all(stands_on(drawing, label, 1) for label in found)
    assert len(places) == len(boards)


def test_larger_jobs_have_larger_numbers():
    sizes = []
    for size in ((1, 1), (2, 2), (4, 4)):
        drawing = draw_machine(LARGE, jobs=[job(123, region((0, 0), size, (20, 20)), "million")])
        sizes.append(job_labels(drawing)[0].size)
    assert sizes == sorted(sizes)
    assert sizes[0] < sizes[-1]


def test_forty_jobs_have_forty_numbers():
    assert sorted(label.text for label in job_labels(draw_machine(LARGE, jobs=LARGE_JOBS))) == sorted(
        str(one.id) for one in LARGE_JOBS
    )


def test_large_hexagons_are_labelled_each():
    """Coordinate and number of job, both on the board."""
    drawing = draw_machine(MACHINE, jobs=JOBS)
    found = labels(drawing, READABLE_BOARD)
    assert found == board_labels(drawing)
    for index, board in enumerate(drawing.layout.boards):
        x, y = middle(drawing.layout.places[index])
        here = [label for label in found if abs(label.x - x) < 0.5 and abs(label.y - y) < 0.8]
        job_here = drawing.job_of(index)
        coordinate = " ".join(map(str, board))
        assert [label.text for label in here] == [str(job_here.id), coordinate] if job_here else [coordinate]
        assert all(stands_on(drawing, label, drawing.cells[index]) for label in here)
        assert [label.crossed for label in here] == [board == (3, 1, 2)] * len(here)


def test_a_jobs_own_map_bears_coordinates():
    drawing = draw_boards(MACHINE, region((3, 0), (1, 1), TORUS), job=42)
    assert [label.text for label in board_labels(drawing)] == ["3 0 0", "3 0 1", "3 0 2"]


def test_what_could_not_be_read_is_left_out():
    drawing = draw_machine(LARGE, jobs=LARGE_JOBS)
    large, small = job_labels(drawing)[0].size, job_labels(drawing)[-1].size
    assert len(labels(drawing, 7)) == 40
    assert len(labels(drawing, READABLE_TYPE / small * 0.99)) == 39
    assert len(labels(drawing, READABLE_TYPE / large * 0.99)) == 0


def test_no_number_shouts():
    drawing = draw_machine(LARGE, jobs=[job(5, region((0, 0), (9, 9), (20, 20)), "million")])
    (label,) = labels(drawing, READABLE_BOARD - 1)
    assert label.size * (READABLE_BOARD - 1) == pytest.approx(LARGEST_TYPE)


@pytest.mark.parametrize("style", [LIGHT, DARK], ids=["light", "dark"])
def test_labels_are_painted_for_what_they_stand_on(style):
    drawing = draw_machine(MACHINE, jobs=JOBS)
    for label in board_labels(drawing):
        ink, beneath = paint(label, drawing, style)
        if label.cell:
            assert beneath == style.jobs[drawing.jobs[label.cell - 1].colour]
            assert ink in {"#000000", "#ffffff"}
        else:
            assert (ink, beneath) == (style.foreground, style.dead if label.crossed else style.free)
