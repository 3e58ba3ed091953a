"""However the owner ends, its boards are free at once; and nothing is left of the guardian."""

import subprocess
import sys
import time

import pytest
from owners import REPOSITORY, create_jobs, live, until
from scripted_server import ScriptedServer

SOON = 2.0  # seconds; it takes some 0.03 on an idle computer


@pytest.mark.parametrize(
    "end",
    [
        "os.kill(os.getpid(), signal.SIGKILL)",
        "os._exit(1)",
        "sys.exit(1)",
        "pass",
        "raise RuntimeError('the user made a mistake')",
        "os.kill(os.getpid(), signal.SIGTERM)",
        "os.execv(sys.executable, [sys.executable, '-c', 'import time; time.sleep(60)'])",
        "os.abort()",
    ],
)
def test_boards_are_free_at_once(sandbox, start, end):
    """On a real server; the keepalive alone would hold them for a minute."""
    [job] = create_jobs(sandbox, 1)
    owner = start(f"await_news(keep({job})); say('kept'); wait(); {end}", sandbox.port)
    assert owner.heard() == "kept"
    assert live(sandbox) == [job]
    owner.go_on()
    began = time.monotonic()
    until(lambda: live(sandbox) == [])
    assert time.monotonic() - began < SOON
    until(lambda: not owner.guardians())


def test_the_server_learns_why(server, start):
    owner = start("await_news(keep(1)); say('kept'); os._exit(0)", server.port)
    assert owner.heard() == "kept"
    until(lambda: 1 not in live(server))
    assert server.jobs[1].reason == "The process that owned it has ended."


def test_a_job_told_of_in_the_very_last_moment_ends_too(server, start):
    """The guardian is not even up when its owner dies."""
    start("keep(1); os.kill(os.getpid(), signal.SIGKILL)", server.port)
    until(lambda: 1 not in live(server))


def test_a_clean_exit_has_its_boards_free_before_it_is_over(server, start):
    """So that of two scripts in a row the second gets the boards of the first."""
    owner = start("await_news(keep(1), keep(2))", server.port)
    assert owner.errors() == ""
    assert not {1, 2} & set(live(server))


def test_a_clean_exit_does_not_hang_when_the_server_does(server, start):
    server.script("destroy_job", lambda _connection, _answer: None, times=None)
    owner = start("await_news(keep(1, 1.0)); say('kept')", server.port)
    assert owner.heard() == "kept"
    began = time.monotonic()
    assert owner.errors() == ""
    assert time.monotonic() - began < 5
    server.unscript()


def test_a_program_that_waits_for_its_output_does_not_wait_for_the_guardian(server):
    """It holds no pipe of its owner's open, though it tries for a minute to reach a server that is gone."""
    code = f"from spalloc_client import guardian; guardian.keep('127.0.0.1', {server.port}, 1); import os; os._exit(7)"
    server.stop()
    began = time.monotonic()
    ended = subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, timeout=30, check=False)
    assert ended.returncode == 7
    assert time.monotonic() - began < 20
    server.start()
    until(lambda: 1 not in live(server))


def test_it_holds_nothing_else_of_its_owners_open(server, start, tmp_path):
    body = """
    import socket
    listener = socket.create_server(("127.0.0.1", 0))
    listener.set_inheritable(True)
    file = open(sys.argv[0] if False else "held", "w")
    os.set_inheritable(file.fileno(), True)
    await_news(keep(1))
    say(os.getpid())
    wait()
    """
    owner = start(body, server.port, cwd=tmp_path)
    owner.heard()
    guardian = owner.guardian()
    assert guardian.cwd() == "/"
    assert guardian.open_files() == []
    assert [connection.laddr.port for connection in guardian.net_connections() if connection.status == "LISTEN"] == []
    # Standard streams on /dev/null, the line to the owner, its pidfd, two to wake itself, and the server.
    assert guardian.num_fds() <= 8


def test_a_job_that_was_let_go_is_left_alone(server, start):
    owner = start("await_news(keep(1), keep(2, destroy_at_exit=False), keep(3)); say('kept'); os._exit(0)", server.port)
    assert owner.heard() == "kept"
    until(lambda: not owner.guardians())
    assert not {1, 3} & set(live(server))
    assert 2 in live(server)


def test_a_ward_can_be_left_to_the_guardian_to_destroy(server, start):
    body = """
    ward, other = keep(1), keep(2)
    await_news(ward, other)
    ward.destroy('"no longer" needed\\n{}')
    ward.destroy("said before")
    ward.release()
    wait()
    """
    start(body, server.port)
    assert server.wait_for("destroy_job").args == [1]
    until(lambda: 1 not in live(server))
    assert server.jobs[1].reason == '"no longer" needed\n{}'
    assert 2 in live(server)
    assert server.commands().count("destroy_job") == 1


def test_destroying_is_tried_until_the_server_is_back(start):
    with ScriptedServer() as server:
        create_jobs(server, 1)
        owner = start("await_news(keep(1, 30.0)); say('kept'); wait()", server.port)
        assert owner.heard() == "kept"
        server.stop()
        owner.process.kill()
        time.sleep(1.5)
        server.start()
        until(lambda: 1 not in live(server))
        until(lambda: not owner.guardians())


def test_it_gives_up_when_the_keepalive_has_run_out(start):
    with ScriptedServer() as server:
        create_jobs(server, 1)
        owner = start("await_news(keep(1, 1.5)); say('kept'); wait()", server.port)
        assert owner.heard() == "kept"
        server.stop()
        owner.process.kill()
        time.sleep(0.5)
        assert owner.guardians()
        until(lambda: not owner.guardians())
