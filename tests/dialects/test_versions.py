"""Every version in the field is served; what is older than any, or no version, is refused by name."""

import pytest
from scripted_server import ScriptedServer, returning
from scripted_server.timing import within

from spalloc_client import JobState
from spalloc_client.exceptions import ServerVersionError
from spalloc_client.server import Server
from spalloc_client.version import parse_version

IN_THE_FIELD = {
    "0.1.0": (0, 0, 1, 0),
    "0.2.5": (0, 0, 2, 5),
    "0.3.0": (0, 0, 3, 0),
    "0.5.2": (0, 0, 5, 2),
    "1.0.0": (0, 1, 0, 0),
    "5.0.0": (0, 5, 0, 0),
    "1!6.0.0": (1, 6, 0, 0),
    "1!7.0.0": (1, 7, 0, 0),
}
NEWER = {
    "1!7.1": (1, 7, 1, 0),
    "1!8.0.0a1": (1, 8, 0, 0),
    "2!1.0.0": (2, 1, 0, 0),
    "7.2.0-SNAPSHOT": (0, 7, 2, 0),
    "99.0.0.dev3+g1234": (0, 99, 0, 0),
}
OLDER = ["0.0.1", "0.0.9", "0.0"]
GARBAGE = [
    None,
    "",
    "banana",
    "1",
    "one.two.three",
    "!1.0.0",
    "-1.0.0",
    5,
    1.0,
    [],
    {},
    True,
    "\x1b[31m1.0",
    "1!",
    "٣.٤",
]


@pytest.mark.parametrize("version", [*IN_THE_FIELD, *NEWER])
def test_a_job_runs_on_every_version(job_on, version):
    with ScriptedServer(version=version) as server:
        with job_on(server, 3) as job:
            assert job.state is JobState.ready
            assert job.hostname == "10.11.193.1"
        assert server.live_jobs() == []


@pytest.mark.parametrize("version", ["5.0.0", "6.1.0", "7.0.0-SNAPSHOT"])
def test_a_job_runs_on_every_java_version(job_on, version):
    with ScriptedServer(java=True, version=version) as server:
        with job_on(server, 3) as job:
            assert job.state is JobState.ready
        assert server.live_jobs() == []


@pytest.mark.parametrize(("text", "numbers"), [*IN_THE_FIELD.items(), *NEWER.items()])
def test_versions_are_read_and_compare(text, numbers):
    assert parse_version(text) == numbers


def test_versions_stand_in_their_order():
    in_order = ["0.1.0", "0.5.2", "1.0.0", "5.0.0", "7.2.0-SNAPSHOT", "1!6.0.0", "1!7.0.0", "2!1.0.0"]
    assert sorted(in_order, key=parse_version) == in_order


@pytest.mark.parametrize("version", [*OLDER, *GARBAGE])
def test_what_is_no_version_we_can_talk_to_is_refused_by_name(version):
    with ScriptedServer() as scripted:
        scripted.script("version", returning(version), times=None)
        server = Server(scripted.host, scripted.port, timeout=5.0, reconnect_delay=0.1)
        with within(10), pytest.raises(ServerVersionError) as caught:
            server.connect()
        assert repr(version) in str(caught.value)
        server.close()
        assert scripted.commands() == ["version"]


def test_a_server_that_is_no_spalloc_server_gets_no_job(job_on):
    with ScriptedServer() as scripted:
        scripted.script("version", returning("banana"), times=None)
        with pytest.raises(ServerVersionError, match="banana"):
            job_on(scripted)
        assert scripted.jobs == {}


def test_the_java_server_is_told_from_the_classic_by_its_line_ends(records_of):
    """Both say 5.0.0."""
    for java in (False, True):
        with ScriptedServer(version="5.0.0", java=java) as scripted:
            scripted.model.machines[0].dead_links = [(0, 0, 0, 1)]
            (machine,) = records_of(scripted).machines()
            assert [link.link for link in machine.dead_links] == [1]


def test_a_server_that_is_replaced_by_one_of_another_kind_is_understood_again():
    with ScriptedServer() as scripted:
        scripted.model.machines[0].dead_links = [(0, 0, 0, 5)]
        with Server(scripted.host, scripted.port, timeout=10.0, reconnect_delay=0.1) as server:
            assert {link.link for link in server.machines()[0].dead_links} == {5}
            port = scripted.port
            scripted.stop()
            with ScriptedServer(java=True, port=port, machines=scripted.model.machines):
                assert {link.link for link in server.machines()[0].dead_links} == {5}
