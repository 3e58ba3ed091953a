"""Talking to a sandbox's server."""

import pytest
from owners import until

from spalloc_client.protocol_client import ProtocolClient


class Asker:
    """Asks a sandbox's server, over a connection of its own for each question."""

    def __init__(self, sandbox):
        self.sandbox = sandbox

    def __call__(self, command, *args, **kwargs):
        with ProtocolClient(self.sandbox.hostname, self.sandbox.port, 30) as client:
            return client.call(command, *args, **kwargs)

    def state(self, job):
        return self("get_job_state", job)["state"]

    def create(self, *args, **kwargs):
        """Create a job and wait until it is ready (3), or has ended (4)."""
        job = self("create_job", *args, owner="me", **kwargs)
        until(lambda: self.state(job) in (3, 4), 60)
        return job


@pytest.fixture
def ask():
    return Asker
