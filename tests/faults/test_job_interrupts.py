"""Ctrl-C anywhere leaves no job behind."""

import contextlib
import gc
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time

import pytest
from scripted_server import QUEUED, Held, ScriptedServer, delayed
from scripted_server.interrupting import moments
from scripted_server.timing import within

from spalloc_client import Job, JobState
from spalloc_client.claim import Claim, _Making
from spalloc_client.config import Config
from spalloc_client.request import JobRequest
from spalloc_client.server import Server

# A socket whose owner is interrupted before it has it in hand is closed as it is collected, with this warning.
pytestmark = [
    pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning"),
    pytest.mark.filterwarnings("ignore:Exception ignored in.*unclosed:pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture(autouse=True)
def collected():
    """Collect here what is left, so that no other test hears of it."""
    yield
    gc.collect()


PROGRAM = """
import sys, time
from spalloc_client import Job, JobState
print("started", flush=True)
with Job(3, hostname="127.0.0.1", port=int(sys.argv[1]), owner="me", timeout=5.0, reconnect_delay=0.1,
         keepalive=60.0, config_filenames=[]) as job:
    print(job.hostname, flush=True)
    time.sleep(float(sys.argv[2]))
"""


@contextlib.contextmanager
def program(server: ScriptedServer, seconds: float = 60.0):
    """A program with a job, which is at its `with` statement when the block begins."""
    command = [sys.executable, "-c", textwrap.dedent(PROGRAM), str(server.port), str(seconds)]
    # A measurement of coverage would hang of Ctrl-C in its own lock.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, **pipes, env=environment) as process:
        try:
            yield process
        finally:
            process.kill()


def nothing_is_left(server: ScriptedServer, process: subprocess.Popen) -> None:
    """Fail unless the program ends soon, and its jobs with it, long before their keepalive has run out."""
    _, errors = process.communicate(timeout=20)
    server.wait_until(lambda: server.live_jobs() == [], timeout=5)
    assert "Traceback" not in errors or "KeyboardInterrupt" in errors
    # Python itself tells of a Ctrl-C that comes while it ends; ours is to be silent then.
    assert "spalloc_client" not in errors.partition("Exception ignored")[2]


MOMENTS = [
    (command, when)
    for command in ("version", "create_job", "notify_job", "get_job_state", "get_job_machine_info")
    for when in ("as it comes", "before its answer", "after its answer")
]


@pytest.mark.parametrize(("command", "when"), MOMENTS)
def test_a_real_ctrl_c_at_each_request(any_server, command, when):
    def interrupt(connection, answer):
        if when == "as it comes":
            os.kill(process.pid, signal.SIGINT)
            time.sleep(0.1)
        reply = answer()
        if when == "before its answer":
            os.kill(process.pid, signal.SIGINT)
            time.sleep(0.1)
        connection.send(reply)
        if when == "after its answer":
            os.kill(process.pid, signal.SIGINT)

    any_server.script(command, interrupt)
    with program(any_server) as process:
        nothing_is_left(any_server, process)
        assert process.returncode in (1, -signal.SIGINT)


@pytest.mark.parametrize("milliseconds", [0, 2, 5, 8, 12, 20, 40, 80, 300])
def test_a_real_ctrl_c_at_any_time(any_server, milliseconds):
    with program(any_server) as process:
        assert process.stdout.readline() == "started\n"
        time.sleep(milliseconds / 1000)
        process.send_signal(signal.SIGINT)
        nothing_is_left(any_server, process)


@pytest.mark.parametrize("milliseconds", [0, 1, 3, 6, 15])
def test_a_real_ctrl_c_while_the_job_is_destroyed(any_server, milliseconds):
    with program(any_server, seconds=0.0) as process:
        any_server.wait_for("destroy_job", timeout=20)
        time.sleep(milliseconds / 1000)
        process.send_signal(signal.SIGINT)
        nothing_is_left(any_server, process)


def test_a_real_ctrl_c_in_the_queue(any_server):
    any_server.model.pace = QUEUED
    with program(any_server) as process:
        any_server.wait_for("get_job_state", timeout=20)
        time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        nothing_is_left(any_server, process)
        assert process.returncode in (1, -signal.SIGINT)


def test_a_real_ctrl_c_in_the_block(any_server):
    with program(any_server) as process:
        assert process.stdout.readline() == "started\n"
        assert process.stdout.readline() == "10.11.193.1\n"
        process.send_signal(signal.SIGINT)
        nothing_is_left(any_server, process)
        assert process.returncode in (1, -signal.SIGINT)


def test_a_second_ctrl_c_right_after_the_first(any_server):
    with program(any_server) as process:
        assert process.stdout.readline() == "started\n"
        assert process.stdout.readline() == "10.11.193.1\n"
        process.send_signal(signal.SIGINT)
        time.sleep(0.005)
        process.send_signal(signal.SIGINT)
        nothing_is_left(any_server, process)


@pytest.mark.parametrize("start", range(2))
def test_ctrl_c_at_any_moment_of_making_a_job(server, start):
    """In a notebook the process lives on, so no job may wait for its end."""
    Job(hostname=server.host, port=server.port, owner="me", timeout=5.0, config_filenames=[]).destroy()
    left = []

    for interrupter in moments(step=2, start=start):
        jobs = []

        def make(jobs=jobs):
            jobs.append(Job(hostname=server.host, port=server.port, owner="me", timeout=5.0, config_filenames=[]))

        with contextlib.suppress(KeyboardInterrupt):
            interrupter.run(make)
        for job in jobs:
            job.destroy()
        try:
            server.wait_until(lambda: server.live_jobs() == [], timeout=1)
        except AssertionError:
            left.append(interrupter.where)
            for job_id in server.live_jobs():
                server.model.destroy(job_id)
    assert left == [], "\n".join(left)


def test_after_ctrl_c_at_any_moment_of_destroying_a_job_it_can_be_destroyed(server):
    for interrupter in moments(step=3):
        job = Job(hostname=server.host, port=server.port, owner="me", timeout=5.0, config_filenames=[])
        with contextlib.suppress(KeyboardInterrupt):
            interrupter.run(job.destroy)
        job.destroy()
        try:
            server.wait_until(lambda: server.live_jobs() == [], timeout=5)
        except AssertionError:
            pytest.fail(f"a job is left after Ctrl-C at {interrupter.where}")


def test_ctrl_c_at_any_moment_of_a_block_leaves_no_job(server):
    """The process lives on, as in a notebook; the first steps of ``__exit__`` alone Python leaves to nobody."""
    for interrupter in moments(step=5):
        job = Job(hostname=server.host, port=server.port, owner="me", timeout=5.0, config_filenames=[])

        def block(job=job):
            with job:
                assert job.hostname is not None

        with contextlib.suppress(KeyboardInterrupt):
            interrupter.run(block)
        if interrupter.where.endswith(("in __exit__", "in __enter__", "in _leave", "in destroy")):
            job.destroy()
        try:
            server.wait_until(lambda: server.live_jobs() == [], timeout=5)
        except AssertionError:
            pytest.fail(f"a job is left after Ctrl-C at {interrupter.where}")


@pytest.mark.parametrize("reset", [False, True])
def test_after_ctrl_c_at_any_moment_of_a_question_the_job_answers(server, job_on, reset):
    """With a lost connection, the question is preceded by another connection."""
    job = job_on(server, reconnect_delay=0.01)
    for interrupter in moments():
        if reset:
            server.drop_connections(reset=True)
        with contextlib.suppress(KeyboardInterrupt):
            interrupter.run(lambda: job.state)
        try:
            with within(3):
                assert job.state is JobState.ready
        except Exception as error:
            raise AssertionError(f"after Ctrl-C at {interrupter.where}") from error


def interrupt_when(happened: threading.Event) -> threading.Thread:
    """Send this process a real Ctrl-C once something has happened."""

    def wait():
        happened.wait(20)
        time.sleep(0.1)
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=wait)
    thread.start()
    return thread


def test_a_job_whose_making_is_interrupted_is_destroyed_when_its_number_comes(any_server):
    held = any_server.script("create_job", Held())
    interrupting = interrupt_when(held.arrived)
    threading.Timer(1.0, held.release).start()
    with within(10), pytest.raises(KeyboardInterrupt):
        Job(hostname=any_server.host, port=any_server.port, owner="me", timeout=5.0, config_filenames=[])
    interrupting.join()
    any_server.wait_until(lambda: any_server.live_jobs() == [])
    assert any_server.jobs[1].reason == "interrupted while it was asked for"


@pytest.mark.parametrize("when", ["before it has begun", "once it is made"])
def test_a_making_that_is_abandoned_leaves_no_job(any_server, when):
    request = JobRequest.from_config((), Config.load([], {}, {"owner": "me"}))
    with Server(any_server.host, any_server.port, timeout=5.0, reconnect_delay=0.1) as server:
        making = _Making(server, request, outlives_us=False)
        if when.startswith("once"):
            making.work()
            assert any_server.live_jobs() == [1]
        making.abandon()
        making.work()
    assert any_server.live_jobs() == []


def test_a_taking_over_that_is_abandoned_leaves_the_job_to_itself(any_server, job_on):
    job_on(any_server).close()
    with Server(any_server.host, any_server.port, timeout=5.0, reconnect_delay=0.1) as server:
        Claim.take_over(server, 1, outlives_us=False).abandon()
    assert any_server.live_jobs() == [1]


@pytest.mark.parametrize(("timeout", "patience"), [(0.5, 0.5), (None, 5.0)])
def test_ctrl_c_waits_no_longer_than_the_timeout_for_a_server_that_is_silent(server, timeout, patience):
    held = server.script("create_job", Held())
    interrupting = interrupt_when(held.arrived)
    with within(patience + 3), pytest.raises(KeyboardInterrupt):
        Job(hostname=server.host, port=server.port, owner="me", timeout=timeout, config_filenames=[])
    interrupting.join()


def test_a_job_whose_destruction_is_interrupted_is_destroyed_in_the_background(any_server, job_on):
    job = job_on(any_server)
    arrived = threading.Event()

    def keep_waiting(connection, _answer):
        arrived.set()
        connection.ended.wait(20)

    any_server.script("destroy_job", keep_waiting)
    interrupting = interrupt_when(arrived)
    with within(10), pytest.raises(KeyboardInterrupt):
        job.destroy("enough")
    interrupting.join()
    any_server.wait_until(lambda: any_server.live_jobs() == [])
    assert any_server.jobs[1].reason == "enough"


def test_taking_over_a_job_can_be_interrupted_without_harm_to_it(any_server, job_on):
    job_on(any_server).close()
    for interrupter in moments(step=5):
        with contextlib.suppress(KeyboardInterrupt):
            interrupter.run(lambda: job_on(any_server, resume_job_id=1).close())
    assert any_server.live_jobs() == [1]


def test_ctrl_c_while_other_boards_are_asked_for(any_server, job_on):
    job = job_on(any_server, avoid=[(0, 0, 0)])
    any_server.script("create_job", delayed(0.5))
    arrived = threading.Event()
    interrupting = interrupt_when(arrived)
    threading.Thread(target=lambda: (any_server.wait_for("create_job", 2), arrived.set())).start()
    with within(10), pytest.raises(KeyboardInterrupt), job:
        pytest.fail("the block must not begin")
    interrupting.join()
    any_server.wait_until(lambda: any_server.live_jobs() == [])
