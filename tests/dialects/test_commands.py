"""Every command of the protocol, as a method of ``ProtocolClient``, on either server; and any other."""

import pytest
from scripted_server import QUEUED, READY, ScriptedServer, returning

from spalloc_client.exceptions import ProtocolError, SpallocServerException
from spalloc_client.protocol_client import NOT_GIVEN, ProtocolClient


@pytest.fixture
def client(server):
    with ProtocolClient(server.host, server.port, timeout=10) as connected:
        yield connected


def test_a_job_from_its_creation_to_its_end(server, client):
    server.model.pace = QUEUED
    job_id = client.create_job(3, owner="me", keepalive=60.0)
    assert client.get_job_state(job_id)["state"] == QUEUED
    assert client.job_keepalive(job_id) is None
    server.model.allocate(job_id)
    server.model.make_ready(job_id)
    info = client.get_job_machine_info(job_id)
    assert (info["width"], info["height"], info["machine_name"], len(info["boards"])) == (16, 16, "m", 3)
    for switch, on in ((client.power_off_job_boards, False), (client.power_on_job_boards, True)):
        assert switch(job_id) is None
        server.model.make_ready(job_id)
        assert client.get_job_state(job_id)["power"] is on
    assert [job["job_id"] for job in client.list_jobs()] == [job_id]
    assert client.destroy_job(job_id, "done") is None
    assert client.get_job_state(job_id)["reason"] == "done"


@pytest.mark.parametrize("key", [(), (None,), (1,)])
def test_subscriptions_to_jobs(server, client, key):
    server.model.pace = QUEUED
    client.create_job(owner="me")
    client.notify_job(*key)
    server.model.allocate(1)
    assert client.wait_for_notification() == {"jobs_changed": [1]}
    client.no_notify_job(*key)
    server.model.make_ready(1)
    client.notify_machine("m")
    while client.wait_for_notification(-1) is not None:
        pass
    assert client.version()


@pytest.mark.parametrize("key", [(), (None,), ("m",)])
def test_subscriptions_to_machines(server, client, key):
    server.model.pace = QUEUED
    client.create_job(owner="me")
    client.notify_machine(*key)
    server.model.allocate(1)
    assert client.wait_for_notification() == {"machines_changed": ["m"]}
    assert client.no_notify_machine(*key) is None


def test_places(client):
    assert client.get_board_position("m", 1, 2, 0) == client.get_board_position("m", x=1, y=2, z=0)
    physical = client.get_board_position("m", 1, 2, 0)
    assert client.get_board_at_position("m", *physical) == [1, 2, 0]
    assert client.where_is(machine="m", x=1, y=2, z=0)["physical"] == physical
    assert client.list_machines()[0]["name"] == "m"


def test_a_problem_is_reported_in_the_words_that_java_reads(java):
    with ProtocolClient(java.host, java.port, timeout=10) as client:
        client.report_problem("10.11.193.1", 1, 2, 3, "smoke")
        client.report_problem("10.11.193.1", None, None, None, "more")
    assert java.dialect.problems == [
        {"ip": "10.11.193.1", "x": 1, "y": 2, "p": 3, "description": "smoke"},
        {"ip": "10.11.193.1", "description": "more"},
    ]


def test_a_classic_server_hangs_up_on_a_report():
    with ScriptedServer() as server, ProtocolClient(server.host, server.port, timeout=10) as client:
        with pytest.raises(ProtocolError):
            client.report_problem("10.11.193.1", None, None, None, "smoke")
        assert not client.connected


def test_a_command_that_does_not_exist_yet(server, client):
    server.script("teleport_job", returning({"to": "the moon"}))
    assert client.teleport_job(1, fuel="much", timeout=5) == {"to": "the moon"}
    (request,) = server.requests
    assert (request.command, request.args, request.kwargs) == ("teleport_job", [1], {"fuel": "much"})
    assert client.teleport_job.__name__ == "teleport_job"


def test_a_command_that_the_server_does_not_know(server, client):
    expected = SpallocServerException if server.dialect.newline == "\r\n" else ProtocolError
    with pytest.raises(expected):
        client.call("nonesuch")


def test_what_begins_with_an_underscore_is_no_command(client):
    with pytest.raises(AttributeError, match="_nonesuch"):
        client._nonesuch  # noqa: B018 - looking is what is tested
    assert not hasattr(client, "__len__")


def test_the_error_of_a_command_is_the_servers(server, client):
    server.model.pace = READY
    with pytest.raises(SpallocServerException, match="owner"):
        client.call("create_job")


def test_what_was_not_given_says_so():
    assert repr(NOT_GIVEN) == "not given"
