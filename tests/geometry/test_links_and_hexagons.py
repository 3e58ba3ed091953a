"""Links and where hexagons are drawn, against Rig's links and against the server's own table."""

import itertools
import math
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from spalloc_server.coordinates import board_down_link
from spalloc_server.links import Links as ServerLinks

from spalloc_client.geometry import (
    CORNERS,
    Link,
    all_boards,
    board_at,
    centre,
    chips_of,
    edge,
    grid_position,
    neighbour,
    other_end,
    step,
)
from spalloc_client.records import Board, DeadLink

MACHINES = [(1, 1), (1, 2), (2, 1), (4, 2), (3, 5)]
boards = st.builds(Board, st.integers(-50, 50), st.integers(-50, 50), st.integers(0, 2))
links = st.sampled_from(Link)


def test_links_are_numbered_as_in_rig():
    """``rig.links.Links`` of Rig 2.4.1: number, vector and opposite."""
    assert {link.name.lower(): (int(link), tuple(link.chip_step), int(link.opposite)) for link in Link} == {
        "east": (0, (1, 0), 3),
        "north_east": (1, (1, 1), 4),
        "north": (2, (0, 1), 5),
        "west": (3, (-1, 0), 0),
        "south_west": (4, (-1, -1), 1),
        "south": (5, (0, -1), 2),
    }


def test_links_are_numbered_as_in_the_server():
    assert {link.name.lower(): int(link) for link in Link} == {link.name: int(link) for link in ServerLinks}


@pytest.mark.parametrize(("width", "height"), MACHINES)
def test_every_link_of_every_board_leads_where_the_server_says(width, height):
    for board, link in itertools.product(all_boards(width, height), Link):
        *expected, _ = board_down_link(*board, ServerLinks(link), width, height)
        assert neighbour(board, link, width, height) == tuple(expected)


@pytest.mark.parametrize("z", [0, 1, 2])
def test_eight_chip_links_lead_over_each_side_of_a_board(z):
    """A board's 48 outgoing chip links, eight a side, lead to the boards that its own six links name."""
    board = Board(5, 5, z)
    owner = {chip: other for other in all_boards(12, 12) for chip in chips_of(other, 12, 12)}
    reached = [
        owner[chip.x + link.chip_step.x, chip.y + link.chip_step.y]
        for chip, link in itertools.product(chips_of(board, 12, 12), Link)
    ]
    assert Counter(other for other in reached if other != board) == dict.fromkeys(
        [neighbour(board, link, 12, 12) for link in Link], 8
    )


@given(boards, links, st.integers(1, 30), st.integers(1, 30))
def test_going_back_leads_back(board, link, width, height):
    assert step(step(board, link), link.opposite) == board
    there = neighbour(board, link, width, height)
    x, y, z = neighbour(there, link.opposite, width, height)
    assert (x, y, z) == (board.x % width, board.y % height, board.z)


@given(boards)
def test_going_round_leads_back(board):
    there = board
    for link in Link:
        there = step(there, link)
    assert there == board


def test_a_link_has_two_names():
    assert other_end(DeadLink(0, 0, 0, 0), 4, 2) == (0, 1, 2, 3)
    assert other_end(DeadLink(0, 1, 2, 3), 4, 2) == (0, 0, 0, 0)


def test_boards_lie_on_the_grid_as_in_the_literature():
    """Board 1 to the right of 0 and 2, board 2 above 0; the next row of triads half a triad to the left."""
    assert {board: grid_position(board) for board in all_boards(2, 2)} == {
        (0, 0, 0): (0, 0), (0, 0, 1): (1, 1), (0, 0, 2): (0, 2),
        (1, 0, 0): (2, 0), (1, 0, 1): (3, 1), (1, 0, 2): (2, 2),
        (0, 1, 0): (-1, 3), (0, 1, 1): (0, 4), (0, 1, 2): (-1, 5),
        (1, 1, 0): (1, 3), (1, 1, 1): (2, 4), (1, 1, 2): (1, 5),
    }  # fmt: skip


@given(boards)
def test_the_grid_position_tells_the_board(board):
    position = grid_position(board)
    assert board_at(position) == board
    assert (position.column - position.row) % 2 == 0


def test_grid_steps_of_the_links():
    assert [link.grid_step for link in Link] == [(1, -1), (1, 1), (0, 2), (-1, 1), (-1, -1), (0, -2)]


def test_a_hexagon_is_flat_on_top():
    height = math.sqrt(3) / 2
    expected = [(1, 0), (0.5, height), (-0.5, height), (-1, 0), (-0.5, -height), (0.5, -height)]
    for corner, wanted in zip(CORNERS, expected, strict=True):
        assert corner == pytest.approx(wanted)


@given(boards, links)
def test_neighbours_share_a_whole_side_and_nothing_else(board, link):
    there = step(board, link)
    ours = [shifted(point, centre(board)) for point in edge(link)]
    theirs = [shifted(point, centre(there)) for point in edge(link.opposite)]
    for our, their in zip(ours, reversed(theirs), strict=True):
        assert our == pytest.approx(their, abs=1e-9)
    assert math.dist(centre(board), centre(there)) == pytest.approx(math.sqrt(3))


@pytest.mark.parametrize("link", Link)
def test_links_leave_at_sixty_degree_steps_from_the_lower_right(link):
    (x1, y1), (x2, y2) = edge(link)
    assert math.degrees(math.atan2(y1 + y2, x1 + x2)) % 360 == pytest.approx((60 * link - 30) % 360)


def shifted(point, by):
    return point[0] + by[0], point[1] + by[1]
