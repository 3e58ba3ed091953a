"""Whatever ends a sandbox, nothing of it is left: no process, no file, no address."""

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import psutil
import pytest
from leftovers import ended, nothing_left_of
from owners import until

from spalloc_client.exceptions import SandboxError
from spalloc_client.sandbox import Sandbox
from spalloc_client.sandbox.parent import when_ended

OWNER = """
import os, signal, sys, time
from spalloc_client.sandbox import Sandbox
sandbox = Sandbox(1)
print(sandbox.pid, sandbox.directory, sandbox.port, flush=True)
"""


class Started:
    """What another process's sandbox is made of."""

    def __init__(self, line):
        pid, directory, port = line.split()
        self.pid, self.directory, self.port = int(pid), Path(directory), int(port)


@pytest.fixture
def start():
    """Start a process that has a sandbox and then does `what`."""
    started = []

    def start(what):
        process = subprocess.Popen(
            [sys.executable, "-c", OWNER + what], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        started.append(process)
        return process, Started(process.stdout.readline())

    yield start
    for process in started:
        process.kill()
        process.communicate()


def test_close():
    sandbox = Sandbox(1)
    with nothing_left_of(sandbox):
        sandbox.close()
    sandbox.close()
    with pytest.raises(SandboxError, match="closed"):
        sandbox.power_log()


def test_an_error_in_the_block():
    sandbox = Sandbox(1)
    with nothing_left_of(sandbox), pytest.raises(ZeroDivisionError), sandbox:
        raise ZeroDivisionError


@pytest.mark.parametrize("paused", ["", "sandbox.pause()"], ids=["", "server paused"])
@pytest.mark.parametrize(
    "end",
    [
        "os.kill(os.getpid(), signal.SIGKILL)",
        "os.kill(os.getpid(), signal.SIGTERM)",
        "os._exit(1)",
        "sys.exit(1)",
        "pass",
        "1 / 0",
        "os.abort()",
        "os.execv(sys.executable, [sys.executable, '-c', 'import time; time.sleep(2)'])",
    ],
)
def test_the_owner_ends(start, end, paused):
    process, sandbox = start(f"{paused}\nsys.stdin.readline()\nsys.stderr.close()\n{end}")
    with nothing_left_of(sandbox):
        process.communicate("\n", timeout=30)


def test_the_owner_ends_while_its_forked_child_lives_on(start):
    """The child has a copy of the channel's end; that must not count."""
    process, sandbox = start("""
if os.fork() == 0:
    sandbox.close()
    time.sleep(30)
    os._exit(0)
time.sleep(0.5)
print(sandbox.power_log(), flush=True)
time.sleep(30)
""")
    assert process.stdout.readline() == "[]\n", "a child that closes its copy ends nothing"
    child = psutil.Process(process.pid).children()
    with nothing_left_of(sandbox):
        process.kill()
    for forked in child:
        if forked.pid != sandbox.pid:
            forked.kill()


def test_a_forked_child_that_closes_its_copy_ends_nothing():
    program = """
import os, sys
from spalloc_client.sandbox import Sandbox
with Sandbox(1) as sandbox:
    child = os.fork()
    if child == 0:
        sandbox.close()
        sys.exit(7)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), sandbox.power_log())
"""
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert (answer.stdout, answer.stderr) == ("7 []\n", "")


@pytest.mark.parametrize("whose", ["nobody's any more", "another's parent"])
def test_a_parent_that_has_ended_before_is_noticed_as_well(whose):
    """Its number may be another process's by then."""
    with subprocess.Popen([sys.executable, "-c", ""], stdin=subprocess.DEVNULL) as process:
        process.wait()
    happened = threading.Event()
    when_ended(process.pid if whose.startswith("nobody") else os.getpid(), happened.set)
    assert happened.wait(30)


def test_the_keeper_is_killed():
    with Sandbox(1) as sandbox:
        [server] = psutil.Process(sandbox.pid).children()
        os.kill(sandbox.pid, signal.SIGKILL)
        until(lambda: ended(server))
        until(lambda: not sandbox.directory.exists())
        with pytest.raises(SandboxError, match="Start the sandbox anew"):
            sandbox.boards_on()
        with pytest.raises(SandboxError, match="Start the sandbox anew"):
            sandbox.wait()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_the_keeper_is_told_to_end(number):
    with Sandbox(1) as sandbox, nothing_left_of(sandbox):
        os.kill(sandbox.pid, number)


def test_owner_and_keeper_are_killed_at_once(start):
    process, sandbox = start("time.sleep(30)")
    with nothing_left_of(sandbox):
        os.kill(sandbox.pid, signal.SIGKILL)
        process.kill()


@pytest.mark.parametrize("delay", [0.0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.6])
def test_an_interrupt_while_it_starts(tmp_path, delay):
    """Wherever Ctrl-C strikes."""
    program = "import time; from spalloc_client.sandbox import Sandbox; print(flush=True); Sandbox(1); time.sleep(30)"
    process = subprocess.Popen(
        [sys.executable, "-c", program],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    )
    process.stdout.readline()
    time.sleep(delay)
    children = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)
    until(lambda: all(map(ended, children)), 30)
    until(lambda: list(tmp_path.iterdir()) == [], 30)


def test_an_interrupted_question_does_not_spoil_the_next(sandbox):
    """Its late answer is not taken for the next one's."""
    os.kill(sandbox.pid, signal.SIGSTOP)
    asked = threading.Timer(0.2, os.kill, [os.getpid(), signal.SIGINT])
    asked.start()
    with pytest.raises(KeyboardInterrupt):
        sandbox.power_log()
    asked.join()
    os.kill(sandbox.pid, signal.SIGCONT)
    assert sandbox.boards_on() == frozenset()


def test_its_addresses_are_free_again(ask):
    with Sandbox(1) as sandbox:
        [[_, address]] = ask(sandbox)("get_job_machine_info", ask(sandbox).create(1))["connections"]
        port = sandbox.port
        assert not _can_have(address, 17893)
    assert _can_have(address, 17893)
    with socket.create_server(("127.0.0.1", port)):
        pass


def _can_have(address, port):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        try:
            sock.bind((address, port))
        except OSError:
            return False
        return True


def test_only_loopback_addresses_are_bound(sandbox, ask):
    """While jobs come and go, by whichever of its processes."""
    ask(sandbox).create(5)
    keeper = psutil.Process(sandbox.pid)
    for process in [keeper, *keeper.children(recursive=True)]:
        sockets = process.net_connections("inet")
        assert sockets
        assert {sock.laddr.ip.split(".")[0] for sock in sockets} == {"127"}


def test_a_failed_start_leaves_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    with pytest.raises(SandboxError):
        Sandbox(1, port=65536)
    assert list(tmp_path.iterdir()) == []


def fails(program, **environ):
    """Run a program that fails with a SandboxError, and return the error's text."""
    answer = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        env={**os.environ, **environ},
        timeout=60,
        check=False,
    )
    assert answer.returncode == 1
    return answer.stderr.splitlines()[-1]


def test_a_server_that_does_not_start_is_told(tmp_path):
    """Here because what it needs is broken."""
    (tmp_path / "spinnman.py").write_text("raise ImportError('half an installation')")
    error = fails("from spalloc_client.sandbox import Sandbox; Sandbox(1)", PYTHONPATH=str(tmp_path))
    assert error.endswith("SandboxError: The server did not start: ImportError: half an installation")


def test_too_few_open_files_are_told():
    program = "import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (500, 500))\n"
    error = fails(program + "from spalloc_client.sandbox import Sandbox; Sandbox(1200)")
    assert re.search(r"SandboxError: So many boards need \d+ open files, and only 500 are allowed here", error)


def test_a_keeper_that_does_not_start_is_told(tmp_path):
    """Here because a file in the path is called like one of Python's own, and is found by the keeper only."""
    (tmp_path / "tempfile.py").write_text("raise ImportError('an odd file')")
    program = "import sys; sys.path.pop(1); from spalloc_client.sandbox import Sandbox; Sandbox(1)"
    assert "The sandbox's own process has ended." in fails(program, PYTHONPATH=str(tmp_path))
