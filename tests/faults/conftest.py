"""A scripted server, and clients of it that are closed at the end."""

import contextlib
from collections.abc import Callable, Iterator

import pytest
from scripted_server import ScriptedServer

from spalloc_client import Job
from spalloc_client.protocol_client import ProtocolClient

Connect = Callable[..., ProtocolClient]


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    """A classic server."""
    with ScriptedServer() as scripted:
        yield scripted


@pytest.fixture(params=["classic", "java"])
def any_server(request) -> Iterator[ScriptedServer]:
    """A server of each dialect."""
    with ScriptedServer(java=request.param == "java") as scripted:
        yield scripted


@pytest.fixture
def connect() -> Iterator[Connect]:
    """Return a function that connects a client to a server."""
    with contextlib.ExitStack() as stack:

        def connected(server: ScriptedServer, timeout: float | None = 10.0) -> ProtocolClient:
            client = ProtocolClient(server.host, server.port, timeout)
            stack.callback(client.close)
            client.connect()
            return client

        yield connected


@pytest.fixture
def client(server, connect) -> ProtocolClient:
    """A client of the classic server, with a timeout that only a hang reaches."""
    return connect(server)


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
