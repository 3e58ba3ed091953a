"""The sandbox's server is a real one, of whatever size, and does what servers do."""

import socket
import time

import pytest
from owners import until

from spalloc_client.exceptions import ProtocolError, ProtocolTimeoutError, SandboxError
from spalloc_client.protocol_client import ProtocolClient
from spalloc_client.records import Board
from spalloc_client.sandbox import Sandbox, SimulatedMachine


@pytest.mark.parametrize(
    ("boards", "triads"), [(1, (1, 1)), (3, (1, 1)), (24, (4, 2)), (120, (8, 5)), (1200, (20, 20))]
)
def test_every_board_of_every_size_can_be_switched_on_and_off(ask, boards, triads):
    with Sandbox(boards) as sandbox:
        server = ask(sandbox)
        [machine] = server("list_machines")
        assert (machine["width"], machine["height"]) == triads
        job = server.create(boards)
        assert server.state(job) == 3
        allocated = {Board(*board) for board in server("get_job_machine_info", job)["boards"]}
        assert len(allocated) == boards
        assert sandbox.boards_on() == allocated
        server("destroy_job", job)
        until(lambda: not sandbox.boards_on(), 30)


def test_it_is_the_server_from_pypi(sandbox, ask):
    assert ask(sandbox)("version") == "1!7.0.0"


def test_dead_boards_and_links_are_listed_and_avoided(ask):
    with Sandbox(3, dead_boards=[(0, 0, 1)], dead_links=[(0, 0, 0, 2)]) as sandbox:
        server = ask(sandbox)
        [machine] = server("list_machines")
        assert machine["dead_boards"] == [[0, 0, 1]]
        assert machine["dead_links"] == [[0, 0, 0, 2]]
        assert server.state(server.create(3, max_dead_boards=0)) == 4
        assert server.state(server.create(3, max_dead_boards=1)) == 3
        assert sandbox.boards_on() == {(0, 0, 0), (0, 0, 2)}


def test_name_and_tags_are_as_wished(ask):
    with Sandbox(1, name='it\'s a "machine"', tags=["big", "fast"]) as sandbox:
        [machine] = ask(sandbox)("list_machines")
        assert machine["name"] == sandbox.machine_name == 'it\'s a "machine"'
        assert set(machine["tags"]) == {"big", "fast"}


def test_several_machines_in_one_sandbox(ask):
    machines = [SimulatedMachine(24, "one"), SimulatedMachine(120, "two"), SimulatedMachine(1, "three", tags=("odd",))]
    with Sandbox(machines=machines) as sandbox:
        server = ask(sandbox)
        assert [machine["name"] for machine in server("list_machines")] == ["one", "two", "three"]
        server.create(0, 0, 2, machine="two")
        server.create(1, tags=["odd"])
        assert sandbox.boards_on("one") == set()
        assert sandbox.boards_on("two") == {(0, 0, 2)}
        assert sandbox.boards_on("three") == {(0, 0, 0)}
        assert sandbox.machine_name == "one"


@pytest.mark.parametrize("seconds", [0.0, 1.0])
def test_switching_on_takes_as_long_as_wished(ask, seconds):
    with Sandbox(1, power_on_seconds=seconds) as sandbox:
        began = time.monotonic()
        ask(sandbox).create(1)
        assert seconds <= time.monotonic() - began < seconds + 5


def test_boards_are_held_back_as_long_as_wished(ask):
    with Sandbox(1, seconds_before_free=1.0) as sandbox:
        server = ask(sandbox)
        server("destroy_job", server.create(1))
        began = time.monotonic()
        server.create(1)
        assert 0.9 < time.monotonic() - began < 10


def test_the_power_log_says_what_was_switched_when(sandbox, ask):
    began = time.time()
    assert sandbox.power_log() == []
    server = ask(sandbox)
    job = server.create(0, 1, 2, machine="sandbox")
    server("destroy_job", job)
    until(lambda: len(sandbox.power_log()) == 2)
    on, off = sandbox.power_log()
    assert on[1:] == (0, 0, (5,), True)
    assert off[1:] == (0, 0, (5,), False)
    assert began <= on.time <= off.time <= time.time()


def test_the_server_knows_the_places_of_the_power_log(ask):
    """Board 3 4 0 is in another cabinet; the BMP that switched it is the one where the server says it is."""
    with Sandbox(1200) as sandbox:
        server = ask(sandbox)
        server.create(3, 4, 0, machine="sandbox")
        [event] = sandbox.power_log()
        assert server("get_board_position", "sandbox", 3, 4, 0) == [event.cabinet, event.frame, *event.boards]


def test_restart_remembers_jobs_and_leaves_boards_on(sandbox, ask):
    server = ask(sandbox)
    job = server.create(3)
    was_on, port = sandbox.boards_on(), sandbox.port
    sandbox.restart()
    assert sandbox.port == port
    assert server.state(job) == 3
    assert sandbox.boards_on() == was_on
    assert len(sandbox.power_log()) == 1


def test_restart_without_state_forgets_jobs(sandbox, ask):
    server = ask(sandbox)
    job = server.create(3)
    sandbox.restart(keep_state=False)
    assert server.state(job) == 0
    assert len(sandbox.boards_on()) == 3


def test_kill_and_come_back(sandbox, ask):
    server = ask(sandbox)
    job = server.create(3)
    with ProtocolClient(sandbox.hostname, sandbox.port, 5) as client:
        client.call("version")
        sandbox.kill()
        with pytest.raises(ProtocolError):
            client.call("version")
    with pytest.raises(ProtocolError):
        server("version")
    assert len(sandbox.boards_on()) == 3
    sandbox.restart()
    assert server.state(job) == 0, "it had no time to write the job down"


def test_a_paused_server_accepts_and_says_nothing(sandbox, ask):
    sandbox.pause()
    with ProtocolClient(sandbox.hostname, sandbox.port, 0.2) as client, pytest.raises(ProtocolTimeoutError):
        client.call("version")
    sandbox.resume()
    assert ask(sandbox)("version")


def test_a_paused_server_can_be_restarted(sandbox, ask):
    sandbox.pause()
    sandbox.restart(keep_state=False)
    assert ask(sandbox)("version")


def test_a_server_that_is_not_there_can_be_neither_paused_nor_killed_once_more(sandbox, ask):
    for action in (sandbox.kill, sandbox.kill, sandbox.pause, sandbox.resume, sandbox.restart):
        action()
    assert ask(sandbox)("version")


def test_a_board_whose_power_fails_ends_the_job(sandbox, ask):
    sandbox.fail_power_on((0, 0, 1))
    server = ask(sandbox)
    job = server.create(3)
    assert server.state(job) == 4
    assert "BMP" in server("get_job_state", job)["reason"]
    assert (0, 0, 1) not in sandbox.boards_on()
    sandbox.mend()
    assert server.state(server.create(24)) == 3
    assert len(sandbox.boards_on()) == 24


def test_sandboxes_do_not_meet(ask):
    with Sandbox(24) as one, Sandbox(24) as other, Sandbox(1200) as third:
        assert len({one.port, other.port, third.port}) == 3
        ask(one).create(2)
        ask(third).create(7, 8, 0, machine="sandbox")
        assert len(one.boards_on()) == 3  # the server gives two boards a triad
        assert other.boards_on() == set()
        assert third.boards_on() == {(7, 8, 0)}


def test_environ_leads_clients_here(sandbox):
    environ = sandbox.environ()
    assert environ["SPALLOC_HOSTNAME"] == "127.0.0.1"
    assert environ["SPALLOC_PORT"] == str(sandbox.port)
    assert environ["SPALLOC_OWNER"]
    assert str(sandbox.port) in repr(sandbox)


def test_a_port_of_ones_own_choice(ask):
    with socket.create_server(("127.0.0.1", 0)) as reserved:
        port = reserved.getsockname()[1]
    with Sandbox(1, port=port) as sandbox:
        assert sandbox.port == port
        assert ask(sandbox)("version")
        with pytest.raises(SandboxError, match=f"cannot have port {port}"):
            Sandbox(1, port=port)


@pytest.mark.parametrize("port", [-1, 65536])
def test_there_is_no_such_port(port):
    with pytest.raises(SandboxError, match=f"port {port}"):
        Sandbox(1, port=port)


@pytest.mark.parametrize(
    ("wish", "complaint"),
    [
        ({"boards": 7}, r"no simulated machine of 7 boards: choose one of 1, 3, 24, 120, 1200\."),
        ({"name": ""}, "needs a name"),
        ({"dead_boards": [(4, 0, 0)]}, r"no board \(4, 0, 0\) in a machine of 24 boards"),
        ({"boards": 1, "dead_boards": [(0, 0, 1)]}, r"no board \(0, 0, 1\) in a machine of 1 boards"),
        ({"dead_links": [(0, 0, 3, 0)]}, r"no board \(0, 0, 3\)"),
        ({"dead_links": [(0, 0, 0, 6)]}, "no link 6"),
        ({"machines": []}, "at least one machine"),
        ({"machines": [SimulatedMachine(), SimulatedMachine()]}, "a name of its own; given were sandbox, sandbox"),
        ({"machines": [SimulatedMachine(1200, str(number)) for number in range(6)]}, "room for 6096 boards"),
    ],
)
def test_what_cannot_be_simulated_is_refused_in_a_sentence(wish, complaint):
    with pytest.raises(SandboxError, match=complaint):
        Sandbox(**wish)


def test_faults_name_boards_that_exist(sandbox):
    with pytest.raises(SandboxError, match=r"no board \(9, 9, 9\) in 'sandbox'"):
        sandbox.fail_power_on((9, 9, 9))
    with pytest.raises(SandboxError, match="no machine 'elsewhere'"):
        sandbox.boards_on("elsewhere")
