"""A server and jobs on it that are destroyed at the end."""

import contextlib
from collections.abc import Callable, Iterator

import pytest
from scripted_server import ScriptedServer

from spalloc_client import Job
from spalloc_client.server import Server


@pytest.fixture(params=["classic", "java"])
def server(request) -> Iterator[ScriptedServer]:
    """A server of each dialect."""
    with ScriptedServer(java=request.param == "java") as scripted:
        yield scripted


@pytest.fixture
def java() -> Iterator[ScriptedServer]:
    with ScriptedServer(java=True) as scripted:
        yield scripted


@pytest.fixture
def job_on() -> Iterator[Callable[..., Job]]:
    """Return a function that asks a server for a job."""
    with contextlib.ExitStack() as stack:

        def ask(server: ScriptedServer, *what: int, **options: object) -> Job:
            settings = {"owner": "me", "timeout": 5.0, "reconnect_delay": 0.1, "config_filenames": [], **options}
            job = Job(*what, hostname=server.host, port=server.port, **settings)
            stack.callback(job.destroy)
            return job

        yield ask


@pytest.fixture
def records_of() -> Iterator[Callable[[ScriptedServer], Server]]:
    """Return a function that connects to a server as the commands see it."""
    with contextlib.ExitStack() as stack:

        def connected(scripted: ScriptedServer) -> Server:
            return stack.enter_context(Server(scripted.host, scripted.port, timeout=5.0, reconnect_delay=0.1))

        yield connected
