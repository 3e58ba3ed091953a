"""``spalloc-machine``: all machines, and one with its jobs."""

import csv
import io
import json

import pytest

from spalloc_client.records import Board, DeadLink
from spalloc_client.sandbox import Sandbox
from spalloc_client.sandbox.machines import SimulatedMachine


@pytest.fixture(scope="module")
def shared_sandbox():
    """A server with a machine that has seen better days, and a small one."""
    machines = [
        SimulatedMachine(24, "big", ("default", "fast"), (Board(1, 1, 0),), (DeadLink(0, 0, 1, 0),)),
        SimulatedMachine(3, "small", ("other",), (), ()),
    ]
    with Sandbox(machines=machines) as started:
        yield started


def test_all_machines_are_listed_with_their_load(rack):
    rack.make(3)
    rack.make(1, owner="she", machine="small")
    lines = [line.split("\t") for line in rack.run("spalloc-machine").stdout.splitlines()]
    assert lines == [
        ["Name", "Num boards", "In-use", "Jobs", "Tags"],
        ["big", "23", "3", "1", "default, fast"],
        ["small", "3", "1", "1", "other"],
    ]


def test_one_machine_is_drawn_with_its_jobs(rack):
    first, second = rack.make(3), rack.make(1, owner="she", machine="big")
    said = rack.run("spalloc-machine", "big").stdout
    about, drawing, jobs = said.split("\n\n")
    assert about == "Name: big\nTags: default, fast\nIn-use: 4 of 23, 1 dead (x)\nJobs: 2"
    assert (drawing.count("A"), drawing.count("B"), drawing.count(" x "), drawing.count(".")) == (3, 1, 1, 19)
    assert jobs == f"A:{first}\nB:{second}\n"


def test_boards_are_hexagons_on_a_pipe(rack):
    said = rack.run("spalloc-machine", "small").stdout
    assert said.split("\n\n")[1] == " ___\n/ . \\___\n\\___/ . \\\n/ . \\___/\n\\___/\n"


def test_details_tell_the_owners(rack):
    first, second = rack.make(3), rack.make(1, owner="she", machine="big")
    *_, head, one, two = rack.run("spalloc-machine", "big", "--detailed").stdout.splitlines()
    assert head.split("\t") == ["Key", "Job ID", "State", "Power", "Num boards", "Owner (Host)"]
    assert one.split("\t") == ["A", str(first), "ready", "on", "3", "me (127.0.0.1)"]
    assert two.split("\t") == ["B", str(second), "ready", "on", "1", "she (127.0.0.1)"]


def test_json_and_csv_of_all_machines(rack):
    rack.make(3)
    big, small = json.loads(rack.run("spalloc-machine", "--json").stdout)["machines"]
    assert set(big) == {
        *("name", "tags", "width", "height", "working", "in_use", "dead_boards", "dead_links", "jobs"),
    }
    assert (big["name"], big["working"], big["in_use"], big["dead_boards"]) == ("big", 23, 3, [[1, 1, 0]])
    assert (big["dead_links"], small["tags"]) == ([[0, 0, 1, 0]], ["other"])
    rows = list(csv.DictReader(io.StringIO(rack.run("spalloc-machine", "--csv").stdout)))
    assert [(row["name"], row["boards"], row["in_use"], row["tags"]) for row in rows] == [
        ("big", "23", "3", "default fast"),
        ("small", "3", "0", "other"),
    ]


def test_json_and_csv_of_one_machine(rack):
    job_id = rack.make(3)
    told = json.loads(rack.run("spalloc-machine", "big", "--json").stdout)
    assert [job["id"] for job in told["jobs"]] == [job_id]
    rows = list(csv.DictReader(io.StringIO(rack.run("spalloc-machine", "big", "--csv").stdout)))
    states = [row["state"] for row in rows]
    assert (len(rows), states.count("used"), states.count("dead"), states.count("free")) == (24, 3, 1, 20)
    assert {row["owner"] for row in rows if row["job_id"] == str(job_id)} == {"me"}


def test_details_need_a_machine(rack):
    done = rack.run("spalloc-machine", "--detailed")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "--detailed is about one machine" in done.stderr


def test_a_machine_that_is_not_there_is_told(rack):
    done = rack.run("spalloc-machine", "bigg")
    assert (done.returncode, done.stderr) == (6, "spalloc-machine: there is no machine bigg; did you mean big?\n")
    done = rack.run("spalloc-machine", "xyz")
    assert done.stderr == "spalloc-machine: there is no machine xyz; spalloc-machine lists them\n"


def test_a_wide_machine_fits_a_narrow_window(rack):
    rack.make(3)
    for columns in (80, 20, 12):
        terminal = rack.terminal("spalloc-machine", "big", columns=columns, lines=60)
        assert terminal.end() == 0
        assert terminal.text.count("A") == 4  # three boards, and the list of jobs
    assert terminal.text.count("\\") == 0  # letters alone


def test_jobs_keep_their_colours(rack):
    rack.make(3)
    before = rack.run("spalloc-machine", "big", FORCE_COLOR="1").stdout
    assert "\x1b[" in before
    assert rack.run("spalloc-machine", "big", FORCE_COLOR="1").stdout == before
