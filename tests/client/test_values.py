"""Values: states, versions, deadlines, the queue, and the tree of errors."""

import math
import pickle
import re
import subprocess
import sys
from pathlib import Path

import pytest

import spalloc_client
from spalloc_client import exceptions
from spalloc_client.deadline import NEVER, Deadline
from spalloc_client.exceptions import ServerVersionError, SpallocError
from spalloc_client.queue_position import QueuePosition, queue_position
from spalloc_client.records import Board, JobRecord, MachineRecord
from spalloc_client.states import JobState
from spalloc_client.version import parse_version


def test_states_are_the_manuals():
    assert {state.name: state.value for state in JobState} == {
        "unknown": 0,
        "queued": 1,
        "power": 2,
        "ready": 3,
        "destroyed": 4,
    }


def test_a_state_of_the_future_is_kept_as_it_is():
    state = JobState(17)
    assert (state, state.name, isinstance(state, JobState)) == (17, "state_17", True)
    assert pickle.loads(pickle.dumps(state)) == 17
    assert repr(state) == "<JobState.state_17: 17>"


def test_what_is_no_number_is_no_state():
    with pytest.raises(ValueError, match="'ready' is not a valid JobState"):
        JobState("ready")


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("0.1.0", (0, 0, 1, 0)),
        ("0.5.2", (0, 0, 5, 2)),
        ("5.0", (0, 5, 0, 0)),
        ("1!7.0.0", (1, 7, 0, 0)),
        ("1!7.0.0a4", (1, 7, 0, 0)),
        (" 7.1.0-SNAPSHOT\n", (0, 7, 1, 0)),
        ("99!1.0", (99, 1, 0, 0)),
    ],
)
def test_versions_of_servers(text, version):
    assert parse_version(text) == version


@pytest.mark.parametrize("text", ["0.0.9", "0.0", "HTTP/1.1", "", None, 7, "1!", "seven"])
def test_what_is_too_old_or_no_version_is_named(text):
    with pytest.raises(ServerVersionError, match=re.escape(repr(text))):
        parse_version(text)


def test_deadlines():
    assert Deadline.after(None) == NEVER
    assert NEVER.remaining() is None
    assert not NEVER.expired
    assert Deadline.after(-5).expired
    assert Deadline.after(0).remaining() == 0
    soon, late = Deadline.after(1), Deadline.after(1000)
    assert soon.earlier(late) == soon == late.earlier(soon)
    assert NEVER.sooner(None) == NEVER
    assert NEVER.sooner(5).at < math.inf
    assert soon.sooner(500) == soon
    assert soon.no_sooner_than(500).at > late.sooner(400).at
    assert late.no_sooner_than(1) == late


MACHINES = [
    MachineRecord("m", ("default",), 2, 2, dead_boards=frozenset({Board(0, 0, 1)})),
    MachineRecord("big", ("default", "big"), 4, 4),
    MachineRecord("odd", ("odd",), 1, 1),
]


def job(number, state=JobState.queued, boards=(), machine=None, **requirements):
    return JobRecord(number, "x", state, requirements=requirements, boards=boards, machine_name=machine)


def test_the_place_in_the_queue_counts_those_who_want_the_same_machines():
    running = job(1, JobState.ready, (Board(0, 0, 0), Board(0, 0, 2)), "m")
    jobs = [running, job(2, machine=None, tags=["odd"]), job(4, tags=["big"]), job(5), job(6)]
    assert queue_position(5, jobs, MACHINES) == QueuePosition(2, (4,), 11 + 48 - 2, 11 + 48, ("big", "m"))
    assert queue_position(2, jobs, MACHINES) == QueuePosition(1, (), 3, 3, ("odd",))
    assert queue_position(1, jobs, MACHINES) is None
    assert queue_position(99, jobs, MACHINES) is None


def test_a_job_for_one_machine_waits_for_that_machine():
    own = JobRecord(3, "x", JobState.queued, requirements={"machine": "odd", "tags": None})
    assert queue_position(3, [own], MACHINES) == QueuePosition(1, (), 3, 3, ("odd",))


def test_tags_that_make_no_sense_hide_no_machine():
    own = JobRecord(3, "x", JobState.queued, requirements={"tags": "hidden"})
    position = queue_position(3, [own], MACHINES)
    assert position is not None
    assert position.machines == ("big", "m", "odd")


def test_the_tree_of_errors_is_drawn_as_it_is():
    drawn = re.findall(
        r"([A-Z]\w+(?:Error|Exception))(?: \((\w+)\))?", exceptions.__doc__.split("The tree")[1].split("``Pr")[0]
    )
    assert sorted(name for name, _ in drawn) == exceptions.__all__
    for name, also in drawn:
        error = getattr(exceptions, name)
        assert issubclass(error, SpallocError)
        assert not also or also in {base.__name__ for base in error.__mro__}
    classes = {name for name, value in vars(exceptions).items() if isinstance(value, type)}
    assert classes == set(exceptions.__all__)


def test_any_module_can_be_imported_and_then_does_nothing():
    """Those as well that are run as programs."""
    program = (
        "import importlib, pkgutil, spalloc_client\n"
        "for module in pkgutil.walk_packages(spalloc_client.__path__, 'spalloc_client.'):\n"
        "    importlib.import_module(module.name)\n"
    )
    done = subprocess.run([sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_public_names_are_there():
    assert all(hasattr(spalloc_client, name) for name in spalloc_client.__all__)
    manual = {
        "Job",
        "JobState",
        "JobDestroyedError",
        "StateChangeTimeoutError",
        "ProtocolClient",
        "ProtocolTimeoutError",
    }
    assert manual < set(spalloc_client.__all__) <= set(dir(spalloc_client))
    assert (Path(spalloc_client.__file__).parent / "py.typed").exists()
