"""The scripted server is a tool of the tests; here a bare socket holds it to what the servers really do."""

import contextlib
import json
import socket
import time
from collections.abc import Iterator

import pytest
from scripted_server import (
    DESTROYED,
    POWER,
    QUEUED,
    READY,
    BlackHole,
    Held,
    Machine,
    ScriptedServer,
    delayed,
    fin,
    rst,
    silence,
)


class Talker:
    """A bare socket that sends lines and reads lines."""

    def __init__(self, server: ScriptedServer) -> None:
        self.sock = socket.create_connection((server.host, server.port), timeout=10)
        self.file = self.sock.makefile("rb")

    def say(self, data: bytes) -> None:
        self.sock.sendall(data)

    def ask(self, command: str, *args: object, **kwargs: object) -> dict:
        self.say(json.dumps({"command": command, "args": args, "kwargs": kwargs}).encode() + b"\n")
        return self.hear()

    def hear(self) -> dict:
        return json.loads(self.file.readline())

    def close(self) -> None:
        self.file.close()
        self.sock.close()


@contextlib.contextmanager
def talking_to(server: ScriptedServer) -> Iterator[Talker]:
    with server, contextlib.closing(Talker(server)) as talker:
        yield talker


def test_a_classic_job_goes_from_queued_to_ready_to_destroyed():
    server = ScriptedServer(pace=QUEUED)
    with talking_to(server) as talker:
        assert talker.ask("create_job", owner="me") == {"return": 1}
        assert talker.ask("get_job_state", 1)["return"]["state"] == QUEUED
        assert talker.ask("get_job_machine_info", 1)["return"]["boards"] is None
        server.model.allocate(1)
        assert talker.ask("get_job_state", 1)["return"]["state"] == POWER
        server.model.make_ready(1)
        assert talker.ask("get_job_state", 1)["return"]["power"] is True
        info = talker.ask("get_job_machine_info", 1)["return"]
        assert info["connections"] == [[[0, 0], "10.11.193.1"]]
        assert (info["width"], info["height"], info["boards"]) == (8, 8, [[0, 0, 0]])
        assert talker.ask("destroy_job", 1, reason="done") == {"return": None}
        assert talker.ask("get_job_state", 1)["return"]["reason"] == "done"
        assert server.jobs[1].history == [QUEUED, POWER, READY, DESTROYED]


def test_classic_notifies_of_what_changed_and_only_that():
    server = ScriptedServer(pace=QUEUED)
    with talking_to(server) as talker:
        talker.ask("create_job", owner="me")
        talker.ask("create_job", owner="me")
        talker.ask("notify_job", 2)
        time.sleep(0.2)  # the changes of creation are told by now
        server.model.destroy(1)
        server.model.destroy(2)
        assert talker.hear() == {"jobs_changed": [2]}


def test_classic_destroys_what_is_impossible_and_java_refuses_it():
    with talking_to(ScriptedServer()) as talker:
        assert talker.ask("create_job", 1000, owner="me") == {"return": 1}
        reason = talker.ask("get_job_state", 1)["return"]["reason"]
        assert reason == "Cancelled: No suitable machines available."
    with talking_to(ScriptedServer(java=True)) as talker:
        assert "exception" in talker.ask("create_job", 1000, owner="me")


def test_machine_and_tags_silence_a_classic_server_for_good():
    with talking_to(ScriptedServer()) as talker:
        assert "exception" in talker.ask("create_job", owner="me", machine="m", tags=["default"], keepalive=0.1)
        talker.sock.settimeout(0.5)
        time.sleep(0.5)
        with pytest.raises(TimeoutError):
            talker.ask("version")


@pytest.mark.parametrize("line", [b"{nonsense\n", b'{"command": "nonesuch"}\n', b"[]\n"])
def test_classic_hangs_up_on_nonsense(line):
    with talking_to(ScriptedServer()) as talker:
        talker.say(line)
        assert talker.file.readline() == b""


def test_classic_skips_a_blank_line_and_java_hangs_up():
    with talking_to(ScriptedServer()) as talker:
        talker.say(b"\n")
        assert talker.ask("version") == {"return": "1!7.0.0"}
    with talking_to(ScriptedServer(java=True)) as talker:
        talker.say(b"\n")
        assert talker.file.readline() == b""


def test_servers_before_1_0_hang_up_on_any_error_and_need_args_and_kwargs():
    with talking_to(ScriptedServer(version="0.4.0")) as talker:
        talker.ask("create_job", owner="me")
        assert "keepalivehost" not in talker.ask("get_job_state", 1)["return"]
        talker.say(b'{"command": "version"}\n')
        assert talker.file.readline() == b""
    with talking_to(ScriptedServer(version="0.4.0")) as talker:
        talker.say(b'{"command": "create_job", "args": [], "kwargs": {}}\n')
        assert talker.file.readline() == b""


def test_java_ends_lines_with_crlf_and_answers_nonsense():
    with talking_to(ScriptedServer(java=True)) as talker:
        talker.say(b'{"command": "version", "args": [], "kwargs": {}}\n')
        assert talker.file.readline() == b'{"return": "5.0.0"}\r\n'
        talker.say(b"{nonsense\n")
        assert "exception" in talker.hear()
        assert talker.ask("nonesuch") == {"exception": "unknown command: nonesuch"}


def test_java_has_exceptions_and_empty_texts_where_classic_has_nulls():
    server = ScriptedServer(java=True, pace=QUEUED)
    with talking_to(server) as talker:
        talker.ask("create_job", owner="me", keepalive=7.5)
        state = talker.ask("get_job_state", 1)["return"]
        assert (state["reason"], state["power"]) == ("", False)
        assert abs(state["keepalive"] - time.time()) < 60
        assert talker.ask("get_job_machine_info", 1) == {"exception": "boards not allocated"}
        assert talker.ask("get_job_state", 9) == {"exception": "no such job"}
        assert talker.ask("where_is", machine="m", chip_x=1000, chip_y=0) == {"exception": "no such board"}
        assert talker.ask("get_board_position", machine_name="m", x=9, y=0, z=0) == {"exception": "no such board"}
        assert "exception" in talker.ask("get_board_position", "m", 0, 0, 0)
        (job,) = talker.ask("list_jobs")["return"]
        assert (job["owner"], job["args"], job["kwargs"], job["boards"]) == ("<Hidden>", None, None, [])
        assert job["keepalive"] == 7.5
        talker.ask("destroy_job", 1, "a reason that is not heard")
        assert talker.ask("get_job_state", 1)["return"]["reason"] == ""


def test_java_does_not_survive_a_null_subscription():
    with talking_to(ScriptedServer(java=True)) as talker:
        assert talker.ask("notify_job") == {"return": None}
        talker.say(b'{"command": "notify_job", "args": [null], "kwargs": {}}\n')
        assert talker.file.readline() == b""


def test_java_never_tells_of_the_end_of_the_job_itself():
    server = ScriptedServer(java=True, pace=QUEUED)
    with talking_to(server) as talker:
        talker.ask("create_job", owner="me")
        talker.ask("create_job", owner="me")
        time.sleep(0.2)
        talker.ask("notify_job")
        server.model.destroy(2)
        assert talker.hear() == {"jobs_changed": [1]}


def test_java_numbers_links_in_its_own_way():
    machine = Machine(dead_links=[(0, 0, 0, 2), (0, 0, 1, 5)])
    with talking_to(ScriptedServer(java=True, machines=[machine])) as talker:
        (told,) = talker.ask("list_machines")["return"]
        assert told["dead_links"] == [[0, 0, 0, 0], [0, 0, 1, 3]]


def test_java_forgets_the_beginning_of_a_line_that_stalls():
    server = ScriptedServer(java=True)
    with talking_to(server) as talker:
        talker.say(b'{"command": "ver')
        time.sleep(2.5)
        talker.say(b'sion"}\n')
        assert "exception" in talker.hear()


def test_boards_and_chips_are_found_in_every_way():
    with talking_to(ScriptedServer()) as talker:
        assert talker.ask("create_job", 3, owner="me") == {"return": 1}
        by_board = talker.ask("where_is", machine="m", x=0, y=0, z=2)["return"]
        assert by_board["chip"] == [4, 8]
        assert by_board["job_chip"] == [4, 8]
        assert talker.ask("where_is", machine="m", chip_x=4, chip_y=8)["return"] == by_board
        assert talker.ask("where_is", job_id=1, chip_x=4, chip_y=8)["return"] == by_board
        assert talker.ask("get_board_position", "m", 0, 0, 2)["return"] == by_board["physical"]
        assert talker.ask("get_board_at_position", "m", *by_board["physical"])["return"] == [0, 0, 2]


def test_every_chip_of_a_machine_is_on_exactly_one_board():
    machine = Machine(width=2, height=2)
    places = [machine.board_of_chip((x, y)) for x in range(24) for y in range(24)]
    assert None not in places
    assert len(set(places)) == 24 * 24


def test_a_job_that_nobody_keeps_alive_is_destroyed():
    server = ScriptedServer()
    with talking_to(server) as talker:
        talker.ask("create_job", owner="me", keepalive=0.2)
        server.wait_until(lambda: server.live_jobs() == [])
        assert server.jobs[1].reason == "Job timed out."


def test_boards_go_to_the_next_in_the_queue():
    server = ScriptedServer(machines=[Machine(width=1, height=1)])
    with talking_to(server) as talker:
        talker.ask("create_job", 3, owner="me")
        talker.ask("create_job", 3, owner="me")
        assert server.jobs[2].state == QUEUED
        talker.ask("destroy_job", 1)
        assert server.jobs[2].state == READY


def test_faults_are_what_they_say():
    server = ScriptedServer()
    with talking_to(server) as talker:
        server.script("version", delayed(0.3))
        before = time.monotonic()
        talker.ask("version")
        assert time.monotonic() - before >= 0.3
        held = server.script("list_jobs", Held())
        server.script("version", silence())
        talker.say(b'{"command": "version"}\n{"command": "list_jobs"}\n{"command": "version"}\n')
        assert held.arrived.wait(5)
        held.release()
        assert talker.hear() == {"return": []}
        assert talker.hear() == {"return": "1!7.0.0"}
        server.script("version", fin())
        talker.say(b'{"command": "version"}\n')
        assert talker.file.readline() == b""
        with contextlib.closing(Talker(server)) as another:
            server.script("create_job", rst(execute=True))
            another.say(b'{"command": "create_job", "kwargs": {"owner": "me"}}\n')
            with pytest.raises(ConnectionResetError):
                another.file.readline()
        assert server.live_jobs() == [1]


def test_a_server_comes_back_on_the_same_port_with_or_without_its_state():
    server = ScriptedServer()
    with talking_to(server) as talker:
        talker.ask("create_job", owner="me")
        server.restart()
        assert talker.file.readline() == b""
        with contextlib.closing(Talker(server)) as another:
            assert another.ask("get_job_state", 1)["return"]["state"] == READY
            server.restart(keep_jobs=False)
        with contextlib.closing(Talker(server)) as another:
            assert another.ask("get_job_state", 1)["return"]["state"] == 0


def test_a_black_hole_never_answers_a_connect():
    with BlackHole() as hole, pytest.raises(TimeoutError):
        socket.create_connection((hole.host, hole.port), timeout=0.3)
