"""What a job tells of itself at each point of its life, and what it refuses clearly."""

import threading
import time

import pytest
from scripted_server import QUEUED, ScriptedServer, returning
from scripted_server.timing import within

from spalloc_client import Job, JobState
from spalloc_client.exceptions import ConfigError, ProtocolError, RequestError, SpallocError
from spalloc_client.server import Server


def test_the_repr_tells_what_was_asked_and_where_it_is(server, job_on):
    job = job_on(server, 3)
    assert repr(job) == "<Job 1: 3 boards>"
    job.wait_until_ready(timeout=10)
    assert job.hostname
    assert repr(job) == "<Job 1: 3 boards on m>"
    job.destroy()
    assert repr(job) == "<Job 1: 3 boards on m, destroyed>"


@pytest.mark.parametrize(
    ("what", "words"), [((), "1 board"), ((1,), "1 board"), ((2, 1), "2×1 triads"), ((1, 2, 0), "board (1, 2, 0)")]
)
def test_a_request_reads_as_it_was_meant(server, job_on, what, words):
    job = job_on(server, *what)
    assert str(job.request) == words
    assert job.request.what == what


def test_more_may_be_given_than_was_asked(server, job_on):
    job = job_on(server, 4)
    job.wait_until_ready(timeout=10)
    assert (job.request.boards, len(job.boards)) == (4, 6)


def test_when_it_was_kept_alive_last(server, job_on):
    job = job_on(server, keepalive=0.6)
    give_up = time.monotonic() + 20
    while job.last_kept_alive is None and time.monotonic() < give_up:
        time.sleep(0.05)
    assert abs(job.last_kept_alive - time.time()) < 60


def test_what_was_known_stays_known_after_the_end(server, job_on):
    job = job_on(server)
    job.wait_until_ready(timeout=10)
    before = (job.hostname, job.connections, job.width, job.height, job.machine_name, job.boards)
    assert job.end is None
    job.destroy("over")
    assert (job.hostname, job.connections, job.width, job.height, job.machine_name, job.boards) == before
    assert (job.power, job.reason, job.end.reason) == (None, "over", "over")
    asked = len(server.requests)
    assert job.state is JobState.destroyed
    job.destroy()
    assert len(server.requests) == asked


def test_what_was_never_known_is_none_after_the_end(server, job_on):
    server.model.pace = QUEUED
    job = job_on(server)
    job.destroy()
    assert (job.hostname, job.boards, job.width, job.machine_name) == (None,) * 4


def test_chips_of_a_job_without_boards(server, job_on):
    server.model.pace = QUEUED
    job = job_on(server)
    for ask in (job.where_is_machine, job.chip_location):
        with pytest.raises(RequestError, match="no boards yet"):
            ask(0, 0)


def test_a_chip_that_the_server_does_not_find(server, job_on):
    job = job_on(server)
    job.wait_until_ready(timeout=10)
    server.script("where_is", returning(None))
    with pytest.raises(RequestError, match="no chip"):
        job.where_is_machine(0, 0)


def test_a_board_without_a_known_ethernet_chip(server, job_on):
    job = job_on(server)
    info = {"width": 8, "height": 8, "connections": [[[4, 4], "10.0.0.1"]], "machine_name": "m", "boards": [[0, 0, 0]]}
    server.script("get_job_machine_info", returning(info))
    assert job.hostname is None
    assert job.chip_location(1, 1).hostname is None
    with pytest.raises(RequestError, match="Ethernet"):
        job.report_problem(1, 1, "smoke")


def test_a_ready_job_has_no_place_in_the_queue(server, job_on):
    assert job_on(server).queue_position is None


def test_events_are_the_states_one_after_the_other(server, job_on):
    server.model.pace = QUEUED
    job = job_on(server)
    seen = []
    listening = threading.Thread(target=lambda: seen.extend(job.events(timeout=30)))
    listening.start()
    for step in (server.model.allocate, server.model.make_ready, server.model.destroy):
        time.sleep(0.5)
        step(1)
    listening.join(20)
    assert not listening.is_alive()
    assert seen == [JobState.queued, JobState.power, JobState.ready, JobState.destroyed]


@pytest.mark.parametrize("job_id", [-1, "1", True, 1.5])
def test_what_is_no_job_id_is_refused_before_anything_is_asked_about_it(server, job_on, job_id):
    with pytest.raises(RequestError, match="not a job id"):
        job_on(server, resume_job_id=job_id)
    assert "get_job_state" not in server.commands()


def test_a_closed_job_says_so(server, job_on):
    job = job_on(server)
    job.close()
    for ask in (lambda: job.state, lambda: job.hostname, lambda: job.set_power(True), job.wait_until_ready):
        with within(5), pytest.raises(ProtocolError, match="closed here"):
            ask()


def test_a_closed_job_can_still_be_destroyed(server, job_on):
    job = job_on(server)
    job.close()
    with within(10):
        job.destroy("after all")
    server.wait_until(lambda: server.live_jobs() == [])
    assert server.jobs[1].reason == "after all"


def test_no_destroy_leaves_the_job_to_itself(server, job_on):
    with job_on(server, no_destroy=True) as job:
        assert job.state is JobState.ready
    assert server.live_jobs() == [1]


def test_without_a_server_or_an_owner_nothing_is_tried(monkeypatch):
    for name in ("SPALLOC_HOSTNAME", "SPALLOC_OWNER"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(ConfigError, match="no spalloc server is set"):
        Job(owner="me", config_filenames=[])
    with pytest.raises(ConfigError, match="no owner is set"):
        Job(hostname="127.0.0.1", config_filenames=[])


def test_servers_say_whether_they_are_connected():
    with ScriptedServer() as scripted:
        server = Server(scripted.host, scripted.port, timeout=5.0, reconnect_delay=0.1)
        where = f"{scripted.host}:{scripted.port}"
        assert repr(server) == f"<Server {where}, not connected>"
        with server:
            assert repr(server) == f"<Server {where}, connected>"
            assert server.version == "1!7.0.0"
        assert server.closed
        with pytest.raises(SpallocError, match="closed here"):
            server.jobs()


def test_a_server_that_is_closed_while_it_connects_stays_closed():
    with ScriptedServer() as scripted:
        server = Server(scripted.host, scripted.port, timeout=5.0, reconnect_delay=0.1)

        def close_meanwhile(connection, answer):
            threading.Thread(target=server.close).start()
            time.sleep(0.3)
            connection.send(answer())

        scripted.script("version", close_meanwhile)
        with within(5), pytest.raises(ProtocolError):
            server.connect()
        assert not server.connected
        scripted.wait_until(lambda: not scripted.open_connections())
