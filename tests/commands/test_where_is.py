"""``spalloc-where-is``: four ways to ask, one way to answer."""

import json
import re

import pytest
from scripted_server import ScriptedServer


def test_the_manuals_output_to_the_letter(rack):
    """``spalloc-where-is --job-chip 24 14, 3``, with the numbers that this server has."""
    job_id = rack.make(24)
    done = rack.run("spalloc-where-is", "--job-chip", str(job_id), "14,", "3")
    assert done.returncode == 0
    assert re.fullmatch(
        r"                 Machine: sandbox\n"
        r"       Physical Location: Cabinet \d+, Frame \d+, Board \d+\n"
        r"        Board Coordinate: \(1, 0, 0\)\n"
        r"Machine Chip Coordinates: \(14, 3\)\n"
        r"Coordinates within board: \(2, 3\)\n"
        rf"         Job using board: {job_id}\n"
        r"  Coordinates within job: \(14, 3\)\n",
        done.stdout,
    )


def test_all_four_ways_find_the_same_board(rack):
    job_id = rack.make(24)
    board = rack.run("spalloc-where-is", "--board", "sandbox", "2", "1", "1")
    told = json.loads(rack.run("spalloc-where-is", "-l", "sandbox", "2", "1", "1", "--json").stdout)
    assert set(told) == {
        *("machine", "board", "cabinet", "frame", "slot", "chip", "board_chip", "job_id", "job_chip"),
    }
    x, y = (str(number) for number in told["chip"])
    place = [str(told[name]) for name in ("cabinet", "frame", "slot")]
    assert rack.run("spalloc-where-is", "--physical", "sandbox", *place).stdout == board.stdout
    assert rack.run("spalloc-where-is", "--chip", "sandbox", x, y).stdout == board.stdout
    assert rack.run("spalloc-where-is", "-j", str(job_id), x, y).stdout == board.stdout
    assert "Board Coordinate: (2, 1, 1)\n" in board.stdout
    assert f"Machine Chip Coordinates: ({x}, {y})\n" in board.stdout


def test_a_board_that_nobody_uses(rack):
    said = rack.run("spalloc-where-is", "-b", "sandbox", "0", "0", "0").stdout
    assert said.endswith("         Job using board: None\n")
    assert "Coordinates within job" not in said


@pytest.mark.parametrize("words", ["-b sandbox 0, 0, 0,", "-c sandbox 0, 0", "-p sandbox, 0, 0, 0"])
def test_commas_behind_numbers_are_forgiven(rack, words):
    assert rack.run("spalloc-where-is", *words.split()).returncode == 0


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("-b sandbox 4 0 0", "sandbox has no board (4, 0, 0): x is 0 to 3, y is 0 to 1, z is 0 to 2"),
        ("-b sandbox 0 0 3", "sandbox has no board (0, 0, 3)"),
        ("-c sandbox 1000 0", "sandbox has no chip (1000, 0): x is 0 to 47, y is 0 to 23"),
        ("-p sandbox 7 0 0", "sandbox has no board in cabinet 7, frame 0, slot 0"),
        ("-b sandbax 0 0 0", "there is no machine sandbax; did you mean sandbox?"),
        ("-j 4711 0 0", "there is no job 4711"),
    ],
)
def test_what_is_not_there_is_told(rack, words, says):
    """A classic server would wrap the numbers, and find some other board."""
    done = rack.run("spalloc-where-is", *words.split())
    assert (done.returncode, done.stdout) == (4, "")
    assert says in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_chip_beyond_a_job_is_told(rack):
    job_id = rack.make(3)
    done = rack.run("spalloc-where-is", "-j", str(job_id), "16", "0")
    assert done.returncode == 4
    assert f"job {job_id} has no chip (16, 0): x is 0 to 15, y is 0 to 15" in done.stderr


def test_a_job_without_boards_is_told(rack):
    rack.make(24, owner="she")
    job_id = rack.make(1)
    assert f"job {job_id} has no boards yet" in rack.run("spalloc-where-is", "-j", str(job_id), "0", "0").stderr


@pytest.mark.parametrize("words", ["", "-b sandbox 0 0", "-b sandbox a 0 0", "-c sandbox -1 0", "-b m 0 0 0 -c m 0 0"])
def test_mistakes_take_one_line(rack, words):
    done = rack.run("spalloc-where-is", *words.split())
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1


def test_a_terminal_shows_the_same(rack):
    terminal = rack.terminal("spalloc-where-is", "-b", "sandbox", "0", "0", "0")
    assert terminal.end() == 0
    assert terminal.text == rack.run("spalloc-where-is", "-b", "sandbox", "0", "0", "0").stdout.rstrip()


def test_the_java_server_is_asked_the_same_way(shell):
    with ScriptedServer(java=True) as server:
        shell.use(server.host, server.port)
        assert "Board Coordinate: (1, 2, 0)" in shell.run("spalloc-where-is", "-b", "m", "1", "2", "0").stdout
        assert shell.run("spalloc-where-is", "-b", "m", "9", "0", "0").returncode == 4


def test_what_older_scripts_say_is_accepted(rack):
    assert rack.run("spalloc-where-is", "-b", "sandbox", "0", "0", "0", "--ignore_version", "False").returncode == 0
