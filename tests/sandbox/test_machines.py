"""Where the boards of simulated machines are."""

import pytest

from spalloc_client.geometry import Link, neighbour
from spalloc_client.records import Board
from spalloc_client.sandbox import SimulatedMachine


def test_places_are_those_of_the_manuals_example():
    """Its six boards are at .97, .105, .129, .137, .161 and .169: slots 12, 13, 16, 17, 20 and 21 of a frame."""
    places = SimulatedMachine(24).places()
    start = places[Board(0, 0, 0)].board
    offsets = {(board.y, board.z): places[board].board - start for board in places if board.x == 0}
    assert offsets == {(0, 0): 0, (1, 0): 1, (0, 2): 4, (1, 2): 5, (0, 1): 8, (1, 1): 9}


@pytest.mark.parametrize(
    ("boards", "cabinets", "frames", "slots"),
    [(1, 1, 1, 1), (3, 1, 1, 3), (24, 1, 1, 24), (120, 1, 5, 24), (1200, 10, 5, 24)],
)
def test_every_slot_is_filled_once(boards, cabinets, frames, slots):
    places = set(SimulatedMachine(boards).places().values())
    assert places == {
        (cabinet, frame, slot) for cabinet in range(cabinets) for frame in range(frames) for slot in range(slots)
    }


def test_no_cable_spans_more_than_two_cabinets():
    """That is what folding is for: around the edge of the torus, too."""
    machine = SimulatedMachine(1200)
    places = machine.places()
    for board, place in places.items():
        for link in Link:
            other = places[neighbour(board, link, machine.width, machine.height)]
            assert abs(place.cabinet - other.cabinet) <= 1
            assert abs(place.frame - other.frame) <= 1
