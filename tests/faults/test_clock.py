"""A wall clock that is set back, or jumps, moves no deadline."""

import ast
import itertools
import threading
import time
from pathlib import Path

import pytest
from scripted_server import QUEUED, silence
from scripted_server.timing import overshoot

import spalloc_client
from spalloc_client import JobState
from spalloc_client.exceptions import ProtocolTimeoutError, StateChangeTimeoutError

PACKAGE = Path(spalloc_client.__file__).parent
WALL_CLOCKS = {"time.time", "time.time_ns", "datetime.now", "datetime.utcnow", "datetime.today", "time.localtime"}


@pytest.fixture(params=[-3600.0, 3600.0], ids=["back", "forward"])
def jumping_clock(request, monkeypatch):
    """A wall clock that jumps by an hour at each look; a real one cannot be set without harm to others."""
    hours = itertools.count()
    monkeypatch.setattr(time, "time", lambda: 1_700_000_000.0 + request.param * next(hours))


@pytest.mark.usefixtures("jumping_clock")
def test_timeouts_of_calls_and_waits(server, client, job_on):
    server.script("version", silence(), times=None)

    def call():
        with pytest.raises(ProtocolTimeoutError):
            client.call("version", timeout=0.4)

    assert overshoot(0.4, call) < 0.2
    server.unscript()
    server.model.pace = QUEUED
    job = job_on(server)

    def wait():
        with pytest.raises(StateChangeTimeoutError):
            job.wait_until_ready(timeout=0.4)

    assert overshoot(0.4, wait) < 0.2
    threading.Timer(0.3, server.model.allocate, (1,)).start()
    assert job.wait_for_state_change(JobState.queued, timeout=20) is JobState.power


@pytest.mark.usefixtures("jumping_clock")
def test_reconnecting(server, job_on):
    job = job_on(server, reconnect_delay=0.2)
    server.stop()
    threading.Timer(0.7, server.start).start()
    assert job.state is JobState.ready


def test_no_deadline_is_taken_from_the_wall_clock():
    """Deadlines are made in one place, of the monotonic clock; the wall clock is for telling people the time."""
    users = {
        path.relative_to(PACKAGE).as_posix(): sorted(used)
        for path in PACKAGE.rglob("*.py")
        if (used := wall_clocks_in(ast.parse(path.read_text(encoding="utf-8"))))
    }
    # These tell people when something happened, and wait for nothing by it.
    tellers = {name for name in users if name.startswith(("scripts/", "commands/", "sandbox/", "guardian"))}
    assert set(users) == tellers


def wall_clocks_in(tree: ast.AST) -> set[str]:
    attributes = {ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    names = {
        f"{node.module}.{name.name}"
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for name in node.names
    }
    return {clock for clock in WALL_CLOCKS if any(f".{used}".endswith(f".{clock}") for used in attributes | names)}
