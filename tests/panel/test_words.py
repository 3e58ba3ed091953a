"""How numbers and times are said."""

import time

import pytest

from spalloc_jupyter.words import clock, count, duration, listed, ordinal


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-1, "0.0 s"),
        (0.14, "0.1 s"),
        (9.9, "9.9 s"),
        (9.96, "10 s"),
        (59.4, "59 s"),
        (127, "2 min 7 s"),
        (3 * 3600 + 300, "3 h 5 min"),
        (3 * 86400, "3 days 0 h"),
    ],
)
def test_durations(seconds, words):
    """A time span is as exact as anybody cares for."""
    assert duration(seconds) == words


def test_ordinals():
    """English, and its exceptions."""
    assert [ordinal(n) for n in (1, 2, 3, 4, 11, 12, 13, 21, 111)] == [
        *("1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "111th")
    ]


def test_lists_and_counts():
    """Long lists are cut, and say by how much."""
    assert listed([]) == ""
    assert listed([1]) == "1"
    assert listed([1, 2, 3]) == "1, 2 and 3"
    assert listed(range(9)) == "0, 1, 2 and 6 more"
    assert count(1, "board") == "1 board"
    assert count(1200, "board") == "1,200 boards"


def test_another_day_has_its_date():
    """A time of today is short; what is no time is nothing."""
    now = time.time()
    assert len(clock(now, now)) == len("12:00:00")
    assert len(clock(now - 3 * 86400, now)) == len("2026-01-01 12:00:00")
    assert clock(1e30, now) == ""
