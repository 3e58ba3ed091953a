"""A real IPython shell with the extension in it, and a real server that it finds."""

import contextlib
import io
from dataclasses import dataclass

import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from spalloc_client.options import OPTIONS
from spalloc_client.protocol_client import ProtocolClient
from spalloc_jupyter import panels
from spalloc_jupyter.jobs import JOBS


@dataclass
class Ran:
    """What became of a cell."""

    value: object
    error: BaseException | None
    out: str
    err: str

    @property
    def told(self):
        """What is shown of its error: its last line, of which there is only one if it is told in one line."""
        return (self.out + self.err).strip()


class Notebook:
    """Cells, run in a shell; a cell that fails fails the test unless the test expects it."""

    def __init__(self, shell):
        self.shell = shell

    def attempt(self, cell):
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            result = self.shell.run_cell(cell, store_history=True)
        error = result.error_before_exec or result.error_in_exec
        return Ran(result.result, error, out.getvalue(), err.getvalue())

    def run(self, cell):
        ran = self.attempt(cell)
        assert ran.error is None, ran.told
        return ran

    def __getitem__(self, name):
        return self.shell.user_ns[name]

    def __contains__(self, name):
        return name in self.shell.user_ns


def bare_shell():
    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    return InteractiveShell.instance(config=config)


@pytest.fixture
def no_settings(monkeypatch, tmp_path):
    """Neither config files nor environment variables set anything."""
    for option in OPTIONS:
        monkeypatch.delenv(option.variable, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_DIRS", str(tmp_path))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def lonely(no_settings):  # noqa: ARG001 - it clears what this computer's user has set
    """A shell that knows no server."""
    shell = bare_shell()
    shell.run_line_magic("load_ext", "spalloc_jupyter")
    yield Notebook(shell)
    InteractiveShell.clear_instance()


@pytest.fixture
def notebook(lonely, sandbox, monkeypatch):
    """A shell that finds the sandbox."""
    for name, value in sandbox.environ().items():
        monkeypatch.setenv(name, value)
    yield lonely
    for name in JOBS.names():
        JOBS.let_go(name)
        panels.put_away(name, lonely.shell)


@pytest.fixture
def offline(lonely, monkeypatch):
    """A shell whose settings name a server that is not there."""
    monkeypatch.setenv("SPALLOC_HOSTNAME", "127.0.0.1")
    monkeypatch.setenv("SPALLOC_PORT", "1")
    monkeypatch.setenv("SPALLOC_OWNER", "me")
    return lonely


@pytest.fixture
def ask(sandbox):
    """Ask the server something, by the name of the protocol's command."""
    with ProtocolClient(sandbox.hostname, sandbox.port, 10) as client:
        yield client.call


@pytest.fixture
def jobs(ask):
    """Ask the server for the ids of all jobs that are queued or running."""
    return lambda: [job["job_id"] for job in ask("list_jobs")]
