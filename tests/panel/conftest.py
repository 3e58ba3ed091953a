"""What the tests of the views share."""

import time

import pytest

from spalloc_client import Job


@pytest.fixture
def make_job(sandbox):
    """Ask the sandbox for jobs, which end with the test."""
    made = []

    def make(*what, owner="me@example.org", **options):
        job = Job(*what, hostname=sandbox.hostname, port=sandbox.port, owner=owner, config_filenames=[], **options)
        made.append(job)
        return job

    yield make
    for job in made:
        job.destroy()


@pytest.fixture
def wait_until():
    """Wait until something is so; fail if that takes a minute."""

    def wait(happens, what="it"):
        deadline = time.monotonic() + 60
        while not (value := happens()):
            assert time.monotonic() < deadline, f"{what} did not happen"
            time.sleep(0.02)
        return value

    return wait
