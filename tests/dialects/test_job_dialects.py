"""A job is the same job on either server, whatever the servers make of it."""

import threading
import time

import pytest
from scripted_server import DESTROYED, POWER, QUEUED, READY, Machine, ScriptedServer, failing, returning
from scripted_server.timing import within

from spalloc_client import Job, JobDestroyedError, JobState
from spalloc_client.exceptions import (
    NotSupportedError,
    RequestError,
    SpallocError,
    SpallocServerException,
    StateChangeTimeoutError,
)
from spalloc_client.records import Board, Chip


def test_a_queued_job_knows_nothing_yet(server, job_on):
    server.model.pace = QUEUED
    job = job_on(server)
    assert job.state is JobState.queued
    facts = (job.power, job.reason, job.hostname, job.connections, job.width, job.height, job.machine_name, job.boards)
    assert facts == (None,) * 8


def test_a_ready_job_knows_what_it_was_given(server, job_on):
    job = job_on(server, 3)
    job.wait_until_ready(timeout=10)
    assert (job.state, job.power, job.reason) == (JobState.ready, True, None)
    assert (job.width, job.height, job.machine_name) == (16, 16, "m")
    assert job.hostname == "10.11.193.1"
    assert set(job.connections) == {Chip(0, 0), Chip(8, 4), Chip(4, 8)}
    assert set(job.boards) == {Board(0, 0, 0), Board(0, 0, 1), Board(0, 0, 2)}


def test_destroying_tells_the_reason(server, job_on):
    job = job_on(server)
    job.destroy("done")
    assert (job.state, job.reason) == (JobState.destroyed, "done")
    assert server.jobs[1].reason == "done"
    assert server.live_jobs() == []


def test_a_job_destroyed_by_somebody_else(server, job_on):
    server.model.pace = QUEUED
    job = job_on(server)
    waiting = threading.Timer(0.2, server.model.destroy, (1, "too greedy"))
    waiting.start()
    # The Java server tells nobody: the next look finds it, 5 s later at most.
    with within(20), pytest.raises(JobDestroyedError, match="too greedy"):
        job.wait_until_ready(timeout=30)
    assert job.power is None
    assert job.reason == "too greedy"


def test_a_reason_that_nobody_gave_is_none(server, job_on):
    job = job_on(server)
    server.model.destroy(1)
    assert (job.state, job.reason) == (JobState.destroyed, None)


def test_an_impossible_request_is_an_error_on_either_server(server, job_on):
    with pytest.raises(SpallocError) as caught:
        job_on(server, 4000).wait_until_ready(timeout=10)
    assert isinstance(caught.value, JobDestroyedError | SpallocServerException)
    assert server.live_jobs() == []


def test_the_power_of_a_queued_job_can_be_set_without_effect(server, job_on):
    server.model.pace = QUEUED
    job = job_on(server)
    job.set_power(True)
    job.set_power(False)
    job.reset()
    assert server.jobs[1].history == [QUEUED]


def test_power_goes_off_and_on(server, job_on):
    job = job_on(server)
    job.wait_until_ready(timeout=10)
    job.set_power(False)
    job.wait_until_ready(timeout=10)
    assert job.power is False
    job.reset()
    job.wait_until_ready(timeout=10)
    assert job.power is True
    assert server.jobs[1].history == [QUEUED, POWER, READY, POWER, READY, POWER, READY]


def test_power_back_to_queued_is_a_way_of_life(server, job_on):
    """The Java server queues a job again whose boards fail to power on; its boards are nobody's then."""
    server.model.pace = QUEUED
    job = job_on(server)
    server.model.allocate(1)
    assert job.wait_for_state_change(JobState.queued, timeout=10) is JobState.power
    assert job.boards is not None
    server.model.requeue(1)
    assert job.wait_for_state_change(JobState.power, timeout=10) is JobState.queued
    assert job.boards is None
    server.model.allocate(1)
    server.model.make_ready(1)
    job.wait_until_ready(timeout=10)
    assert job.hostname == "10.11.193.1"


@pytest.mark.parametrize("notifying", [(0.0, 0), (1.5, 1), (0.0, 5)], ids=["missing", "late", "repeated"])
def test_notifications_are_hints_only(server, job_on, notifying):
    server.model.pace = QUEUED
    server.notifying.delay, server.notifying.repeat = notifying
    job = job_on(server)
    threading.Timer(0.3, server.model.allocate, (1,)).start()
    with within(20):
        assert job.wait_for_state_change(JobState.queued, timeout=30) is JobState.power


def test_a_prompt_notification_is_prompt(server, job_on):
    server.model.pace = QUEUED
    job = job_on(server)
    waiter = threading.Thread(target=job.wait_for_state_change, args=(JobState.queued, 30))
    waiter.start()
    time.sleep(0.5)
    # Far less than the 5 s after which it would look by itself.
    with within(2):
        server.model.allocate(1)
        waiter.join()


def test_a_job_is_kept_alive(server, job_on):
    job = job_on(server, keepalive=1.5)
    time.sleep(4)
    assert server.live_jobs() == [1]
    assert job.state is JobState.ready
    server.wait_for("job_keepalive", 3)


def test_keepalive_none_works(server, job_on):
    """The Java server knows no such thing: it takes 60 s then, so the job has to be kept alive there."""
    job = job_on(server, keepalive=None)
    assert server.requests[1].kwargs["keepalive"] is None
    if server.jobs[1].keepalive is not None:
        server.wait_for("job_keepalive")
    job.destroy()
    assert server.live_jobs() == []


def test_resuming(server, job_on):
    job_on(server, keepalive=2.0).close()
    again = job_on(server, owner=None, resume_job_id=1)
    assert again.id == 1
    time.sleep(4)
    assert again.state is JobState.ready
    assert again.request is None
    again.destroy()
    assert server.live_jobs() == []


def test_resuming_where_the_list_tells_the_time_of_the_last_keepalive(java, job_on, records_of):
    """Then nobody tells the interval; a moment of 1970 plus some billion seconds is none."""
    java.dialect.keepalive_in_list = "timestamp"
    job_on(java, keepalive=60.0).close()
    server = records_of(java)
    (record,) = server.jobs()
    assert record.keepalive is None
    assert server.interval_to_keep(record.keepalive) == 60.0
    before = java.commands().count("job_keepalive")
    assert job_on(java, resume_job_id=1).state is JobState.ready
    java.wait_for("job_keepalive", before + 1)


def test_resuming_where_the_list_tells_the_time_but_the_request_tells_the_interval(java, job_on):
    java.dialect.keepalive_in_list = "timestamp"
    java.dialect.shroud = False
    job_on(java, keepalive=1.5).close()
    again = job_on(java, resume_job_id=1)
    time.sleep(4)
    assert again.state is JobState.ready


@pytest.mark.parametrize("job_id", [0, 7])
def test_resuming_what_is_not_there(server, job_on, job_id):
    with pytest.raises(JobDestroyedError, match=str(job_id)):
        job_on(server, resume_job_id=job_id)


def test_resuming_what_has_ended(server, job_on):
    job_on(server).destroy("over")
    with pytest.raises(JobDestroyedError, match="over"):
        job_on(server, resume_job_id=1)


def test_a_job_that_the_server_forgot_is_unknown(server, job_on):
    job = job_on(server)
    server.model.jobs.clear()
    assert job.state is JobState.unknown
    with pytest.raises(JobDestroyedError, match="does not know job 1"):
        job.wait_until_ready(timeout=5)
    job.destroy()


def test_a_state_of_the_future_is_no_reason_to_stop(server, job_on):
    job = job_on(server)
    server.model.jobs[1].state = 9
    assert job.state == 9
    assert isinstance(job.state, JobState)
    with pytest.raises(StateChangeTimeoutError, match="state_9"):
        job.wait_until_ready(timeout=0.3)


def test_where_the_chips_are(server, job_on):
    job = job_on(server, 3)
    job.wait_until_ready(timeout=10)
    assert job.where_is_machine(4, 8) == (0, 0, 2)
    place = job.chip_location(5, 9)
    assert place.hostname == job.connections[Chip(4, 8)]
    assert (place.board, place.physical) == (Board(0, 0, 2), (0, 0, 2))
    for chip in ((100, 0), (-1, 0), (15, 0)):
        with pytest.raises(RequestError, match="no chip"):
            job.where_is_machine(*chip)


def test_reporting_a_problem(server, job_on):
    job = job_on(server)
    job.wait_until_ready(timeout=10)
    if server.dialect.newline == "\n":
        with pytest.raises(NotSupportedError):
            job.report_problem(1, 2, "smoke")
        assert "report_problem" not in server.commands()
    else:
        job.report_problem(1, 2, "smoke", processor=3)
        job.report_problem(1, 2, "more smoke")
        assert server.dialect.problems == [
            {"ip": "10.11.193.1", "x": 1, "y": 2, "p": 3, "description": "smoke"},
            {"ip": "10.11.193.1", "x": 1, "y": 2, "description": "more smoke"},
        ]


def test_nothing_null_is_asked_for_but_keepalive(server, job_on):
    job_on(server, 5, keepalive=None, max_dead_boards=None, max_dead_links=None, machine=None, tags=None)
    request = server.wait_for("create_job")
    nulls = [name for name, value in request.kwargs.items() if value is None]
    assert nulls == ["keepalive"]


def test_any_number_of_dead_boards_is_told_to_java_as_a_number(java, job_on):
    job_on(java, 5, max_dead_boards=None)
    assert java.wait_for("create_job").kwargs["max_dead_boards"] > 100_000


def test_subscribing_sends_no_null(server, job_on):
    job = job_on(server)
    job.wait_until_ready(timeout=10)
    assert all(None not in request.args for request in server.requests)


def test_power_failures_lead_to_other_boards(server, job_on):
    """The classic server ends the job, and another is asked for; the Java server queues it again by itself."""
    server.model.power_failures = 1
    job = job_on(server)
    if server.model.requeues_on_failure:
        assert server.jobs[1].history == [QUEUED, POWER, QUEUED]
        server.model.allocate(1)
    job.wait_until_ready(timeout=20)
    assert job.state is JobState.ready
    assert len(server.live_jobs()) == 1


def test_power_failures_that_never_end_do(job_on):
    with ScriptedServer() as server:
        server.model.power_failures = 1000
        job = job_on(server, retries=2)
        with within(30), pytest.raises(JobDestroyedError, match="Machine configuration failed"):
            job.wait_until_ready(timeout=30)
        assert len(server.jobs) == 3
        assert server.live_jobs() == []


def test_boards_to_avoid_are_given_back_once_others_stand(server, job_on):
    job = job_on(server, avoid=["10.11.193.1", (3, 3, 2)])
    job.wait_until_ready(timeout=20)
    assert job.hostname == "10.11.193.9"
    server.wait_until(lambda: server.live_jobs() == [job.id])


def test_of_several_boards_to_avoid_none_is_given_twice(server, job_on):
    """A server that gives the first free board would give the one that was just given back."""
    job = job_on(server, avoid=["10.11.193.1", (0, 0, 1), (0, 0, 2)])
    job.wait_until_ready(timeout=20)
    assert job.hostname == "10.11.193.25"
    server.wait_until(lambda: server.live_jobs() == [job.id])


def test_boards_to_avoid_that_never_end_do(server, job_on):
    boards = [(0, 0, 0), (0, 0, 1), (0, 0, 2)]
    job = job_on(server, avoid=boards, retries=2)
    with within(20), pytest.raises(JobDestroyedError, match="boards to avoid"):
        job.wait_until_ready(timeout=20)
    server.wait_until(lambda: server.live_jobs() == [])
    assert len(server.jobs) == 3


def test_boards_to_avoid_are_given_back_even_if_the_next_request_fails(server, job_on):
    job = job_on(server, avoid=["10.11.193.1"])
    server.script("create_job", failing("no more jobs today"))
    with within(20), pytest.raises(SpallocServerException, match="no more jobs"):
        job.wait_until_ready(timeout=20)
    job.destroy()
    server.wait_until(lambda: server.live_jobs() == [])


def test_boards_to_avoid_are_not_held_while_queued(job_on):
    with ScriptedServer(machines=[Machine(width=1, height=1, dead_boards={(0, 0, 1), (0, 0, 2)})]) as server:
        job = job_on(server, avoid=["10.11.193.1"], retries=1)
        with within(30), pytest.raises(SpallocError):
            job.wait_until_ready(timeout=3)
        job.destroy()
        server.wait_until(lambda: server.live_jobs() == [])
        assert all(entry.history.count(QUEUED) == 1 for entry in server.jobs.values())


def test_queue_position(server, job_on):
    server.model.machines[:] = [Machine(width=1, height=1)]
    job_on(server, 3).wait_until_ready(timeout=10)
    job_on(server, 3)
    third = job_on(server, 3)
    place = third.queue_position
    assert (place.position, place.ahead, place.boards_free, place.machines) == (2, (2,), 0, ("m",))
    assert place.boards_working == 3


@pytest.mark.parametrize("answer", [None, "1", True, 1.5, [1], {}])
def test_an_answer_that_is_no_job_id_is_an_error(server, job_on, answer):
    server.script("create_job", returning(answer))
    with within(10), pytest.raises(SpallocError, match="create_job"):
        job_on(server)


@pytest.mark.parametrize("answer", [None, [], 5, {}, {"state": "ready"}, {"state": None}, {"state": "x"}])
def test_an_answer_that_is_no_state_is_an_error_or_no_job(server, job_on, answer):
    job = job_on(server)
    server.script("get_job_state", returning(answer))
    with within(10):
        try:
            assert job.state is JobState.unknown
        except SpallocError as error:
            assert "get_job_state" in str(error)  # noqa: PT017 - either is right


@pytest.mark.parametrize("answer", [5, {"machine_name": "m"}, {"machine_name": "m", "connections": [[[0], "x"]]}])
def test_an_answer_that_is_no_machine_info_is_an_error_or_no_boards(server, job_on, answer):
    job = job_on(server)
    server.script("get_job_machine_info", returning(answer))
    with within(10):
        try:
            assert job.hostname is None
        except SpallocError as error:
            assert "get_job_machine_info" in str(error)  # noqa: PT017 - either is right


def test_a_job_that_was_closed_lives_on(server, job_on):
    job = job_on(server)
    job.close()
    job.close()
    assert server.live_jobs() == [1]
    assert server.jobs[1].state != DESTROYED


def test_the_boards_are_asked_for_in_every_form(server):
    forms = {
        (): {},
        (1,): {},
        (4,): {},
        (7,): {"min_ratio": 0.5},
        (2, 3): {},
        (4, 4): {"require_torus": True},
        (3, 2, 1): {"machine": "m"},
    }
    for what, options in forms.items():
        with Job(
            *what, hostname=server.host, port=server.port, owner="me", config_filenames=[], timeout=5.0, **options
        ) as job:
            assert job.state is JobState.ready
            assert tuple(server.jobs[job.id].args) == what
