"""Every command that the pages show is run, as a person would: in order, with a server, boards and a job."""

import os
import re
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from code_blocks import ROOT, blocks, pages_with

from spalloc_client import ProtocolClient
from spalloc_client.sandbox import Sandbox, SimulatedMachine

NOT_RUN = {
    r"(\S*/)?pip install ": "would install from the network into the environment that is tested",
    r"python3 -m venv ": "is followed by pip install",
    r"python3 bootstrap.py (sandbox|test)\b": "is how this environment was made",
    r".*\.venv/bin/pytest": "is this test itself",
    r"\.venv/bin/python tools/lowest\.py": "would install from the network",
    r"build/lowest/bin/pytest": "needs what the line before it installs",
    r"\.venv/bin/python -m pip install (build|pre-commit)": "would install from the network",
    r"\.venv/bin/pre-commit install": "needs what the line before it installs, and a clone",
    r"rm -rf dist && \.venv/bin/python -m build": "needs what the line before it installs; tests/house tests the wheel",
}
"""Commands that are not run here, and why."""

ENDLESS = (" --watch", "spalloc-sandbox serve", "spalloc-sandbox lab")
"""What goes on until Ctrl-C."""

OWNER = "you@example.org"
NUMBER = 12
"""The job that the pages speak of."""


class Desk:
    """A person's computer: a shell with a server, a job, and programs that the pages take for given."""

    def __init__(self, directory, sandbox):
        self.directory = directory
        programs = directory / "programs"
        programs.mkdir()
        for name in ("my_boot", "my_app"):
            (programs / name).write_text("#!/bin/sh\necho $0 $@\n")
            (programs / name).chmod(0o755)
        (directory / "my_experiment.py").write_text("import sys\nassert len(sys.argv) == 2\n")
        (directory / "notebooks").symlink_to(ROOT / "notebooks")
        (directory / ".venv").mkdir()
        (directory / ".venv" / "bin").symlink_to(Path(sys.executable).parent)
        path = os.pathsep.join([str(programs), str(Path(sys.executable).parent), os.environ["PATH"]])
        self.environ = {**os.environ, **sandbox.environ(), "SPALLOC_OWNER": OWNER, "PATH": path, "NO_COLOR": "1"}
        self.environ |= {"HOME": str(directory), "COLUMNS": "100"}

    def run(self, command, where):
        """Run a command to its end, with Enter pressed; return what it printed."""
        done = subprocess.run(
            ["bash", "-c", command],
            input="\n",
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
            cwd=self.directory,
            env=self.environ,
        )
        assert done.returncode == 0, f"{where}: {command}\n{done.stdout}{done.stderr}"
        return done.stdout

    def run_until_it_says_something(self, command, where):
        """Run a command that does not end by itself, and press Ctrl-C once it has said something."""
        process = subprocess.Popen(
            shlex.split(command),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=self.directory,
            env={**self.environ, "DISPLAY": "", "WAYLAND_DISPLAY": ""},
            start_new_session=True,
        )
        try:
            first = process.stdout.readline()
            while "sandbox lab" in command and "http://" not in first:
                first = process.stdout.readline()
            process.send_signal(signal.SIGINT)
            _, complaint = process.communicate(timeout=60)
        finally:
            process.kill()
        assert first, f"{where}: {command}\n{complaint}"
        assert process.returncode in (0, 130), f"{where}: {command}\n{complaint}"


@pytest.fixture
def desk(tmp_path):
    """Give a desk whose server has one job: number 12, which is ready."""
    with Sandbox(machines=[SimulatedMachine(24, "my-machine")]) as sandbox:
        with ProtocolClient(sandbox.hostname, sandbox.port, timeout=30) as client:
            for _ in range(1, NUMBER):
                client.destroy_job(client.create_job(owner=OWNER, keepalive=None))
            assert client.create_job(3, owner=OWNER, keepalive=None) == NUMBER
            give_up = time.monotonic() + 60
            while client.get_job_state(NUMBER)["state"] != 3:
                assert time.monotonic() < give_up
                time.sleep(0.05)
        yield Desk(tmp_path, sandbox)


def commands(block):
    """Return the commands of a block, each with the output that is shown below it."""
    found = []
    for line in block.text.splitlines():
        if line.startswith("$ "):
            found.append((line.removeprefix("$ "), []))
        else:
            assert found, f"{block.where}: output comes before the first command"
            found[-1][1].append(line)
    assert found, f"{block.where}: no command begins with “$ ”"
    return found


def is_not_run(command):
    return any(re.match(pattern, command) for pattern in NOT_RUN)


@pytest.mark.parametrize("page", pages_with("console"))
def test_the_commands_of_a_page(page, desk):
    for block in blocks(page, "console"):
        for command, shown in commands(block):
            if is_not_run(command):
                continue
            if any(word in command for word in ENDLESS):
                desk.run_until_it_says_something(command, block.where)
                continue
            said = desk.run(command, block.where)
            if shown:
                assert said.splitlines() == shown, block.where


def test_every_exception_is_still_needed():
    all_blocks = [block for page in pages_with("console") for block in blocks(page, "console")]
    shown = [command for block in all_blocks for command, _ in commands(block)]
    assert [pattern for pattern in NOT_RUN if not any(re.match(pattern, command) for command in shown)] == []
