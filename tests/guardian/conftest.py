"""Owners that are started and ended, and a server for their jobs."""

import pytest
from owners import Owner, create_jobs
from scripted_server import ScriptedServer


@pytest.fixture
def start():
    """Start owners that end with the test; no guardian may outlive them."""
    owners = []

    def start_owner(body, port, **more):
        owners.append(Owner(body, port, **more))
        return owners[-1]

    yield start_owner
    for owner in owners:
        owner.close()


@pytest.fixture
def server():
    """A scripted server with jobs 1 to 20, all of which live as long as they are kept."""
    with ScriptedServer() as started:
        create_jobs(started, 20)
        yield started
