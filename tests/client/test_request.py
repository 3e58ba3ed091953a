"""Nothing impossible is sent, and what is sent is what was asked for."""

import pytest

from spalloc_client.avoidance import Avoidance
from spalloc_client.config import Config
from spalloc_client.exceptions import ConfigError, RequestError
from spalloc_client.records import Allocation, Board, Chip
from spalloc_client.request import JobRequest


def request(*what, **options):
    return JobRequest.from_config(what, Config.load([], {}, {"owner": "me", **options}))


def test_requirements_are_the_protocols():
    assert request(7, min_ratio=0.5, tags=["a", "b"], keepalive=None).requirements == {
        "keepalive": None,
        "machine": None,
        "tags": ["a", "b"],
        "min_ratio": 0.5,
        "max_dead_boards": 0,
        "max_dead_links": None,
        "require_torus": False,
    }
    assert "min_ratio" not in request(4, 2).requirements


@pytest.mark.parametrize(
    ("what", "boards", "text"),
    [
        ((), 1, "1 board"),
        ((1,), 1, "1 board"),
        ((480,), 480, "480 boards"),
        ((4, 2), 24, "4×2 triads"),
        ((3, 4, 0), 1, "board (3, 4, 0)"),
    ],
)
def test_a_request_counts_its_boards_and_says_what_it_is(what, boards, text):
    assert (request(*what).boards, str(request(*what))) == (boards, text)


@pytest.mark.parametrize("what", [(0,), (-3,), (2, 0), (1, -1, 0), (1, 2, 3, 4), (1.5,), ("3",), (True,)])
def test_impossible_numbers_are_refused(what):
    with pytest.raises(RequestError, match="expected nothing or 1"):
        request(*what)


@pytest.mark.parametrize("what", [(), (1,), (0, 0, 0)])
def test_one_board_is_no_torus(what):
    with pytest.raises(RequestError, match="wrap-around"):
        request(*what, require_torus=True, **({"machine": "m"} if len(what) == 3 else {}))


def test_a_certain_board_has_no_tags():
    with pytest.raises(RequestError, match="give machine=…, not tags"):
        request(0, 0, 0, tags=["a"])


def test_without_an_owner_the_ways_to_set_one_are_named():
    with pytest.raises(ConfigError) as caught:
        JobRequest.from_config((3,), Config())
    assert all(way in str(caught.value) for way in ("owner=…", "--owner", "SPALLOC_OWNER", "config file"))


GIVEN = Allocation(8, 8, {Chip(0, 0): "10.11.193.1"}, "m", (Board(3, 4, 0),))


@pytest.mark.parametrize(
    ("avoid", "found"),
    [([], ()), (["10.11.193.2", (3, 4, 1)], ()), (["10.11.193.1"], ("10.11.193.1",)), ([[3, 4, 0]], ("(3, 4, 0)",))],
)
def test_boards_to_avoid_are_known_by_host_and_by_coordinate(avoid, found):
    assert Avoidance.of(avoid, 3).found_in(GIVEN) == found


@pytest.mark.parametrize(
    ("avoid", "retries"), [("10.11.193.1", 3), ([(1, 2)], 3), ([("a", "b", "c")], 3), ([], -1), ([], 1.5), ([], True)]
)
def test_what_names_no_board_is_refused(avoid, retries):
    with pytest.raises(RequestError):
        Avoidance.of(avoid, retries)
