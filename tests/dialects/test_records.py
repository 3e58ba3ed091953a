"""What the servers tell of jobs, machines and places comes out the same, as records."""

import pytest
from scripted_server import QUEUED, Machine, ScriptedServer, failing, returning

from spalloc_client.exceptions import SpallocError, SpallocServerException
from spalloc_client.protocol_client import ProtocolClient
from spalloc_client.records import Board, DeadLink, MachineRecord
from spalloc_client.states import JobState

DEAD_LINKS = [(0, 0, 0, link) for link in range(6)]


def test_links_count_from_east_anticlockwise_whatever_the_server_counts(records_of):
    for java in (False, True):
        with ScriptedServer(java=java, machines=[Machine(dead_links=DEAD_LINKS)]) as scripted:
            (machine,) = records_of(scripted).machines()
            assert machine.dead_links == {DeadLink(*link) for link in DEAD_LINKS}


def test_machines(server, records_of):
    server.model.machines.append(Machine("n", 2, 3, ["big", "red"], dead_boards={(1, 2, 0)}))
    first, second = records_of(server).machines()
    assert first == MachineRecord("m", ("default",), 4, 4)
    assert second == MachineRecord("n", ("big", "red"), 2, 3, frozenset({Board(1, 2, 0)}))
    assert (second.size, second.working) == (18, 17)


def test_jobs_come_oldest_first_with_what_the_server_shows(server, records_of, job_on):
    job_on(server, 3, keepalive=30.0)
    server.model.pace = QUEUED
    job_on(server, 1, 2, 0, machine="m", tags=None, keepalive=None)
    ready, queued = records_of(server).jobs()
    assert (ready.id, ready.state, ready.power, ready.machine_name, len(ready.boards)) == (1, 3, True, "m", 3)
    assert (queued.id, queued.state, queued.power, queued.machine_name, queued.boards) == (2, 1, None, None, ())
    assert (ready.keepalive, ready.start_time) == (30.0, server.jobs[1].start_time)
    assert ready.keepalive_host == "127.0.0.1"
    if server.dialect.newline == "\n":
        assert (ready.owner, ready.request, queued.request) == ("me", (3,), (1, 2, 0))
        assert queued.requirements["machine"] == "m"
        assert queued.keepalive is None
    else:
        assert (ready.owner, ready.request, ready.requirements) == ("<Hidden>", (), {})


def test_java_shows_the_request_to_those_who_may_see_it(java, records_of, job_on):
    java.dialect.shroud = False
    job_on(java, 3)
    (job,) = records_of(java).jobs()
    assert (job.owner, job.request) == ("me", (3,))
    assert job.requirements["max_dead_boards"] == 0


def test_looking_at_the_list_keeps_no_job_alive(server, records_of):
    with ProtocolClient(server.host, server.port, timeout=5.0) as client:  # a Job's guardian would keep it alive
        client.call("create_job", 1, owner="me", keepalive=60.0)
    kept = len(server.jobs[1].keepalives)
    for _ in range(3):
        records_of(server).jobs()
        records_of(server).where_is(machine="m", x=0, y=0, z=0)
    assert len(server.jobs[1].keepalives) == kept


def test_a_place_is_the_same_in_every_way_of_asking(server, records_of, job_on):
    job_on(server, 3)
    place = records_of(server).where_is(job_id=1, chip_x=5, chip_y=10)
    assert (place.machine, place.board, place.physical) == ("m", (0, 0, 2), (0, 0, 2))
    assert (place.chip, place.board_chip, place.job_id, place.job_chip) == ((5, 10), (1, 2), 1, (5, 10))
    assert records_of(server).where_is(machine="m", chip_x=5, chip_y=10) == place
    at_board = records_of(server).where_is(machine="m", x=0, y=0, z=2)
    assert records_of(server).where_is(machine="m", cabinet=0, frame=0, board=2) == at_board
    assert at_board.board_chip == (0, 0)


@pytest.mark.parametrize(
    "query",
    [
        {"machine": "nowhere", "x": 0, "y": 0, "z": 0},
        {"machine": "m", "x": 0, "y": 0, "z": 5},
        {"machine": "m", "cabinet": 9, "frame": 0, "board": 0},
        {"job_id": 5, "chip_x": 0, "chip_y": 0},
    ],
)
def test_a_place_that_is_nowhere_is_none(server, records_of, query):
    assert records_of(server).where_is(**query) is None


def test_a_free_board_belongs_to_no_job(server, records_of):
    place = records_of(server).where_is(machine="m", x=1, y=1, z=0)
    assert (place.job_id, place.job_chip) == (None, None)


@pytest.mark.parametrize(
    ("command", "ask", "answer"),
    [
        ("list_jobs", lambda server: server.jobs(), 5),
        ("list_jobs", lambda server: server.jobs(), [{"owner": "me"}]),
        ("list_jobs", lambda server: server.jobs(), [{"job_id": 1, "state": None}]),
        ("list_jobs", lambda server: server.jobs(), [{"job_id": 1, "state": 1, "boards": [[1]]}]),
        ("list_machines", lambda server: server.machines(), None),
        ("list_machines", lambda server: server.machines(), ["m"]),
        (
            "list_machines",
            lambda server: server.machines(),
            [{"name": "m", "width": 1, "height": None}],
        ),
        ("where_is", lambda server: server.where_is(machine="m", x=0, y=0, z=0), "here"),
        ("where_is", lambda server: server.where_is(machine="m", x=0, y=0, z=0), {"machine": "m"}),
        ("get_job_state", lambda server: server.status(1), "ready"),
        ("get_job_machine_info", lambda server: server.allocation(1), [1]),
    ],
)
def test_an_answer_that_makes_no_sense_is_one_clear_sentence(server, records_of, command, ask, answer):
    client = records_of(server)
    server.script(command, returning(answer), times=None)
    with pytest.raises(SpallocError, match=command) as caught:
        ask(client)
    assert len(str(caught.value)) < 400


def test_what_a_server_refuses_is_told_in_its_words(server, records_of):
    client = records_of(server)
    server.script("list_jobs", failing("the database is on fire"))
    with pytest.raises(SpallocServerException, match="the database is on fire"):
        client.jobs()
    assert client.jobs() == []


def test_a_job_in_a_state_of_the_future_is_listed(server, records_of, job_on):
    job_on(server)
    server.jobs[1].state = 12
    (job,) = records_of(server).jobs()
    assert job.state == JobState(12)
    assert job.state.name == "state_12"


def test_the_oldest_servers_tell_less(records_of, job_on):
    for version in ("0.1.0", "0.3.1"):
        with ScriptedServer(version=version) as scripted, job_on(scripted):
            (job,) = records_of(scripted).jobs()
            assert job.keepalive_host is None
            assert records_of(scripted).status(1).keepalive_host is None
            assert (job.start_time is None) == (version == "0.1.0")
