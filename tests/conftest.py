"""What all tests share: a real server, and patience with slow computers."""

import os
import signal

import pytest
from hypothesis import HealthCheck, settings
from owners import guardians_of

from spalloc_client.sandbox import Sandbox

# How long an example takes says something about the computer, not about the code.
settings.register_profile("calm", deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("calm")

# A shell has what it starts in the background ignore Ctrl-C, and nohup the end of the terminal; and so would whatever
# the tests start and send a signal to.
for number, handler in ((signal.SIGINT, signal.default_int_handler), (signal.SIGHUP, signal.SIG_DFL)):
    if signal.getsignal(number) is signal.SIG_IGN:
        signal.signal(number, handler)


def pytest_sessionfinish():
    """End what would try for a minute to give jobs back to servers that tests have ended."""
    for guardian in guardians_of(os.getpid()):
        guardian.kill()


@pytest.fixture
def sandbox():
    """A real server with 24 simulated boards that switch on within 0.1 s; nobody else uses it."""
    with Sandbox(boards=24) as started:
        yield started
