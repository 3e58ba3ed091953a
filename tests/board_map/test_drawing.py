"""The drawing's numbers: who has which board, in which colour, and where the lines are."""

import itertools

import pytest
from board_map.machines import JOBS, LARGE, LARGE_JOBS, MACHINE, TORUS, job, region
from hypothesis import given
from hypothesis import strategies as st

from spalloc_client.geometry import Link, all_boards, centre, grid_position, other_end, step
from spalloc_client.records import Board, DeadLink, MachineRecord
from spalloc_client.states import JobState
from spalloc_jupyter.map_drawing import bounds, describe, draw_boards, draw_machine, hexagon, middle, summary
from spalloc_jupyter.map_ink import borders, hatching, outlines

EMPTY = MachineRecord("m", (), *TORUS)


def who(drawing):
    """The numbers of jobs by board."""
    return {board: drawing.job_of(i).id for i, board in enumerate(drawing.layout.boards) if drawing.cells[i]}


def mid(segment):
    (x1, y1), (x2, y2) = segment
    return pytest.approx(((x1 + x2) / 2, (y1 + y2) / 2))


def between(board, other):
    """The middle of the side that two neighbours share."""
    return tuple((a + b) / 2 for a, b in zip(centre(Board(*board)), centre(Board(*other)), strict=True))


def test_boards_are_drawn_where_the_geometry_says():
    layout = draw_machine(MACHINE).layout
    assert layout.boards == tuple(all_boards(*TORUS))
    assert layout.places == tuple(map(grid_position, layout.boards))
    assert [middle(place) for place in layout.places] == [centre(board) for board in layout.boards]


def test_the_bounds_hold_all_hexagons_and_no_more():
    layout = draw_machine(MACHINE).layout
    corners = [corner for place in layout.places for corner in hexagon(place)]
    xs, ys = zip(*corners, strict=True)
    assert bounds(layout) == pytest.approx((min(xs), min(ys), max(xs), max(ys)))


def test_every_board_knows_its_job():
    drawing = draw_machine(MACHINE, jobs=JOBS)
    assert who(drawing) == {board: job.id for job in JOBS for board in job.boards}
    assert [(job.id, job.owner) for job in drawing.jobs] == [(job.id, job.owner) for job in JOBS]
    assert [drawing.layout.boards[i] for i in drawing.layout.dead] == [(3, 1, 2)]


def test_what_is_not_on_the_machine_is_not_drawn():
    """Jobs elsewhere, queued jobs, and boards that a confused server tells of."""
    jobs = [
        job(1, [(0, 0, 0)], machine="other"),
        job(2, [], state=JobState.queued),
        job(3, [(0, 0, 0), (9, 9, 9), (-1, 0, 0)]),
    ]
    machine = EMPTY._replace(
        dead_boards=frozenset({Board(7, 7, 7)}),
        dead_links=frozenset({DeadLink(9, 9, 0, 0), DeadLink(0, 0, 0, 6), DeadLink(0, 0, 0, -1)}),
    )
    drawing = draw_machine(machine, jobs=jobs, highlight=[1, 2, 77, (9, 9, 9)])
    assert who(drawing) == {(0, 0, 0): 3}
    assert drawing.layout.dead == frozenset()
    assert drawing.layout.dead_links == ()
    assert drawing.outlined == ()


def test_jobs_may_come_as_an_iterator_in_any_order():
    assert draw_machine(MACHINE, jobs=iter(JOBS[::-1])) == draw_machine(MACHINE, jobs=JOBS)


@given(st.lists(st.integers(1, 9999), min_size=40, max_size=40, unique=True))
def test_jobs_that_touch_have_different_colours(numbers):
    jobs = [one._replace(id=number) for one, number in zip(LARGE_JOBS, numbers, strict=True)]
    drawing = draw_machine(LARGE, jobs=jobs)
    for one, other, _ in drawing.layout.borders:
        if drawing.cells[one] and drawing.cells[other] and drawing.cells[one] != drawing.cells[other]:
            assert drawing.job_of(one).colour != drawing.job_of(other).colour


def test_a_new_job_changes_nobodys_colour():
    before = draw_machine(LARGE, jobs=LARGE_JOBS[:-1])
    after = draw_machine(LARGE, jobs=LARGE_JOBS)
    assert after.jobs[:-1] == before.jobs


def test_jobs_keep_their_colour_when_others_go():
    """Even where the colour is another than a first look at the job would choose."""
    colours = {job.id: job.colour for job in draw_machine(LARGE, jobs=LARGE_JOBS).jobs}
    left = LARGE_JOBS[1::2]
    drawing = draw_machine(LARGE, jobs=left, keep=colours)
    assert {job.id: job.colour for job in drawing.jobs} == {job.id: colours[job.id] for job in left}


@pytest.mark.parametrize("link", list(Link))
def test_a_dead_link_lies_between_its_boards(link):
    """All six links of a board inside the machine; listed from one end, from the other, or from both."""
    here = DeadLink(1, 1, 0, link)
    there = other_end(here, 4, 4)
    machine = MachineRecord("m", (), 4, 4, dead_links=frozenset({here}))
    (drawn,) = draw_machine(machine).layout.dead_links
    assert mid(drawn) == between((1, 1, 0), step(Board(1, 1, 0), link))
    for listed in ({there}, {here, there}):
        machine = machine._replace(dead_links=frozenset(listed))
        (again,) = draw_machine(machine).layout.dead_links
        assert mid(again) == mid(drawn).expected


def test_a_dead_link_around_the_edge_lies_on_both_sides():
    """East of (0, 0, 0) is west of (0, 1, 2) on a machine two triads high."""
    for listed in ([(0, 0, 0, 0)], [(0, 1, 2, 3)], [(0, 0, 0, 0), (0, 1, 2, 3)]):
        machine = EMPTY._replace(dead_links=frozenset(itertools.starmap(DeadLink, listed)))
        drawn = draw_machine(machine).layout.dead_links
        below, above = sorted(drawn, key=lambda segment: segment[0][1])
        assert mid(below) == between((0, 0, 0), (0, -1, 2))
        assert mid(above) == between((0, 1, 2), (0, 2, 0))


def test_lines_around_a_triad():
    """Three hexagons that touch have 18 sides, six of which they share."""
    drawing = draw_machine(MACHINE, jobs=JOBS, highlight=[33])
    assert [[drawing.layout.boards[i] for i in sorted(group)] for group in drawing.outlined] == [
        [(2, 0, 0), (2, 0, 1), (2, 0, 2)]
    ]
    assert len(outlines(drawing)) == 12


def test_lines_around_boards_and_around_jobs():
    """Boards that are named are one group, each job is its own."""
    drawing = draw_machine(MACHINE, jobs=JOBS, highlight=[31, 33, (0, 1, 0), (0, 1, 1), (0, 1, 0)])
    assert sorted(map(len, drawing.outlined)) == [2, 3, 6]
    assert len(outlines(draw_machine(MACHINE, highlight=[(0, 1, 0), (0, 1, 1)]))) == 10


def test_lines_between_jobs():
    """Jobs 31 and 33 touch on two sides, 31 and 39 on four, 33 and 1037 on one."""
    drawing = draw_machine(MACHINE, jobs=JOBS)
    boards = {board: job.id for job in JOBS for board in job.boards}
    expected = [
        between(board, there)
        for board, link in itertools.product(boards, list(Link)[:3])
        if (there := step(board, link)) in boards and boards[there] != boards[board]
    ]
    assert sorted(mid(segment).expected for segment in borders(drawing)) == [
        pytest.approx(place) for place in sorted(expected)
    ]
    assert len(expected) == 7


def test_hatching_stays_within_its_board():
    place = grid_position(Board(1, 1, 1))
    x, y = middle(place)
    for point in itertools.chain.from_iterable(hatching(place)):
        assert max(abs(point[0] - x), (abs(point[0] - x) + abs(point[1] - y) / 3**0.5)) <= 1
        assert abs(point[1] - y) < 3**0.5 / 2


def test_one_jobs_boards_come_in_one_piece():
    """A job of 2 x 2 triads that lies around both edges of the torus is drawn as if it did not."""
    drawing = draw_boards(MACHINE, region((3, 1), (2, 2), TORUS), job=42)
    drawn = dict(zip(drawing.layout.boards, drawing.layout.places, strict=True))
    assert set(drawn.values()) == {grid_position(Board(3 + x, y, z)) for x, y, z in all_boards(2, 2)}
    assert who(drawing) == dict.fromkeys(drawn, 42)


def test_one_jobs_boards_show_their_own_dead_links_alone():
    drawing = draw_boards(MACHINE, [(0, 0, 0)], job=1)
    (drawn,) = drawing.layout.dead_links
    assert mid(drawn) == between((0, 0, 0), (0, -1, 2))
    assert draw_boards(MACHINE, [(2, 0, 0)], job=1).layout.dead_links == ()


def test_boards_that_nobody_has():
    drawing = draw_boards(MACHINE, [[3, 1, 2], [3, 1, 1], [9, 9, 9]], highlight=[(3, 1, 1)])
    assert drawing.layout.boards == ((3, 1, 1), (3, 1, 2))
    assert drawing.cells == (0, 0)
    assert drawing.layout.dead == {1}
    assert drawing.outlined == ({0},)


def test_no_boards_at_all():
    drawing = draw_boards(MACHINE, [], job=1)
    assert drawing.layout.boards == ()
    assert bounds(drawing.layout) == pytest.approx((-1, -(3**0.5) / 2, 1, 3**0.5 / 2))


def test_a_map_in_words():
    assert describe(draw_machine(MACHINE, jobs=JOBS)) == "Map of machine m: 24 boards, 13 in 4 jobs, 1 dead"
    assert summary(draw_boards(MACHINE, [(0, 0, 0)], job=1)) == "1 board, 1 in 1 job"
    assert summary(draw_machine(LARGE)) == "1,200 boards"
