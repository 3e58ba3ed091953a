"""The map as SVG: read back as XML, with names as nasty as a server can send."""

import json
import re
from xml.etree import ElementTree as ET

import pytest
from board_map.machines import HOSTILE, JOBS, LARGE, LARGE_JOBS, MACHINE, TORUS, region

from spalloc_client.geometry import all_boards
from spalloc_client.records import MachineRecord
from spalloc_jupyter.board_map import DARK, LIGHT, draw_boards, draw_machine, map_svg
from spalloc_jupyter.map_drawing import middle
from spalloc_jupyter.map_ink import fill

SVG = "{http://www.w3.org/2000/svg}"


def parse(svg):
    return ET.fromstring(svg.encode())


def boards(svg):
    return [element for element in parse(svg).iter(f"{SVG}path") if "data-board" in element.attrib]


@pytest.mark.parametrize("style", [LIGHT, DARK], ids=["light", "dark"])
def test_each_board_is_one_element(style):
    """In the layout's order, with its colour and with words."""
    drawing = draw_machine(MACHINE, jobs=JOBS)
    found = boards(map_svg(drawing, style=style))
    assert [element.get("data-board") for element in found] == [" ".join(map(str, b)) for b in all_boards(*TORUS)]
    assert [element.get("fill") for element in found] == [fill(drawing, i, style) for i in range(24)]
    titles = {element.get("data-board"): element.findtext(f"{SVG}title") for element in found}
    assert titles["0 0 0"] == "Board 0 0 0 · job 31 · alice@example.org"
    assert titles["0 1 0"] == "Board 0 1 0 · free"
    assert titles["3 1 2"] == "Board 3 1 2 · dead"
    assert [element.get("class") for element in found if element.get("class")] == ["dead"]


def test_boards_lie_where_the_drawing_says_upside_up():
    drawing = draw_machine(MACHINE)
    svg = parse(map_svg(drawing))
    side = float(svg.get("data-side"))
    found = {}
    for element in svg.iter(f"{SVG}path"):
        if "data-board" in element.attrib:
            numbers = list(map(float, re.findall(r"[\d.]+", element.get("d"))))
            found[element.get("data-board")] = sum(numbers[::2]) / 6, sum(numbers[1::2]) / 6
    x0, y0 = found["0 0 0"]
    for board, place in zip(drawing.layout.boards, drawing.layout.places, strict=True):
        x, y = middle(place)
        assert found[" ".join(map(str, board))] == pytest.approx((x0 + side * x, y0 - side * y), abs=0.11)


def test_it_is_as_wide_as_asked_and_no_wider_than_it_needs():
    assert float(parse(map_svg(draw_machine(LARGE), width=900)).get("width")) == pytest.approx(900, abs=1)
    assert float(parse(map_svg(draw_machine(MACHINE), width=300)).get("width")) == pytest.approx(300, abs=1)
    assert float(parse(map_svg(draw_boards(MACHINE, [(0, 0, 0)], job=1))).get("width")) < 100


def test_names_are_letters_and_nothing_else():
    """A hostile owner and a hostile machine are seen as those letters, as far as XML has them."""
    machine = MachineRecord(HOSTILE, (), 4, 2)
    jobs = [job._replace(machine_name=HOSTILE) for job in JOBS]
    svg = map_svg(draw_machine(machine, jobs=jobs))
    shown = re.sub("[\x00\x1b\ud800]", "\N{REPLACEMENT CHARACTER}", HOSTILE)
    root = parse(svg)
    assert root.get("aria-label") == root.findtext(f"{SVG}title") == f"Map of machine {shown}: 24 boards, 13 in 4 jobs"
    titles = [element.findtext(f"{SVG}title") for element in boards(svg)]
    assert titles.count(f"Board 1 1 0 · job 39 · {shown}") == 1
    assert {element.tag for element in root.iter()} == {
        SVG + tag for tag in ("svg", "title", "rect", "g", "path", "text")
    }
    assert "<img" not in svg
    assert "</script" not in svg


def test_two_maps_on_a_page_cannot_quarrel():
    """No id, reference, style sheet or handler is in it."""
    svg = map_svg(draw_machine(MACHINE, jobs=JOBS, highlight=[31]))
    names = {name for element in parse(svg).iter() for name in element.attrib}
    assert "id" not in names
    assert not {name for name in names if name.startswith("on") or "href" in name or name == "style"}
    assert "url(" not in svg


def test_labels_and_lines_are_those_of_the_drawing():
    svg = parse(map_svg(draw_machine(MACHINE, jobs=JOBS, highlight=[31])))
    words = [element.text for element in svg.iter(f"{SVG}text")]
    assert sorted(words) == sorted(
        [" ".join(map(str, board)) for board in all_boards(*TORUS)] + [str(job.id) for job in JOBS for _ in job.boards]
    )
    lines = {element.get("class"): element for element in svg.iter(f"{SVG}path") if "stroke" in element.attrib}
    assert {*lines} == {
        "hatching", "borders", "outline-casing", "outline", "dead-link-casing", "dead-links",
    }  # fmt: skip
    assert lines["dead-links"].get("d").count("M") == 3


def test_a_large_map_has_forty_numbers_at_full_width():
    svg = parse(map_svg(draw_machine(LARGE, jobs=LARGE_JOBS), width=900))
    assert len([*svg.iter(f"{SVG}text")]) == 40


def test_it_may_stand_in_json_and_be_encoded():
    svg = map_svg(draw_machine(MACHINE, jobs=JOBS))
    assert json.loads(json.dumps(svg)) == svg
    assert svg.encode().decode() == svg


def test_one_jobs_boards():
    found = boards(map_svg(draw_boards(MACHINE, region((3, 1), (1, 1), TORUS), job=42, owner="you")))
    assert [element.findtext(f"{SVG}title") for element in found] == [
        "Board 3 1 0 · job 42 · you",
        "Board 3 1 1 · job 42 · you",
        "Board 3 1 2 · job 42 · you · dead",
    ]
