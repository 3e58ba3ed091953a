"""The connection under a job: lost, reset, silent or restarted at any moment, no change is missed."""

import threading
import time

import pytest
from scripted_server import (
    POWER,
    QUEUED,
    READY,
    BlackHole,
    Held,
    ScriptedServer,
    delayed,
    fin,
    in_segments,
    preceded_by,
    raw,
    rst,
    silence,
)
from scripted_server.timing import overshoot, within

from spalloc_client import Job, JobDestroyedError, JobState
from spalloc_client.exceptions import ProtocolError, ProtocolTimeoutError, SpallocError, StateChangeTimeoutError

ENDINGS = [fin(), fin(execute=True), fin(part=5), rst(), rst(execute=True), rst(part=5)]
READS = {
    "get_job_state": lambda job: job.state is JobState.ready,
    "get_job_machine_info": lambda job: job.hostname == "10.11.193.1",
    "where_is": lambda job: job.where_is_machine(0, 0) == (0, 0, 0),
    "list_jobs": lambda job: job.queue_position is None,
}


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("command", READS)
def test_after_a_connection_lost_at_a_question_it_is_asked_again(any_server, job_on, command, ending):
    job = job_on(any_server)
    any_server.script(command, ending)
    with within(5):
        assert READS[command](job)


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_connection_lost_at_the_question_for_the_version(any_server, job_on, ending):
    job = job_on(any_server)
    any_server.drop_connections()
    any_server.script("version", ending, times=3)
    with within(5):
        assert job.state is JobState.ready


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("command", ["power_on_job_boards", "destroy_job"])
def test_a_connection_lost_at_an_order(any_server, job_on, command, ending):
    job = job_on(any_server)
    job.wait_until_ready(timeout=10)
    any_server.script(command, ending)
    with within(5):
        job.reset()
        job.destroy("enough")
    any_server.wait_until(lambda: any_server.live_jobs() == [])
    assert any_server.jobs[1].history[-2:] in ([READY, 4], [POWER, 4])


@pytest.mark.parametrize("reset", [False, True])
def test_a_connection_lost_while_waiting_misses_no_change(any_server, job_on, reset):
    any_server.model.pace = QUEUED
    job = job_on(any_server)

    def trouble():
        time.sleep(0.3)
        any_server.drop_connections(reset=reset)
        any_server.model.allocate(1)  # told to nobody

    troubling = threading.Thread(target=trouble)
    troubling.start()
    with within(3):
        assert job.wait_for_state_change(JobState.queued, timeout=20) is JobState.power
    troubling.join()


def test_a_wait_goes_on_through_an_outage(any_server, job_on):
    any_server.model.pace = QUEUED
    job = job_on(any_server, timeout=0.5, reconnect_delay=0.1)

    def outage():
        time.sleep(0.2)
        any_server.stop(reset=True)
        any_server.model.allocate(1)
        any_server.model.make_ready(1)
        time.sleep(2.0)
        any_server.start()

    away = threading.Thread(target=outage)
    away.start()
    with within(15):
        job.wait_until_ready(timeout=20)
    away.join()
    assert job.hostname == "10.11.193.1"


def test_a_wait_goes_on_through_silence(any_server, job_on):
    any_server.model.pace = QUEUED
    job = job_on(any_server, timeout=0.3)
    any_server.freeze()
    threading.Timer(1.5, any_server.thaw).start()
    threading.Timer(1.0, any_server.model.allocate, (1,)).start()
    with within(15):
        assert job.wait_for_state_change(JobState.queued, timeout=20) is JobState.power


def test_a_wait_goes_on_while_each_connection_is_reset_again_and_again(any_server, job_on):
    any_server.model.pace = QUEUED
    job = job_on(any_server)
    stop = threading.Event()

    def reset():
        while not stop.wait(0.05):
            any_server.drop_connections(reset=True)

    resetting = threading.Thread(target=reset)
    resetting.start()
    threading.Timer(1.0, any_server.model.allocate, (1,)).start()
    try:
        with within(15):
            assert job.wait_for_state_change(JobState.queued, timeout=20) is JobState.power
    finally:
        stop.set()
        resetting.join()


def test_a_connection_is_made_again_after_the_reconnect_delay_and_not_before(server, job_on):
    server.model.pace = QUEUED
    job = job_on(server, reconnect_delay=0.5, keepalive=None)
    waiter = threading.Thread(target=job.wait_for_state_change, args=(JobState.queued, 20))
    waiter.start()
    time.sleep(0.3)
    server.greeting = lambda connection: connection.rst()
    before = len(server.connections)
    server.drop_connections(reset=True)
    time.sleep(2.2)
    # The guardian knocks as well, just as rarely.
    assert 2 <= len(server.connections) - before <= 14
    server.greeting = None
    server.model.allocate(1)
    waiter.join(10)
    assert not waiter.is_alive()


def test_a_server_restarted_with_its_state_is_met_again(any_server, job_on):
    job = job_on(any_server)
    job.wait_until_ready(timeout=10)
    any_server.restart(outage=0.3)
    assert job.state is JobState.ready
    assert job.hostname == "10.11.193.1"


def test_a_server_restarted_without_its_state_knows_the_job_no_more(any_server, job_on):
    job = job_on(any_server)
    any_server.restart(keep_jobs=False)
    assert job.state is JobState.unknown
    with within(10), pytest.raises(JobDestroyedError, match="does not know"):
        job.wait_until_ready(timeout=20)
    with within(10):
        job.destroy()


@pytest.mark.parametrize("keep_jobs", [True, False])
def test_a_server_restarted_while_a_job_is_waited_for(any_server, job_on, keep_jobs):
    any_server.model.pace = QUEUED
    job = job_on(any_server)

    def restart():
        time.sleep(0.3)
        any_server.restart(outage=0.5, keep_jobs=keep_jobs)
        if keep_jobs:
            any_server.model.allocate(1)

    restarting = threading.Thread(target=restart)
    restarting.start()
    expected = JobState.power if keep_jobs else JobState.unknown
    with within(15):
        assert job.wait_for_state_change(JobState.queued, timeout=20) is expected
    restarting.join()


def test_notifications_come_again_after_a_reconnect(server, job_on):
    server.model.pace = QUEUED
    job = job_on(server)
    waiter = threading.Thread(target=job.wait_for_state_change, args=(JobState.queued, 20))
    waiter.start()
    server.wait_for("get_job_state")
    server.restart()
    server.wait_for("notify_job", 2)
    time.sleep(0.5)
    # Much less than the 5 s after which it looks by itself.
    with within(2):
        server.model.allocate(1)
        waiter.join(10)


# ---- limits of time


def test_silence_at_connect_when_asking_for_a_job():
    with BlackHole() as hole:

        def ask():
            with pytest.raises(ProtocolTimeoutError):
                Job(hostname=hole.host, port=hole.port, owner="me", timeout=0.4, config_filenames=[])

        assert overshoot(0.4, ask) < 0.2


@pytest.mark.parametrize("command", ["version", "create_job"])
def test_silence_when_asking_for_a_job(server, command):
    server.script(command, silence(execute=False), times=None)

    def ask():
        with pytest.raises(ProtocolTimeoutError):
            Job(hostname=server.host, port=server.port, owner="me", timeout=0.4, config_filenames=[])

    assert overshoot(0.4, ask) < 0.2


@pytest.mark.parametrize(
    "ask",
    [
        lambda job: job.state,
        lambda job: job.power,
        lambda job: job.reason,
        lambda job: job.hostname,
        lambda job: job.boards,
        lambda job: job.set_power(True),
        lambda job: job.reset(),
        lambda job: job.queue_position,
        lambda job: job.where_is_machine(0, 0),
        lambda job: job.chip_location(0, 0),
        lambda job: Job(
            hostname=job._server.hostname,
            port=job._server.port,
            resume_job_id=1,
            timeout=0.4,
            config_filenames=[],
        ),
    ],
)
def test_silence_at_a_question(server, job_on, ask):
    job = job_on(server, timeout=0.4)
    server.freeze()

    def asked():
        with pytest.raises(ProtocolTimeoutError):
            ask(job)

    assert overshoot(0.4, asked) < 0.2


def test_a_server_that_is_gone_is_sought_until_the_timeout(server, job_on):
    job = job_on(server, timeout=0.6)
    server.stop()

    def asked():
        with pytest.raises(ProtocolError):
            job.state  # noqa: B018 - asking is what is tested

    assert overshoot(0.6, asked) < 0.2
    server.start()
    assert job.state is JobState.ready


@pytest.mark.parametrize("trouble", ["none", "silent", "gone", "resetting"])
def test_waiting_honours_its_timeout_whatever_the_server_does(server, job_on, trouble):
    server.model.pace = QUEUED
    job = job_on(server, timeout=5.0)
    make_trouble(server, trouble)

    def ready():
        with pytest.raises(StateChangeTimeoutError):
            job.wait_until_ready(timeout=0.5)

    assert overshoot(0.5, ready) < 0.2
    assert overshoot(0.5, lambda: job.wait_for_state_change(JobState.queued, timeout=0.5)) < 0.2
    assert job.wait_for_state_change(JobState.queued, timeout=0.0) is JobState.queued
    assert overshoot(0.5, lambda: list(job.events(timeout=0.5))) < 0.2
    server.thaw()


def test_waiting_in_the_queue_has_a_limit_of_its_own(server, job_on):
    server.model.pace = QUEUED
    job = job_on(server)

    def queued():
        with pytest.raises(StateChangeTimeoutError, match="queued"):
            job.wait_until_ready(timeout=30, queue_timeout=0.4)

    assert overshoot(0.4, queued) < 0.2
    server.model.allocate(1)
    threading.Timer(0.8, server.model.make_ready, (1,)).start()
    job.wait_until_ready(timeout=30, queue_timeout=0.4)


@pytest.mark.parametrize("trouble", ["silent", "gone", "resetting", "silent at destroy_job", "slow"])
def test_destroying_returns_within_the_timeout_whatever_the_server_does(server, trouble):
    job = Job(hostname=server.host, port=server.port, owner="me", timeout=0.6, reconnect_delay=0.1, config_filenames=[])
    make_trouble(server, trouble)
    begun = time.monotonic()
    job.destroy("over")
    assert time.monotonic() - begun < 0.6 + 1.0
    assert job.state is JobState.destroyed
    server.thaw()
    server.unscript()
    server.greeting = None
    if trouble == "gone":
        server.start()
    server.wait_until(lambda: server.live_jobs() == [], timeout=20)
    assert server.jobs[1].reason == "over"


@pytest.mark.parametrize("trouble", ["silent", "gone", "resetting"])
def test_closing_returns_within_the_timeout_whatever_the_server_does(server, trouble):
    job = Job(hostname=server.host, port=server.port, owner="me", timeout=0.6, config_filenames=[])
    make_trouble(server, trouble)
    with within(0.6 + 0.5):
        job.close()
    server.thaw()
    assert server.live_jobs() == [1]


def make_trouble(server: ScriptedServer, kind: str) -> None:
    if kind == "silent":
        server.freeze()
    elif kind == "gone":
        server.stop(reset=True)
    elif kind == "resetting":
        server.greeting = lambda connection: connection.rst()
        server.drop_connections(reset=True)
    elif kind == "slow":
        server.script("*", in_segments(1, pause=0.3), times=None)
    elif kind.startswith("silent at"):
        server.script(kind.rsplit(maxsplit=1)[-1], silence(execute=False), times=None)


# ---- who else is there


def test_destroying_while_another_thread_waits_wakes_it_at_once(any_server, job_on):
    any_server.model.pace = QUEUED
    job = job_on(any_server)
    outcomes = []

    def wait():
        try:
            job.wait_until_ready(timeout=30)
        except SpallocError as error:
            outcomes.append(error)

    threads = [threading.Thread(target=wait) for _ in range(3)]
    for thread in threads:
        thread.start()
    time.sleep(0.5)
    with within(3):
        job.destroy("no longer needed")
        for thread in threads:
            thread.join(10)
    assert [type(outcome) for outcome in outcomes] == [JobDestroyedError] * 3
    assert "no longer needed" in str(outcomes[0])


@pytest.mark.parametrize(
    "ask", [lambda job: job.state, lambda job: job.wait_for_state_change(JobState.ready, timeout=30)]
)
def test_whoever_asks_while_a_silent_server_is_told_of_the_end_hears_of_it(server, job_on, ask):
    """The server is given up after the timeout; what is asked meanwhile is answered without it."""
    job = job_on(server, timeout=1.5)
    held = server.script("destroy_job", Held())
    destroying = threading.Thread(target=job.destroy)
    destroying.start()
    assert held.arrived.wait(10)
    time.sleep(0.5)
    with within(10):
        assert ask(job) is JobState.destroyed
    destroying.join(10)
    held.release()
    server.wait_until(lambda: server.live_jobs() == [])


def test_closing_while_another_thread_waits_wakes_it_at_once(any_server, job_on):
    any_server.model.pace = QUEUED
    job = job_on(any_server)
    outcomes = []

    def wait():
        try:
            outcomes.append(job.wait_for_state_change(JobState.queued, timeout=30))
        except SpallocError as error:
            outcomes.append(error)

    thread = threading.Thread(target=wait)
    thread.start()
    time.sleep(0.5)
    with within(3):
        job.close()
        thread.join(10)
    assert isinstance(outcomes[0], ProtocolError)
    assert any_server.live_jobs() == [1]


def test_destroying_from_twenty_threads_ends_the_job_once(any_server, job_on):
    job = job_on(any_server)
    threads = [threading.Thread(target=job.destroy, args=(f"thread {number}",)) for number in range(20)]
    with within(10):
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(10)
    assert any_server.commands().count("destroy_job") == 1


def test_twenty_threads_on_one_job(any_server, job_on):
    job = job_on(any_server, 3)
    outcomes = []

    def ask():
        for _ in range(10):
            job.wait_until_ready(timeout=30)
            outcomes.append((job.state, job.hostname, tuple(job.where_is_machine(4, 8)), job.power))

    threads = [threading.Thread(target=ask) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert set(outcomes) == {(JobState.ready, "10.11.193.1", (0, 0, 2), True)}
    assert len(outcomes) == 200


def test_threads_that_meet_at_a_lost_connection_make_one(any_server, job_on):
    job = job_on(any_server)
    asked = any_server.commands().count("version")
    any_server.script("version", delayed(0.5))
    any_server.drop_connections()
    outcomes = []
    threads = [threading.Thread(target=lambda: outcomes.append(job.state)) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert outcomes == [JobState.ready] * 5
    assert any_server.commands().count("version") == asked + 1


def test_waiting_for_another_thread_that_connects_has_its_limit(server, job_on):
    job = job_on(server, timeout=20.0)
    server.freeze()
    server.drop_connections()
    answers = []
    slow = threading.Thread(target=lambda: answers.append(job.state))
    slow.start()
    time.sleep(0.3)

    def ask():
        with pytest.raises(StateChangeTimeoutError, match="out of reach"):
            job.wait_until_ready(timeout=0.4)

    try:
        assert overshoot(0.4, ask) < 0.2
    finally:
        server.thaw()
        slow.join(20)
    assert answers == [JobState.ready]


class OwnError(Exception):
    pass


@pytest.mark.parametrize("trouble", ["none", "silent", "gone", "resetting", "silent at destroy_job"])
def test_the_users_own_exception_is_never_replaced(server, trouble):
    job = Job(hostname=server.host, port=server.port, owner="me", timeout=0.5, reconnect_delay=0.1, config_filenames=[])
    problem = OwnError("mine")

    def work():
        with job:
            make_trouble(server, trouble)
            raise problem

    with within(5), pytest.raises(OwnError) as caught:
        work()
    assert caught.value is problem
    server.thaw()
    server.unscript()
    server.greeting = None
    if trouble == "gone":
        server.start()
    server.wait_until(lambda: server.live_jobs() == [], timeout=20)


def test_the_error_that_kept_a_block_from_beginning_is_the_one_that_is_told(server):
    server.model.pace = QUEUED
    job = Job(hostname=server.host, port=server.port, owner="me", timeout=0.5, reconnect_delay=0.1, config_filenames=[])
    threading.Timer(0.3, server.model.destroy, (1, "by the administrator")).start()
    with within(10), pytest.raises(JobDestroyedError, match="by the administrator"), job:
        pytest.fail("the block must not begin")


def test_a_reply_to_create_job_that_comes_late_or_oddly_is_found(any_server, job_on):
    any_server.script("create_job", preceded_by(b'{"jobs_changed": [1]}\r\n' * 100))
    assert job_on(any_server).id == 1
    any_server.script("create_job", in_segments(1, 0.01))
    assert job_on(any_server).id == 2
    any_server.script("create_job", delayed(1.0))
    assert job_on(any_server, timeout=5.0).id == 3


def test_garbage_for_an_answer_is_met_with_another_connection_or_a_clear_error(any_server, job_on):
    job = job_on(any_server)
    any_server.script("get_job_state", raw(b"\x00\xff garbage\n"))
    with within(10):
        assert job.state is JobState.ready
    any_server.script("get_job_state", raw(b"garbage\n"), times=None)
    with within(10), pytest.raises(ProtocolError, match="not a spalloc server"):
        job.state  # noqa: B018 - asking is what is tested
    any_server.unscript()


def test_a_server_that_drops_each_connection_is_not_hammered(server, job_on):
    job = job_on(server, timeout=3.0, reconnect_delay=1.0)
    before = server.commands().count("get_job_state")
    server.script("get_job_state", fin(), times=None)
    with within(10), pytest.raises(ProtocolError):
        job.state  # noqa: B018 - asking is what is tested
    assert server.commands().count("get_job_state") - before < 12
    server.unscript()


def test_a_client_that_waits_reads_all_the_time(any_server, job_on):
    """A subscriber that does not read stalls the classic server for everybody."""
    any_server.model.pace = QUEUED
    job = job_on(any_server)
    waiter = threading.Thread(target=job.wait_for_state_change, args=(JobState.queued, 30))
    waiter.start()
    any_server.wait_for("get_job_state")
    with within(20):
        for _ in range(50):
            any_server.send(b'{"jobs_changed": [%s]}\n' % b", ".join(b"%d" % n for n in range(20_000)))
    any_server.model.allocate(1)
    waiter.join(20)
    assert not waiter.is_alive()
