"""``spalloc`` and a server that is silent, gone, or changes its mind."""

import time

import pytest
from scripted_server import QUEUED, ScriptedServer, delayed, fin, returning

NO_BOARDS = dict.fromkeys(("width", "height", "connections", "machine_name", "boards"))


@pytest.fixture
def server(shell):
    with ScriptedServer() as scripted:
        shell.use(scripted.host, scripted.port)
        yield scripted


def test_a_queue_that_cannot_be_seen_is_waited_in_all_the_same(shell, server):
    server.model.pace = QUEUED
    server.script("list_jobs", delayed(1.5))
    process = shell.begin("spalloc", "3", "--timeout", "0.5", "-c", "true")
    assert process.stderr.readline() == "Job 1: queued\n"
    assert process.stderr.readline() == "Job 1: queued, number 1, wants 3 boards, 48 of 48 free on m\n"
    server.model.allocate(1)
    server.model.make_ready(1)
    assert process.wait(60) == 0
    assert server.live_jobs() == []


def test_boards_that_are_lost_as_soon_as_they_are_there_are_told(shell, server):
    server.script("get_job_machine_info", returning(NO_BOARDS), times=None)
    done = shell.run("spalloc", "-q", "3", "-c", "echo never")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "spalloc: job 1 was destroyed: it lost its boards as soon as they were ready\n"
    assert server.live_jobs() == []


def test_a_server_that_is_away_when_the_command_ends_gets_the_boards_back_later(shell, server):
    process = shell.begin("spalloc", "-q", "3", "--timeout", "1", "-c", "echo up; read line; exit 5")
    assert process.stdout.readline() == "up\n"
    server.stop()
    process.stdin.write("\n")
    process.stdin.close()
    assert process.wait(60) == 5
    assert "job 1 is being destroyed in the background" in process.stderr.read()
    server.start()
    server.wait_until(lambda: server.live_jobs() == [])


def test_at_the_prompt_a_server_that_is_silent_for_a_while_is_forgiven(shell, server):
    terminal = shell.terminal("spalloc", "3", "--timeout", "0.5", columns=100)
    terminal.wait_for("Press Enter when done")
    looks = server.commands().count("get_job_state")
    server.wait_for("get_job_state", looks + 1)
    server.freeze()
    time.sleep(5)  # two of its looks at the job fall into this
    assert terminal.read()
    server.thaw()
    server.model.destroy(1, "needed elsewhere")
    assert terminal.end() == 1
    assert "spalloc: job 1 was destroyed: needed elsewhere" in terminal.text


@pytest.mark.parametrize("debug", [False, True])
def test_what_happens_behind_the_scenes_is_told_to_those_who_ask_for_it(shell, server, debug):
    server.script("get_job_machine_info", fin())
    done = shell.run("spalloc", "-q", "3", *(["--debug"] if debug else []), "-c", "echo {w}")
    assert (done.returncode, done.stdout) == (0, "16\n")
    assert ("spalloc: asking get_job_machine_info again: " in done.stderr) is debug
    assert debug or done.stderr == ""
