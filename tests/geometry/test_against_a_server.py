"""A real server allocates boards; its sizes and chip coordinates are those of the geometry."""

import time

import pytest

from spalloc_client.geometry import board_to_chip, ethernet_chips, size_in_chips
from spalloc_client.protocol_client import ProtocolClient
from spalloc_client.records import Board

TORUS = (4, 2)  # of the sandbox's 24 boards


@pytest.fixture
def allocate(sandbox):
    """Makes a job, waits for its boards, and returns what the server tells of it, and the connection."""
    with ProtocolClient(sandbox.hostname, sandbox.port, timeout=30) as client:
        client.connect()

        def make(*request):
            job = client.call("create_job", *request, owner="me", keepalive=60.0)
            until = time.monotonic() + 60
            while not (info := client.call("get_job_machine_info", job))["boards"]:
                assert time.monotonic() < until, "no boards"
                time.sleep(0.05)
            return info, client

        yield make


@pytest.mark.parametrize("request_", [(1,), (1, 1, 2), (3,), (2, 1), (1, 2), (4, 2)], ids=str)
def test_a_job_is_as_large_and_its_chips_are_where_the_geometry_says(allocate, request_):
    info, client = allocate(*request_)
    boards = [Board(*board) for board in info["boards"]]
    assert size_in_chips(boards, *TORUS) == (info["width"], info["height"])
    by_chip = ethernet_chips(boards, *TORUS)
    assert {*by_chip} == {tuple(chip) for chip, _ in info["connections"]}
    for chip, board in by_chip.items():
        place = client.call("where_is", machine=info["machine_name"], x=board.x, y=board.y, z=board.z)
        assert tuple(place["chip"]) == board_to_chip(board)
        assert tuple(place["job_chip"]) == chip
