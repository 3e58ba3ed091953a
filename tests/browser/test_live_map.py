"""The live board map in real JupyterLab: pointed at, clicked, driven by keys, told news, and in both themes."""

import re
from pathlib import Path

import pytest
from board_map.machines import HOSTILE
from playwright.sync_api import expect

from spalloc_jupyter.colours import DARK, LIGHT

TESTS = str(Path(__file__).parents[1])

SHOW = f"""
import sys
sys.path.insert(0, {TESTS!r})
from board_map.machines import HOSTILE, JOBS, MACHINE, job
from spalloc_client.records import Board, PhysicalLocation
from spalloc_jupyter.board_map import draw_machine
from spalloc_jupyter.live_map import LiveMap
live = LiveMap(draw_machine(MACHINE, jobs=JOBS, highlight=[31]), outline_means="yours")
live.tell(
    physical={{Board(2, 0, 0): PhysicalLocation(1, 2, 3)}},
    addresses={{Board(2, 0, 0): "127.0.0.9", Board(0, 1, 0): HOSTILE}},
)
live
"""
SELECTED = "print('selected', live.selected)"
NEWS = "live.show(draw_machine(MACHINE, jobs=[*JOBS[:1], job(77, [(0, 1, 0)], owner='zoe')], keep=live.colours))"


def rgb(colour):
    """A colour as a browser tells it."""
    return "rgb({}, {}, {})".format(*(int(colour[i : i + 2], 16) for i in (1, 3, 5)))


def choose_theme(page, name):
    page.get_by_role("menuitem", name="Settings", exact=True).click()
    for item in ("Theme", name):
        page.locator(".lm-Menu-itemLabel").get_by_text(item, exact=True).click()


class Map:
    """The map on the page."""

    def __init__(self, lab):
        self.page = lab.page
        self.root = lab.output(0).locator(".spalloc-live-map")
        self.tip = self.root.locator(".spalloc-live-map-tip")

    def board(self, name):
        return self.root.locator(f"[data-board='{name}']")

    def focused(self):
        return self.page.evaluate("document.activeElement.dataset.board")


@pytest.fixture
def shown_in_lab(open_notebook):
    notebook = open_notebook(SHOW, SELECTED, NEWS)
    notebook.run_cell(0)
    expect(notebook.output(0).locator("[data-board]")).to_have_count(24)
    return notebook


def test_a_board_tells_what_is_known_of_it_and_a_click_selects_it(shown_in_lab):
    """Nothing that a server wrote is more than letters; the kernel knows what is selected."""
    lab, shown = shown_in_lab, Map(shown_in_lab)
    shown.board("2 0 0").hover()
    expect(shown.tip).to_have_text("Board 2 0 0 · cabinet 1, frame 2, board 3127.0.0.9 · chip 24, 0Job 33 · bob")
    shown.board("1 1 0").hover()
    letters = re.sub("[\x00\x1b\ud800]", "\N{REPLACEMENT CHARACTER}", HOSTILE)
    assert letters in shown.tip.text_content()
    assert shown.root.locator("img, script").count() == 0
    shown.board("0 1 0").hover()
    assert letters in shown.tip.text_content()
    shown.board("3 1 2").hover()
    expect(shown.tip).to_have_text("Board 3 1 2Chip 40, 20Dead")
    lab.page.mouse.move(5, 5)
    expect(shown.tip).to_be_hidden()

    shown.board("1 1 1").click()
    expect(shown.board("1 1 1")).to_have_attribute("aria-selected", "true")
    lab.run_cell(1)
    expect(lab.output(1)).to_have_text("selected [1, 1, 1]")
    shown.board("1 1 1").click()
    expect(shown.root.locator("[aria-selected=true]")).to_have_count(0)
    lab.run_cell(1)
    expect(lab.output(1)).to_have_text("selected None")


def test_the_keyboard_reaches_every_board_and_nothing_else_moves(shown_in_lab):
    """Tab leads to one board, arrows to all others; JupyterLab's own keys stay out of it."""
    lab, shown = shown_in_lab, Map(shown_in_lab)
    shown.board("0 0 0").focus()
    assert shown.root.locator("[tabindex='0']").count() == 1
    active = lab.page.locator(".jp-Cell.jp-mod-active").count()
    reached = set()
    for key in ["ArrowRight"] * 8 + ["ArrowUp"] * 3 + ["ArrowLeft"] * 9 + ["ArrowUp"] * 2 + ["ArrowRight"] * 9:
        reached.add(shown.focused())
        lab.page.keyboard.press(key)
    assert len(reached) > 12
    assert None not in reached
    lab.page.keyboard.press("Home")
    assert shown.focused() == "0 0 0"
    lab.page.keyboard.press("End")
    assert shown.focused() == "3 1 2"
    expect(shown.tip).to_contain_text("Board 3 1 2")
    lab.page.keyboard.press("Escape")
    expect(shown.tip).to_be_hidden()
    lab.page.keyboard.press("ArrowDown")
    lab.page.keyboard.press("Enter")
    expect(shown.board(shown.focused())).to_have_attribute("aria-selected", "true")
    assert lab.page.locator(".jp-Cell.jp-mod-active").count() == active
    assert lab.page.locator(".jp-CodeCell").count() == 3
    lab.run_cell(1)
    expect(lab.output(1)).to_have_text("selected [3, 1, 0]")


def test_the_map_follows_the_jobs_and_the_theme(shown_in_lab):
    """Colour, number and words of each board."""
    lab, shown = shown_in_lab, Map(shown_in_lab)
    expect(shown.board("0 1 0")).to_have_attribute("aria-label", re.compile("Free$"))
    expect(shown.board("0 1 0")).to_have_css("fill", rgb(LIGHT.free))
    expect(shown.root.locator("svg[role=listbox]")).to_have_attribute(
        "aria-label", "Map of machine m: 24 boards, 13 in 4 jobs, 1 dead"
    )
    assert "77" not in shown.root.locator("text").all_text_contents()
    lab.run_cell(2)
    expect(shown.board("0 1 0")).to_have_attribute("aria-label", re.compile("Job 77, zoe$"))
    expect(shown.board("0 1 0")).to_have_css("fill", rgb(LIGHT.jobs[77 % 8]))
    expect(shown.board("2 0 0")).to_have_attribute("aria-label", re.compile("Free$"))
    assert shown.root.locator("text").all_text_contents().count("77") == 1
    expect(shown.root.locator("svg[role=listbox]")).to_have_attribute("aria-label", re.compile("7 in 2 jobs"))

    choose_theme(lab.page, "JupyterLab Dark")
    expect(shown.board("0 1 1")).to_have_css("fill", rgb(DARK.free))
    expect(shown.board("0 1 0")).to_have_css("fill", rgb(DARK.jobs[77 % 8]))
    assert shown.root.locator("text").all_text_contents().count("77") == 1
    choose_theme(lab.page, "JupyterLab Light")
    expect(shown.board("0 1 1")).to_have_css("fill", rgb(LIGHT.free))


def test_it_fits_a_narrow_page_and_asks_no_network(open_notebook):
    """320 pixels in all: nothing sticks out of the output, and each board can be pointed at."""
    lab = open_notebook(SHOW, viewport={"width": 700, "height": 900})
    lab.run_cell(0)
    shown = Map(lab)
    expect(shown.root.locator("[data-board]")).to_have_count(24)
    shown.root.evaluate("root => root.style.width = '320px'")
    width = shown.root.locator(".spalloc-map-drawing").evaluate("svg => svg.getBoundingClientRect().width")
    assert 300 <= width <= 320
    shown.board("3 0 1").hover()
    expect(shown.tip).to_contain_text("Board 3 0 1")
    box = shown.tip.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 700
    assert {address.split("/")[2].split(":")[0] for address in lab.requests if "://" in address} <= {"127.0.0.1"}
