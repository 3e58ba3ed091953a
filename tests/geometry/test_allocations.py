"""What a job sees of the boards it was given: their places in one piece, their chips, their size."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from spalloc_server.coordinates import WrapAround, board_down_link, triad_dimensions_to_chips
from spalloc_server.links import Links as ServerLinks

from spalloc_client.geometry import all_boards, ethernet_chips, size_in_chips, unwrap, wrap
from spalloc_client.records import Board


def region(place, size, torus):
    """All boards of a rectangle of triads on a torus."""
    return {wrap(Board(place[0] + x, place[1] + y, z), *torus) for x, y, z in all_boards(*size)}


def server_size(boards, width, height):
    """What the server's controller computes when it has allocated boards."""
    if len(boards) == 1:
        return (8, 8)
    around = WrapAround.none
    for board in boards:
        for link in ServerLinks:
            *there, wrapped = board_down_link(*board, link, width, height)
            if tuple(there) in boards:
                around |= wrapped
    low, high = min(boards), max(boards)
    return triad_dimensions_to_chips(high[0] - low[0] + 1, high[1] - low[1] + 1, around)


@st.composite
def regions(draw):
    torus = draw(st.integers(1, 8)), draw(st.integers(1, 8))
    size = draw(st.integers(1, torus[0])), draw(st.integers(1, torus[1]))
    place = draw(st.integers(0, torus[0] - 1)), draw(st.integers(0, torus[1] - 1))
    return place, size, torus


@given(regions())
def test_a_rectangle_of_triads_comes_in_one_piece(drawn):
    """Wherever on the torus it lies, its boards are drawn as that rectangle."""
    place, size, torus = drawn
    places = unwrap(region(place, size, torus), *torus)
    assert {board: wrap(there, *torus) for board, there in places.items()} == {board: board for board in places}
    left = 0 if size[0] == torus[0] else place[0]
    bottom = 0 if size[1] == torus[1] else place[1]
    assert set(places.values()) == {Board(left + x, bottom + y, z) for x, y, z in all_boards(*size)}


def test_boards_that_lie_apart_the_same_both_ways_stay():
    boards = [Board(0, 0, 0), Board(2, 0, 0)]
    assert unwrap(boards, 4, 1) == dict(zip(boards, boards, strict=True))


def test_no_boards_have_no_places():
    assert unwrap([], 4, 2) == {}
    assert ethernet_chips([], 4, 2) == {}


@pytest.mark.parametrize("torus", [(1, 1), (2, 1), (1, 3), (4, 2), (3, 4)])
def test_sizes_are_those_the_server_computes(torus):
    """Every rectangle of triads that the server may allocate."""
    for width in range(1, torus[0] + 1):
        for height in range(1, torus[1] + 1):
            for left in range(torus[0] - width + 1):
                for bottom in range(torus[1] - height + 1):
                    boards = region((left, bottom), (width, height), torus)
                    assert size_in_chips(boards, *torus) == server_size(boards, *torus)


@given(regions())
def test_a_region_around_the_edge_is_as_large_as_one_inside(drawn):
    place, size, torus = drawn
    assert size_in_chips(region(place, size, torus), *torus) == size_in_chips(region((0, 0), size, torus), *torus)


def test_one_board_is_eight_by_eight():
    assert size_in_chips([Board(3, 1, 2)], 4, 2) == (8, 8)


def test_three_boards_are_sixteen_by_sixteen_and_a_torus_of_them_twelve_by_twelve():
    assert size_in_chips(region((1, 0), (1, 1), (4, 2)), 4, 2) == (16, 16)
    assert size_in_chips(region((0, 0), (1, 1), (1, 1)), 1, 1) == (12, 12)


def test_a_job_counts_chips_from_its_own_corner():
    """The Ethernet chips that the manual lists for two triads, here around the torus' edge."""
    assert ethernet_chips(region((3, 3), (1, 2), (4, 4)), 4, 4) == {
        (0, 0): (3, 3, 0),
        (0, 12): (3, 0, 0),
        (4, 8): (3, 3, 2),
        (4, 20): (3, 0, 2),
        (8, 4): (3, 3, 1),
        (8, 16): (3, 0, 1),
    }


def test_a_job_of_one_board_counts_from_that_board():
    assert ethernet_chips([Board(3, 1, 2)], 4, 2) == {(0, 0): (3, 1, 2)}


def test_a_job_without_its_first_boards_still_counts_from_its_corner():
    assert ethernet_chips([Board(1, 1, 1), Board(1, 1, 2)], 4, 2) == {(4, 8): (1, 1, 2), (8, 4): (1, 1, 1)}
