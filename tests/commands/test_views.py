"""Lines, tables and hexagons, without a terminal."""

import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spalloc_client.geometry import all_boards
from spalloc_client.records import Board
from spalloc_client.scripts.hexagons import Mark, drawing
from spalloc_client.scripts.ink import Span, cut, inked, is_terminal, plain, wants_colour, width_of
from spalloc_client.scripts.layout import Page, cells, facts, table
from spalloc_client.scripts.progress import duration


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("environ", "on_terminal", "on_pipe"),
    [
        ({}, True, False),
        ({"NO_COLOR": "1"}, False, False),
        ({"NO_COLOR": ""}, True, False),
        ({"FORCE_COLOR": "1"}, True, True),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False, False),
        ({"TERM": "dumb"}, False, False),
    ],
)
def test_who_gets_colours(environ, on_terminal, on_pipe):
    assert wants_colour(Terminal(), environ) is on_terminal
    assert wants_colour(io.StringIO(), environ) is on_pipe


def test_a_closed_stream_is_no_terminal():
    stream = io.StringIO()
    stream.close()
    assert not is_terminal(stream)


@given(st.text())
def test_plain_text_holds_nothing_that_is_obeyed(text):
    shown = plain(text)
    assert not re.search(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]", shown)
    assert shown == text or "\\" in shown


@pytest.mark.parametrize(("text", "width"), [("abc", 3), ("漢字", 4), ("é", 1), ("e\u0301", 1), ("", 0)])
def test_the_width_of_text(text, width):
    assert width_of(text) == width


@given(st.lists(st.text(alphabet="ab漢é ", max_size=8), max_size=6), st.integers(1, 30))
def test_a_cut_line_fits(texts, width):
    line = [Span(text, "red") for text in texts]
    assert sum(width_of(span.text) for span in cut(line, width)) <= width


def test_colours_end_with_their_piece():
    assert inked([Span("a", "red bold"), Span("b"), Span("", "red")], colour=True) == "\x1b[31;1ma\x1b[0mb"
    assert inked([Span("a", "red"), Span("  ")], colour=False) == "a"


def test_a_table_is_aligned_in_a_window_and_has_tabs_on_a_pipe():
    rows = [[Span("1"), Span("one"), Span("")], [Span("10"), Span("t"), Span("x")]]
    window = [inked(line, colour=False) for line in table((">N", "Word", "End"), rows, Page(40))]
    assert window == [" N  Word  End", " 1  one   -", "10  t     x"]
    pipe = [inked(line, colour=False) for line in table((">N", "Word", "End"), rows, Page())]
    assert pipe == ["N\tWord\tEnd", "1\tone\t-", "10\tt\tx"]


def test_facts_are_aligned_in_a_window_only():
    pairs = [("A", [[Span("1")]]), ("Long", [[Span("2")], [Span("3")]])]
    assert [inked(line, colour=False) for line in facts(pairs, Page(40))] == ["   A: 1", "Long: 2", "      3"]
    assert [inked(line, colour=False) for line in facts(pairs, Page())] == ["A: 1", "Long:", "2", "3"]


def test_cells_fill_a_window():
    items = [[Span(text)] for text in ("a:1", "b:22", "c:3")]
    assert [inked(line, colour=False) for line in cells(items, Page(10))] == ["a:1   b:22", "c:3"]
    assert [inked(line, colour=False) for line in cells(items, Page())] == ["a:1", "b:22", "c:3"]
    assert cells([], Page(10)) == []


def drawn(marks, dead=(), page=Page()) -> str:  # noqa: B008 - a frozen value
    return "\n".join(inked(line, colour=False) for line in drawing(marks, dead, page))


def test_boards_of_one_job_are_one_shape():
    marks = {board: Mark("A", "green", "green", 1) for board in all_boards(1, 1)}
    assert drawn(marks) == " ___\n/ A \\___\n\\     A \\\n/ A  ___/\n\\___/"


def test_a_jobs_sides_go_before_those_of_free_boards():
    marks = {Board(0, 0, 0): Mark(".", "dim", "dim"), Board(0, 0, 1): Mark("A", "green", "green", 1)}
    for order in (list(marks), list(marks)[::-1]):
        lines = drawing({board: marks[board] for board in order}, (), Page())
        shared = [span for line in lines for span in line if "\\" in span.text and span.style == "green"]
        assert shared


def test_dead_links_are_drawn_from_either_end():
    marks = {board: Mark(".", "dim", "dim") for board in all_boards(1, 1)}
    assert drawn(marks, [(Board(0, 0, 0), 2)]).count("xxx") == 1
    assert drawn(marks, [(Board(0, 0, 2), 5)]) == drawn(marks, [(Board(0, 0, 0), 2)])


@pytest.mark.parametrize(("columns", "lines"), [(300, 100), (130, 70), (130, 40), (61, 40), (30, 10), (1, 1)])
def test_the_largest_drawing_that_fits_is_chosen(columns, lines):
    marks = {board: Mark(".", "dim", "dim") for board in all_boards(20, 20)}
    shown = drawn(marks, (), Page(columns, lines)).splitlines()
    assert max(map(len, shown)) <= columns
    assert ("/" in shown[1]) is (columns == 300)


def test_nothing_to_draw_is_no_line():
    assert drawn({}) == ""


@pytest.mark.parametrize(("seconds", "words"), [(0.9, "0 s"), (59, "59 s"), (125, "2 min 5 s"), (3725, "1 h 2 min")])
def test_time_in_words(seconds, words):
    assert duration(seconds) == words
