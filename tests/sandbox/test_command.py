"""The command spalloc-sandbox: its words, its errors, `serve` and `run`."""

import configparser
import os
import re
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
from leftovers import ended
from owners import until

from spalloc_client import __version__
from spalloc_client.protocol_client import ProtocolClient

COMMAND = Path(sys.executable).with_name("spalloc-sandbox")


@pytest.fixture(autouse=True)
def no_files(tmp_path, monkeypatch):
    """Every sandbox of this file has its files here, and leaves none."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    yield
    until(lambda: list(tmp_path.glob("spalloc-*")) == [])


def spalloc_sandbox(*words, **options):
    return subprocess.run(
        [COMMAND, *words], capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=120, check=False, **options
    )


@pytest.fixture
def start():
    """Start the command and leave it running."""
    started = []

    def start(*words, **options):
        process = subprocess.Popen(
            [COMMAND, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.terminate()
        process.wait(120)
        process.stdout.close()
        process.stderr.close()


def read_until(process, text):
    lines = ""
    while text not in lines:
        line = process.stdout.readline()
        assert line, process.stderr.read()
        lines += line
    return lines


def test_version():
    assert spalloc_sandbox("--version").stdout == f"spalloc-sandbox {__version__}\n"


@pytest.mark.parametrize("words", [[], ["serve"], ["run"], ["lab"]])
def test_help(words):
    answer = spalloc_sandbox(*words, "--help")
    assert answer.returncode == 0
    assert "usage: spalloc-sandbox" in answer.stdout
    assert "--boards" in answer.stdout or "examples:" in answer.stdout
    assert answer.stderr == ""


@pytest.mark.parametrize(
    ("words", "code", "complaint"),
    [
        ([], 2, "the following arguments are required"),
        (["fly"], 2, "invalid choice: 'fly'"),
        (["serve", "--boards", "many"], 2, "invalid int value: 'many'"),
        (["serve", "--boards", "7"], 1, "choose one of 1, 3, 24, 120, 1200"),
        (["serve", "--port", "0"], 2, "'0' is no port"),
        (["serve", "--port", "65536"], 2, "'65536' is no port"),
        (["serve", "--power-on-seconds", "-1"], 2, "'-1' is no time"),
        (["serve", "--power-on-seconds", "soon"], 2, "'soon' is no time"),
        (["serve", "--power-on-seconds", "nan"], 2, "'nan' is no time"),
        (["run"], 1, "Say which command to run"),
        (["run", "--"], 1, "Say which command to run"),
        (["run", "no-such-command"], 127, "There is no command 'no-such-command'"),
        (["run", "missing.ipynb"], 1, "There is no notebook missing.ipynb"),
        (["run", "some.ipynb", "--fast"], 1, "A notebook takes no arguments; given were --fast"),
        (["lab", "missing.ipynb"], 1, "There is no notebook missing.ipynb"),
        (["lab", "--lab-port", "x"], 2, "'x' is no port"),
    ],
)
def test_what_cannot_be_done_is_told_in_a_line(words, code, complaint):
    answer = spalloc_sandbox(*words)
    assert answer.returncode == code
    assert answer.stdout == ""
    assert re.fullmatch(rf"spalloc-sandbox.*: .*{re.escape(complaint)}.*\n", answer.stderr)


def test_a_taken_port_is_told_in_a_line():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        answer = spalloc_sandbox("serve", "--port", str(port))
    assert answer.returncode == 1
    assert re.fullmatch(rf"spalloc-sandbox: The server cannot have port {port}: .*\n", answer.stderr)


@pytest.mark.parametrize(
    ("words", "package"),
    [
        (["serve"], "spalloc_server"),
        (["run", "notebook.ipynb"], "nbclient"),
        (["lab", "notebook.ipynb"], "jupyterlab"),
    ],
)
def test_what_is_not_installed_is_named(tmp_path, words, package):
    """As after an install without the extra."""
    (tmp_path / "notebook.ipynb").touch()
    program = f"""
import importlib.machinery, sys
find = importlib.machinery.PathFinder.find_spec
importlib.machinery.PathFinder.find_spec = lambda name, *rest: None if name == {package!r} else find(name, *rest)
from spalloc_client.scripts.sandbox import main
sys.exit(main({words!r}))
"""
    answer = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=120, check=False, cwd=tmp_path
    )
    assert answer.returncode == 1
    assert re.fullmatch(
        rf'spalloc-sandbox: {package} is not installed: pip install "spalloc-jupyter\[sandbox\]"\n', answer.stderr
    )


@pytest.mark.parametrize("words", [["serve"], ["run", "true"], ["lab"]])
def test_another_operating_system_is_told_in_a_line(words):
    """One that lacks what only Linux has."""
    program = f"""
import importlib.metadata, signal, subprocess, sys
import spalloc_client.exceptions
sys.platform = "win32"
sys.modules["resource"] = None
for name in ("SIGHUP", "SIGQUIT", "SIGCHLD", "SIGUSR1", "SIGUSR2", "SIGSTOP", "SIGCONT", "pthread_sigmask"):
    delattr(signal, name)
from spalloc_client.scripts.sandbox import main
sys.exit(main({words!r}))
"""
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120, check=False)
    assert answer.returncode == 1
    assert re.fullmatch(r"spalloc-sandbox: The sandbox runs on Linux only, .*\n", answer.stderr)


def test_who_listens_no_longer_is_no_error(start):
    process = start("serve")
    process.stdout.close()
    assert process.wait(120) == 1
    assert process.stderr.read() == ""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_serve_says_how_to_reach_it_until_it_is_told_to_end(start, number):
    process = start("serve", "--boards", "3")
    told = read_until(process, "export SPALLOC_OWNER")
    port = int(re.search(r"port (\d+)", told)[1])
    config = configparser.ConfigParser()
    config.read_string(told[told.index("[spalloc]") : told.index("Or for")])
    assert config["spalloc"]["hostname"] == "127.0.0.1"
    assert config["spalloc"]["port"] == str(port)
    assert f"export SPALLOC_PORT={port}\n" in told
    assert config["spalloc"]["owner"]
    with ProtocolClient("127.0.0.1", port, 10) as client:
        assert client.call("list_machines")[0]["width"] == 1
    family = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(number)
    assert process.wait(120) == 0
    assert process.stderr.read() == ""
    assert all(map(ended, family))


def test_serve_takes_its_time_with_power_and_heeds_nohup(start):
    process = start(
        "serve", "--power-on-seconds", "0.5", preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN)
    )
    port = int(re.search(r"port (\d+)", read_until(process, "export SPALLOC_OWNER"))[1])
    process.send_signal(signal.SIGHUP)
    with ProtocolClient("127.0.0.1", port, 10) as client:
        job = client.call("create_job", owner="me")
        began = time.monotonic()
        until(lambda: client.call("get_job_state", job)["state"] == 3, 60)
    assert time.monotonic() - began > 0.4
    assert process.poll() is None


def test_serve_on_a_port_of_ones_own_choice(start):
    with socket.create_server(("127.0.0.1", 0)) as reserved:
        port = reserved.getsockname()[1]
    process = start("serve", "--port", str(port))
    read_until(process, f"port {port}")
    with ProtocolClient("127.0.0.1", port, 10) as client:
        assert client.call("version")


def test_serve_ends_with_a_line_when_its_process_is_killed(start):
    process = start("serve")
    read_until(process, "export SPALLOC_OWNER")
    [keeper] = psutil.Process(process.pid).children()
    keeper.kill()
    assert process.wait(120) == 1
    assert process.stderr.read().startswith("spalloc-sandbox: The sandbox's own process has ended.")


@pytest.mark.parametrize("delay", [0.0, 0.1, 0.3, 0.6])
def test_serve_is_interrupted_while_it_starts(start, delay):
    process = start("serve")
    [keeper] = until(lambda: psutil.Process(process.pid).children(), 60)
    with suppress(subprocess.TimeoutExpired):
        process.wait(delay)
    process.send_signal(signal.SIGINT)
    assert process.wait(120) in (0, 130)
    assert process.stderr.read() == ""
    assert ended(keeper)


def test_run_gives_the_command_the_servers_address():
    program = "import os; print(*(os.environ['SPALLOC_' + name] for name in ('HOSTNAME', 'PORT', 'OWNER')))"
    answer = spalloc_sandbox("run", sys.executable, "-c", program)
    assert re.fullmatch(r"127\.0\.0\.1 \d+ \S+\n", answer.stdout)
    assert answer.returncode == 0


def test_run_finds_the_commands_of_its_own_environment():
    """Without activating it."""
    environ = {**os.environ, "PATH": os.defpath}
    answer = spalloc_sandbox("run", "--", "spalloc-sandbox", "--version", env=environ)
    assert answer.stdout == f"spalloc-sandbox {__version__}\n"


@pytest.mark.parametrize(("what", "code"), [("exit 0", 0), ("exit 7", 7), ("kill -9 $$", 137), ("kill -TERM $$", 143)])
def test_run_passes_the_exit_code_on(what, code):
    assert spalloc_sandbox("run", "sh", "-c", what).returncode == code


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1])
def test_run_sends_signals_on(start, number):
    """Once: the command has the last word on what they mean."""
    program = f"""
import signal, time
got = []
signal.signal({int(number)}, lambda *_: got.append(1))
print("ready", flush=True)
while not got:
    time.sleep(0.01)
time.sleep(0.3)
print(len(got))
raise SystemExit(9)
"""
    process = start("run", sys.executable, "-c", program)
    read_until(process, "ready")
    process.send_signal(number)
    assert process.communicate(timeout=120) == ("1\n", "")
    assert process.returncode == 9


def test_what_cannot_be_run_is_told_in_a_line(tmp_path):
    rubbish = tmp_path / "rubbish"
    rubbish.write_bytes(b"\x7fELF")
    rubbish.chmod(0o700)
    answer = spalloc_sandbox("run", rubbish)
    assert answer.returncode == 126
    assert re.fullmatch(r"spalloc-sandbox: .*rubbish cannot be run: Exec format error\.\n", answer.stderr)


def test_run_passes_standard_input_through():
    answer = subprocess.run(
        [COMMAND, "run", "cat"], input="hello\n", capture_output=True, text=True, timeout=120, check=False
    )
    assert answer.stdout == "hello\n"


def test_run_is_killed(start):
    process = start("run", "sleep", "30")
    until(lambda: len(psutil.Process(process.pid).children(recursive=True)) == 3, 30)
    family = psutil.Process(process.pid).children(recursive=True)
    process.kill()
    for member in family:
        if member.name() == "sleep":
            member.kill()
    until(lambda: all(map(ended, family)), 30)
