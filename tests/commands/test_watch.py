"""``--watch``: on change, without flicker, within the window, and through a lost connection."""

import json
import signal
import time

import pytest
from scripted_server import ScriptedServer


def test_jobs_are_watched_in_a_terminal(rack):
    """The manual's ``spalloc-ps --watch``."""
    terminal = rack.terminal("spalloc-ps", "--watch")
    terminal.wait_for("Created at", "Ctrl-C ends")
    job_id = rack.make(3)
    terminal.wait_for(f"{job_id}  ready")
    rack.server.destroy_job(job_id, None)
    while "ready" in terminal.text:
        assert terminal.read()
    terminal.send("\x03")
    assert terminal.end() == 0
    assert terminal.written.count(b"\x1b[2J") == 1  # the screen is never emptied again: nothing flickers
    assert terminal.written.endswith(b"\x1b[?25h\x1b[?1049l")  # and the window is given back as it was


def test_nothing_is_drawn_again_while_nothing_changes(rack):
    rack.make(3)
    terminal = rack.terminal("spalloc-machine", "--watch")
    terminal.wait_for("sandbox", "Ctrl-C ends")
    before = len(terminal.written)
    end = time.monotonic() + 7  # longer than the server is left unasked
    while time.monotonic() < end:
        assert terminal.read()
    assert len(terminal.written) == before


def test_a_machine_is_watched_in_a_window_that_changes_its_size(rack):
    job_id = rack.make(6)
    terminal = rack.terminal("spalloc-machine", "sandbox", "--detailed", "--watch", columns=80, lines=30)
    terminal.wait_for("/ A", "me (127.0.0.1)")
    terminal.resize(16, 9)
    terminal.wait_for("… 4 more lines", "changed")
    assert len(terminal.text.splitlines()) <= 9
    terminal.resize(100, 40)
    terminal.wait_for("/ A", "me (127.0.0.1)", f"A    {job_id:>6}")
    terminal.send("\x03")
    assert terminal.end() == 0


def test_a_job_is_watched_until_it_ends(rack):
    """The manual's ``spalloc-job --watch``; what is left is how it ended."""
    job_id = rack.make(3)
    terminal = rack.terminal("spalloc-job", "--watch", columns=100, lines=40)
    terminal.wait_for("State: ready", "Board power: on")
    rack.server._client.power_off_job_boards(job_id)
    terminal.wait_for("Board power: off")
    rack.server.destroy_job(job_id, "enough")
    assert terminal.end() == 0
    assert "State: destroyed\nReason: enough" in terminal.text


def test_a_lost_connection_is_told_and_made_again(own_rack):
    job_id = own_rack.make(3)
    terminal = own_rack.terminal("spalloc-ps", "--watch", "--timeout", "2")
    terminal.wait_for(f"{job_id}  ready")
    own_rack.sandbox.kill()
    text = terminal.wait_for("trying again")
    assert f"{job_id}  ready" in text  # what was seen last still stands there
    own_rack.sandbox.restart(keep_state=False)
    terminal.wait_for("Ctrl-C ends")
    own_rack.jobs()  # this connection was lost as well
    new = own_rack.make(1, owner="she")
    terminal.wait_for(f"{new}  ready", "she")
    terminal.send("\x03")
    assert terminal.end() == 0


def test_a_silent_server_is_told(own_rack):
    job_id = own_rack.make(3)
    terminal = own_rack.terminal("spalloc-ps", "--watch", "--timeout", "1")
    terminal.wait_for(f"{job_id}  ready")
    own_rack.sandbox.pause()
    terminal.wait_for("trying again")
    own_rack.sandbox.resume()
    terminal.wait_for("Ctrl-C ends")
    terminal.send("\x03")
    assert terminal.end() == 0


@pytest.mark.parametrize(
    ("words", "key"),
    [(("spalloc-ps",), "jobs"), (("spalloc-machine",), "machines"), (("spalloc-machine", "sandbox"), "jobs")],
)
def test_watched_as_json_each_change_is_one_line(rack, words, key):
    process = rack.begin(*words, "--watch", "--json")
    assert key in json.loads(process.stdout.readline())
    job_id = rack.make(1)
    while str(job_id) not in json.dumps(json.loads(process.stdout.readline())[key]):
        pass
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == 0
    assert process.stderr.read() == ""


def test_watched_on_a_pipe_each_change_is_a_plain_copy(rack):
    process = rack.begin("spalloc-ps", "--watch")
    assert process.stdout.readline().count(":") == 2  # when
    assert process.stdout.readline().startswith("ID\t")
    job_id = rack.make(1)
    while not process.stdout.readline().startswith(f"{job_id}\tready"):
        pass
    process.terminate()
    assert process.wait(60) == 143
    assert "\x1b" not in process.stdout.read()
    assert process.stderr.read() == "spalloc-ps: ended by SIGTERM\n"


def test_watched_on_a_pipe_a_trouble_is_told_once(shell):
    with ScriptedServer() as server:
        job = server.model.create([1], {"owner": "she"}, None, "127.0.0.1")
        server.model.advance(job)
        shell.use(server.host, server.port)
        process = shell.begin("spalloc-ps", "--watch", "--json", "--timeout", "0.5")
        assert json.loads(process.stdout.readline())["jobs"][0]["state"] == "ready"
        server.freeze()
        assert process.stderr.readline().endswith(", trying again\n")
        server.thaw()
        server.model.destroy(job.id)
        assert json.loads(process.stdout.readline())["jobs"] == []
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0
        assert process.stderr.read() == ""


def test_a_terminal_that_knows_nothing_gets_plain_copies(rack):
    rack.make(1)
    terminal = rack.terminal("spalloc-ps", "--watch", TERM="dumb")
    terminal.wait_for("ready")
    terminal.send("\x03")
    assert terminal.end() == 0
    assert b"\x1b" not in terminal.written


def test_a_watched_window_is_given_back_when_a_signal_ends_it(rack):
    terminal = rack.terminal("spalloc-ps", "--watch")
    terminal.wait_for("Ctrl-C ends")
    terminal.child.kill(signal.SIGTERM)
    assert terminal.end() == 143
    assert b"\x1b[?25h\x1b[?1049l" in terminal.written


def test_a_watcher_of_a_machine_that_is_not_there_ends(rack):
    done = rack.run("spalloc-machine", "nowhere", "--watch")
    assert (done.returncode, done.stdout) == (6, "")
