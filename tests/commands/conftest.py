"""The installed scripts, on a pipe and in a terminal, and a real server for them."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import IO

import pexpect
import pyte
import pytest
from owners import until

from spalloc_client.sandbox import Sandbox
from spalloc_client.server import Server

BIN = Path(sys.executable).parent
PATIENCE = 60.0


class Shell:
    """Runs the installed commands, as the owner ``me``, in an empty directory."""

    def __init__(self, directory: Path, stack: contextlib.ExitStack) -> None:
        self.directory = directory
        self._stack = stack
        kept = {name: value for name, value in os.environ.items() if name.startswith(("COVERAGE_", "PYTHON", "TMP"))}
        self.environ = {
            **kept,
            "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(directory),
            "XDG_CONFIG_HOME": str(directory / "config"),
            "XDG_CONFIG_DIRS": str(directory / "etc"),
            "TERM": "xterm-256color",
            "LC_ALL": "C.UTF-8",
            "TZ": "UTC",
        }

    def use(self, hostname: str, port: int, owner: str = "me") -> None:
        """Lead the commands to a server."""
        self.environ |= {"SPALLOC_HOSTNAME": hostname, "SPALLOC_PORT": str(port), "SPALLOC_OWNER": owner}

    def run(
        self, *words: str, stdin: str = "", stdout: int | IO = subprocess.PIPE, **environ: str
    ) -> subprocess.CompletedProcess:
        """Run a command on pipes until it ends."""
        return subprocess.run(
            words,
            env={**self.environ, **environ},
            cwd=self.directory,
            input=stdin,
            stdout=stdout,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            timeout=PATIENCE,
            check=False,
        )

    def begin(self, *words: str, **environ: str) -> subprocess.Popen:
        """Start a command on pipes; it is killed at the end of the test."""
        process = subprocess.Popen(
            words,
            env={**self.environ, **environ},
            cwd=self.directory,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            start_new_session=True,
        )
        self._stack.enter_context(process)
        self._stack.callback(process.kill)
        return process

    def terminal(self, *words: str, columns: int = 80, lines: int = 24, **environ: str) -> "Terminal":
        """Start a command in a terminal of its own."""
        terminal = Terminal(words, {**self.environ, **environ}, self.directory, columns, lines)
        self._stack.callback(terminal.close)
        return terminal


class Terminal:
    """A command in a terminal, and what a person sees there."""

    def __init__(self, words, environ, directory, columns, lines) -> None:
        self.screen = pyte.Screen(columns, lines)
        self._stream = pyte.ByteStream(self.screen)
        self.written = b""
        self._hung_up = False
        self.child = pexpect.spawn(
            words[0],
            list(words[1:]),
            env=environ,
            cwd=str(directory),
            dimensions=(lines, columns),
            timeout=PATIENCE,
        )

    @property
    def text(self) -> str:
        """What stands on the screen, without trailing spaces."""
        return "\n".join(line.rstrip() for line in self.screen.display).rstrip()

    def read(self, seconds: float = 0.2) -> bool:
        """Take in what is written within a moment; False once the command has closed its terminal."""
        try:
            data = self.child.read_nonblocking(65536, seconds)
        except pexpect.TIMEOUT:
            return True
        except pexpect.EOF:
            return False
        self.written += data
        # This emulator knows neither of these, and shows the second one as text.
        self._stream.feed(data.replace(b"\x1b[?2026h", b"").replace(b"\x1b[?2026l", b""))
        return True

    def wait_for(self, *texts: str) -> str:
        """Wait until all of these stand on the screen; return all that stands there."""
        give_up = time.monotonic() + PATIENCE
        while not all(text in self.text for text in texts):
            assert self.read(), f"{texts} did not come before the end:\n{self.text}"
            assert time.monotonic() < give_up, f"{texts} did not come:\n{self.text}"
        return self.text

    def send(self, keys: str) -> None:
        self.child.send(keys)

    def end(self) -> int:
        """Wait until the command has ended; return its exit code."""
        give_up = time.monotonic() + PATIENCE
        while self.read():
            assert time.monotonic() < give_up, f"it did not end:\n{self.text}"
        self.child.wait()
        return self.child.exitstatus if self.child.exitstatus is not None else 128 + self.child.signalstatus

    def resize(self, columns: int, lines: int) -> None:
        self.screen.resize(lines, columns)
        self.child.setwinsize(lines, columns)

    def hang_up(self) -> None:
        """Close the terminal's window."""
        self.child.ptyproc.fileobj.close()
        self._hung_up = True

    def close(self) -> None:
        if not self._hung_up:
            self.child.close(force=True)
            return
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.child.pid, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(self.child.pid, 0)


@pytest.fixture
def shell(tmp_path):
    with contextlib.ExitStack() as stack:
        yield Shell(tmp_path, stack)


@pytest.fixture(scope="module")
def shared_sandbox():
    """A real server with 24 boards, for the tests of one file."""
    with Sandbox(boards=24) as started:
        yield started


class Rack:
    """A real server, how the commands find it, and what it says."""

    def __init__(self, sandbox: Sandbox, shell: Shell, server: Server) -> None:
        self.sandbox = sandbox
        self.shell = shell
        self.server = server
        self.run = shell.run
        self.begin = shell.begin
        self.terminal = shell.terminal

    def jobs(self):
        return self.server.jobs()

    def make(self, *what: int, owner: str = "me", keepalive: float | None = None, **options: object) -> int:
        """Make a job that nobody keeps alive; return its id when its boards are on, or others have them."""
        arguments = {"owner": owner, "keepalive": keepalive, **options}
        job_id = int(self.server._client.create_job(*what, **arguments))
        self.until(lambda: self._has_settled(job_id))
        return job_id

    def _has_settled(self, job_id: int) -> bool:
        # Boards of a job that has ended are not free before they are off: whoever waits for these has not settled.
        held = any(job.boards for job in self.jobs() if job.id != job_id)
        state = self.find(job_id).state.name
        return state == "ready" or (state == "queued" and held)

    def find(self, job_id: int):
        return next(job for job in self.jobs() if job.id == job_id)

    def until(self, condition) -> None:
        """Wait until something is true."""
        give_up = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < give_up, f"{self.jobs()}"
            time.sleep(0.02)

    def until_no_jobs(self) -> None:
        self.until(lambda: not self.jobs())

    def reason(self, job_id: int) -> str | None:
        """Why a job that has ended was destroyed."""
        return self.server.status(job_id).reason


def _rack(sandbox, shell):
    shell.use(sandbox.hostname, sandbox.port)
    with Server(sandbox.hostname, sandbox.port, timeout=10.0, reconnect_delay=0.1) as server:
        yield Rack(sandbox, shell, server)
        for job in server.jobs():
            server.destroy_job(job.id, "the test is over")


@pytest.fixture
def rack(shared_sandbox, shell):
    """A real server that the tests of one file share; each finds it without jobs, and its boards off."""
    until(lambda: not shared_sandbox.boards_on(), PATIENCE)
    yield from _rack(shared_sandbox, shell)


@pytest.fixture
def own_rack(sandbox, shell):
    """A real server that nobody else uses."""
    yield from _rack(sandbox, shell)
