"""What all tests share: a real server."""

import pytest

from spalloc_client.sandbox import Sandbox


@pytest.fixture
def sandbox():
    """A real server with 24 simulated boards that switch on within 0.1 s; nobody else uses it."""
    with Sandbox(boards=24) as started:
        yield started
