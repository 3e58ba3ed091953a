"""Boards and chips, against literal results of Rig 2.4.1 and against the server's own arithmetic."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from spalloc_server.coordinates import board_to_chip as server_board_to_chip
from spalloc_server.coordinates import chip_to_board as server_chip_to_board

from spalloc_client.geometry import (
    BOARD_CHIPS,
    all_boards,
    board_chip,
    board_to_chip,
    chip_to_board,
    chips_of,
    ethernet_chip,
    is_board,
    wrap,
)
from spalloc_client.records import Board, Chip

MACHINES = [(1, 1), (1, 2), (2, 1), (4, 2), (3, 5)]

# spinn5_chip_coord(x, y) and spinn5_local_eth_coord(x, y, 12, 12) of rig.geometry 2.4.1; y = 11 is on top.
RIG_CHIP_COORD = """
4,7 5,7 6,7 7,7 0,3 1,3 2,3 3,3 4,3 5,3 6,3 7,3
4,6 5,6 6,6 7,6 0,2 1,2 2,2 3,2 4,2 5,2 6,2 3,6
4,5 5,5 6,5 7,5 0,1 1,1 2,1 3,1 4,1 5,1 2,5 3,5
4,4 5,4 6,4 7,4 0,0 1,0 2,0 3,0 4,0 1,4 2,4 3,4
4,3 5,3 6,3 7,3 4,7 5,7 6,7 7,7 0,3 1,3 2,3 3,3
4,2 5,2 6,2 3,6 4,6 5,6 6,6 7,6 0,2 1,2 2,2 3,2
4,1 5,1 2,5 3,5 4,5 5,5 6,5 7,5 0,1 1,1 2,1 3,1
4,0 1,4 2,4 3,4 4,4 5,4 6,4 7,4 0,0 1,0 2,0 3,0
0,3 1,3 2,3 3,3 4,3 5,3 6,3 7,3 4,7 5,7 6,7 7,7
0,2 1,2 2,2 3,2 4,2 5,2 6,2 3,6 4,6 5,6 6,6 7,6
0,1 1,1 2,1 3,1 4,1 5,1 2,5 3,5 4,5 5,5 6,5 7,5
0,0 1,0 2,0 3,0 4,0 1,4 2,4 3,4 4,4 5,4 6,4 7,4
"""
RIG_LOCAL_ETHERNET = """
8,4 8,4 8,4 8,4 4,8 4,8 4,8 4,8 4,8 4,8 4,8 4,8
8,4 8,4 8,4 8,4 4,8 4,8 4,8 4,8 4,8 4,8 4,8 8,4
8,4 8,4 8,4 8,4 4,8 4,8 4,8 4,8 4,8 4,8 8,4 8,4
8,4 8,4 8,4 8,4 4,8 4,8 4,8 4,8 4,8 8,4 8,4 8,4
8,4 8,4 8,4 8,4 0,0 0,0 0,0 0,0 8,4 8,4 8,4 8,4
8,4 8,4 8,4 0,0 0,0 0,0 0,0 0,0 8,4 8,4 8,4 8,4
8,4 8,4 0,0 0,0 0,0 0,0 0,0 0,0 8,4 8,4 8,4 8,4
8,4 0,0 0,0 0,0 0,0 0,0 0,0 0,0 8,4 8,4 8,4 8,4
0,0 0,0 0,0 0,0 0,0 0,0 0,0 0,0 4,8 4,8 4,8 4,8
0,0 0,0 0,0 0,0 0,0 0,0 0,0 4,8 4,8 4,8 4,8 4,8
0,0 0,0 0,0 0,0 0,0 0,0 4,8 4,8 4,8 4,8 4,8 4,8
0,0 0,0 0,0 0,0 0,0 4,8 4,8 4,8 4,8 4,8 4,8 4,8
"""


def table(text):
    rows = [[Chip(*map(int, pair.split(","))) for pair in line.split()] for line in text.split("\n") if line]
    return {(x, y): chip for y, row in enumerate(reversed(rows)) for x, chip in enumerate(row)}


def test_a_board_has_48_chips_in_a_hexagon():
    rows = [[chip.x for chip in BOARD_CHIPS if chip.y == y] for y in range(8)]
    assert [(row[0], row[-1]) for row in rows] == [
        (0, 4),
        (0, 5),
        (0, 6),
        (0, 7),
        (1, 7),
        (2, 7),
        (3, 7),
        (4, 7),
    ]
    assert len(BOARD_CHIPS) == len(set(BOARD_CHIPS)) == 48


def test_chips_find_their_place_on_the_board_as_in_rig():
    assert {xy: board_chip(Chip(*xy)) for xy in table(RIG_CHIP_COORD)} == table(RIG_CHIP_COORD)


def test_chips_find_their_ethernet_chip_as_in_rig():
    assert {xy: ethernet_chip(Chip(*xy), 1, 1) for xy in table(RIG_LOCAL_ETHERNET)} == table(RIG_LOCAL_ETHERNET)


def test_the_ethernet_chips_of_two_triads_are_those_of_rig():
    """``rig.geometry.spinn5_eth_coords(24, 12)`` of Rig 2.4.1."""
    assert {board_to_chip(board) for board in all_boards(2, 1)} == {
        (0, 0), (4, 8), (8, 4), (12, 0), (16, 8), (20, 4),
    }  # fmt: skip


@pytest.mark.parametrize(("width", "height"), MACHINES)
def test_boards_and_chips_agree_with_the_server(width, height):
    """Every board and every chip of a small machine."""
    for board in all_boards(width, height):
        assert board_to_chip(board) == server_board_to_chip(*board)
    for x in range(12 * width):
        for y in range(12 * height):
            assert chip_to_board(Chip(x, y), width, height) == server_chip_to_board(x, y, 12 * width, 12 * height)


@pytest.mark.parametrize(("width", "height"), MACHINES)
def test_the_boards_of_a_machine_tile_its_torus(width, height):
    chips = [chip for board in all_boards(width, height) for chip in chips_of(board, width, height)]
    assert sorted(chips) == [(x, y) for x in range(12 * width) for y in range(12 * height)]


machine_sizes = st.integers(1, 30)


@given(st.data(), machine_sizes, machine_sizes)
def test_each_chip_is_among_the_chips_of_its_board(data, width, height):
    x, y = data.draw(st.integers(0, 12 * width - 1)), data.draw(st.integers(0, 12 * height - 1))
    board = chip_to_board(Chip(x, y), width, height)
    assert is_board(board, width, height)
    assert (x, y) in chips_of(board, width, height)
    ethernet = board_to_chip(board)
    place = board_chip(Chip(x, y))
    assert ((ethernet.x + place.x) % (12 * width), (ethernet.y + place.y) % (12 * height)) == (x, y)
    assert chips_of(board, width, height)[0] == ethernet == ethernet_chip(Chip(x, y), width, height)


@given(st.integers(-99, 99), st.integers(-99, 99), machine_sizes, machine_sizes)
def test_a_chip_beyond_the_edge_is_the_chip_on_the_other_side(x, y, width, height):
    inside = Chip(x % (12 * width), y % (12 * height))
    assert chip_to_board(Chip(x, y), width, height) == chip_to_board(inside, width, height)


def test_boards_are_counted_by_x_then_y_then_z():
    assert [*all_boards(2, 1)] == [(0, 0, 0), (0, 0, 1), (0, 0, 2), (1, 0, 0), (1, 0, 1), (1, 0, 2)]


@pytest.mark.parametrize("board", [(-1, 0, 0), (4, 0, 0), (0, -1, 0), (0, 2, 0), (0, 0, -1), (0, 0, 3)])
def test_what_is_outside_is_no_board(board):
    assert not is_board(Board(*board), 4, 2)


def test_the_torus_brings_boards_back():
    assert wrap(Board(-1, 2, 1), 4, 2) == (3, 0, 1)
