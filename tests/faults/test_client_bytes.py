"""Whatever way the bytes come, each call gets its own answer, or a clear error; memory stays bounded."""

import contextlib
import json
import resource
import sys
import threading
import time

import pytest
from scripted_server import ScriptedServer, drip, failing, in_segments, preceded_by, raw, returning
from scripted_server.timing import overshoot, within

from spalloc_client.exceptions import (
    MessageTooLongError,
    ProtocolError,
    ProtocolTimeoutError,
    RequestError,
    SpallocServerException,
)
from spalloc_client.wire import LONGEST_LINE

LARGE = "x" * 6_000_000  # more than the kernel takes for a server that does not read
WORDS = "Ünïcødé — 石 🧠 \u2028 end"


def line(value: object) -> bytes:
    return json.dumps({"return": value}, ensure_ascii=False).encode() + b"\n"


def test_a_reply_in_segments_of_one_byte(any_server, connect):
    client = connect(any_server)
    any_server.script("*", in_segments(1), times=None)
    assert client.version() == any_server.dialect.server_version
    assert client.list_machines()[0]["name"] == "m"


@pytest.mark.parametrize("size", range(1, 7))
def test_characters_cut_anywhere(server, client, size):
    server.script("list_jobs", raw(line(WORDS), size=size, pause=0.001))
    assert client.list_jobs() == WORDS


def test_several_messages_in_one_segment(server, client):
    notifications = b'{"jobs_changed": [1]}\n{"machines_changed": ["m"]}\n\n{"jobs_changed": [2]}\n'
    server.script("version", preceded_by(notifications))
    assert client.version() == "1!7.0.0"
    seen = [client.wait_for_notification(-1) for _ in range(4)]
    assert seen == [{"jobs_changed": [1]}, {"machines_changed": ["m"]}, {"jobs_changed": [2]}, None]


def test_a_notification_cut_by_the_end_of_a_segment_is_not_lost(server, client):
    server.script("version", preceded_by(b'{"jobs_changed": [1]}\n', size=5))
    assert client.version() == "1!7.0.0"
    assert client.wait_for_notification() == {"jobs_changed": [1]}


def test_five_megabytes_pass_in_a_tenth_of_a_second(server, client):
    text = "x" * 5_000_000
    server.script("list_jobs", raw(line(text)), times=None)
    assert client.list_jobs() == text

    def work() -> float:
        begun = time.thread_time()
        client.list_jobs()
        return time.thread_time() - begun

    # The bound is for our own work, whatever else the computer does; the rest is the kernel's and the test server's.
    assert min(work() for _ in range(5)) < 0.1


def test_a_line_of_fifty_megabytes_is_an_error_and_not_a_full_memory(server, client):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    piece = b"x" * (1 << 20)

    def flood(connection, _answer):
        for _ in range(50):
            connection.send(piece)

    server.script("list_jobs", flood)
    with within(20), pytest.raises(MessageTooLongError, match="32 MiB"):
        client.list_jobs()
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
    assert grown < 2.5 * LONGEST_LINE
    with pytest.raises(ProtocolError, match="32 MiB"):
        client.version()
    client.connect()
    assert client.version() == "1!7.0.0"


def test_a_finished_line_that_is_too_long_is_an_error_as_well(server, client):
    server.script("list_jobs", raw(line("x" * (LONGEST_LINE + (1 << 18)))))
    with within(20), pytest.raises(MessageTooLongError):
        client.list_jobs()


def test_a_large_request_to_a_slow_reader(connect):
    with ScriptedServer(receive_buffer=4096) as server:
        server.greeting = lambda connection: connection.reading.clear()
        client = connect(server, timeout=60)
        (connection,) = [server.wait_until(lambda: server.connections), *server.connections][1:]
        threading.Timer(0.5, connection.reading.set).start()
        server.script("list_jobs", returning("done"))
        assert client.call("list_jobs", "x" * 5_000_000) == "done"
        assert len(server.requests[0].args[0]) == 5_000_000


def test_a_large_request_to_a_server_that_writes_before_it_reads(connect):
    """A server with blocking sends reads nothing until its own bytes are taken."""
    with ScriptedServer(receive_buffer=4096) as server:
        flood = (b'{"jobs_changed": [%s]}\n' % b", ".join(b"%d" % number for number in range(4000))) * 400
        server.greeting = lambda connection: connection.send(flood)
        client = connect(server, timeout=60)
        server.script("list_jobs", returning("done"))
        assert client.call("list_jobs", "x" * 5_000_000) == "done"


def test_a_request_behind_a_large_one_waits_its_turn_and_no_longer_than_its_timeout(connect):
    with ScriptedServer(receive_buffer=4096) as server:
        server.greeting = lambda connection: connection.reading.clear()
        client = connect(server, timeout=60)
        server.script("list_jobs", returning("done"))
        answers = []
        large = threading.Thread(target=lambda: answers.append(client.call("list_jobs", LARGE)))
        large.start()
        time.sleep(0.5)

        def ask():
            with pytest.raises(ProtocolTimeoutError, match="did not take a request"):
                client.call("version", timeout=0.3)

        assert overshoot(0.3, ask) < 0.2
        patient = [threading.Thread(target=lambda: answers.append(client.version())) for _ in range(3)]
        for thread in patient:
            thread.start()
        time.sleep(0.2)
        server.connections[0].reading.set()
        for thread in (large, *patient):
            thread.join(60)
        assert sorted(answers) == ["1!7.0.0"] * 3 + ["done"]


def test_a_large_request_while_another_thread_reads_a_flood(connect):
    with ScriptedServer(receive_buffer=4096) as server:
        client = connect(server, timeout=60)
        server.script("list_jobs", returning("done"))
        client.version()
        stop = threading.Event()
        pouring = threading.Thread(target=pour, args=(server, stop))
        listening = threading.Thread(target=listen, args=(client, stop))
        pouring.start()
        listening.start()
        try:
            assert client.call("list_jobs", "x" * 5_000_000) == "done"
        finally:
            stop.set()
            pouring.join(20)
            listening.join(20)


def pour(server: ScriptedServer, stop: threading.Event) -> None:
    while not stop.wait(0.001):
        server.send(b'{"jobs_changed": [1]}\n' * 10)


def listen(client, stop: threading.Event) -> None:
    while not stop.is_set():
        with contextlib.suppress(ProtocolTimeoutError):
            client.wait_for_notification(0.2)


def test_a_request_that_the_server_never_takes(connect):
    with ScriptedServer(receive_buffer=4096) as server:
        server.greeting = lambda connection: connection.reading.clear()
        client = connect(server)

        def ask():
            client.connect()
            with pytest.raises(ProtocolTimeoutError):
                client.call("list_jobs", LARGE, timeout=0.4)

        assert overshoot(0.4, ask) < 0.2
        with pytest.raises(ProtocolError, match="part of a request"):
            client.version()


@pytest.mark.parametrize(
    "garbage",
    [
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.2p1\r\n",
        b"\xff\xfe\x00\x01\n",
        b'{"return": "\xc3\x28"}\n',
        b"[1, 2]\n",
        b"null\n",
        b"5\n",
        b'{"return": \n',
        b"\x16\x03\x01\x00\xa5\n",
        b"[" * 200_000 + b"\n",
    ],
)
def test_garbage_is_one_clear_sentence_and_the_end_of_the_connection(server, client, garbage):
    server.script("version", raw(garbage))
    with pytest.raises(ProtocolError, match="not a spalloc server") as caught:
        client.version()
    assert len(str(caught.value)) < 400
    assert not client.connected
    with pytest.raises(ProtocolError, match="not a spalloc server"):
        client.version()
    client.connect()
    assert client.version() == "1!7.0.0"


def test_garbage_never_reaches_the_terminal_raw(server, client):
    server.script("version", raw(b"\x1b[31mred\x07\n"))
    with pytest.raises(ProtocolError) as caught:
        client.version()
    assert "\x1b" not in str(caught.value)


def test_blank_lines_say_nothing(server, client):
    server.script("version", preceded_by(b"\n\r\n  \n"))
    assert client.version() == "1!7.0.0"


def test_an_answer_that_nobody_asked_for_ends_the_connection(server, client):
    assert client.version()
    server.send(line("surprise"))
    with pytest.raises(ProtocolError, match="nobody had asked"):
        client.wait_for_notification()


def test_drip_fed_bytes_that_never_end_a_line(server, client):
    server.script("version", drip(b"x", 0.005))

    def ask():
        with pytest.raises(ProtocolTimeoutError):
            client.call("version", timeout=0.4)

    assert overshoot(0.4, ask) < 0.2


def test_a_flood_does_not_put_off_the_timeout(server, client):
    """Bytes that come faster than they can be read are no excuse."""
    flood = b'{"jobs_changed": [1]}\n' * 2000
    server.script("version", drip(flood, 0.0), times=None)

    def ask():
        client.connect()
        with pytest.raises(ProtocolTimeoutError):
            client.call("version", timeout=0.4)

    assert overshoot(0.4, ask) < 0.2


def test_a_flood_does_not_put_off_a_look_at_what_has_arrived(server, client):
    server.script("version", drip(b"{" + b" " * 5000, 0.001))
    with pytest.raises(ProtocolTimeoutError):
        client.call("version", timeout=0.1)
    with within(2):
        assert client.wait_for_notification(-1) is None


@pytest.mark.parametrize(("text", "seen"), [("no such job", "no such job"), ("", "version"), (WORDS, "石")])
def test_the_text_of_an_exception_is_the_servers(server, client, text, seen):
    server.script("version", failing(text))
    with pytest.raises(SpallocServerException, match=seen):
        client.version()
    assert client.version() == "1!7.0.0"


def test_what_has_no_json_form_is_not_sent(server, client):
    for value in (object(), float("nan"), {1}):
        with pytest.raises(RequestError, match="where_is"):
            client.where_is(machine=value)
    assert client.version() == "1!7.0.0"
    assert server.commands() == ["version"]


def test_a_request_goes_out_in_one_piece(any_server, connect):
    """The Java server forgets the beginning of a line whose end is late."""
    client = connect(any_server)
    client.where_is(machine="m", chip_x=0, chip_y=0)
    (request,) = any_server.requests
    assert (request.args, request.kwargs) == ([], {"machine": "m", "chip_x": 0, "chip_y": 0})
    (connection,) = any_server.connections
    assert connection.received.count(b"\n") == 1


def test_a_value_of_every_kind_comes_back_as_json_gives_it(server, client):
    for value in (None, True, 0, -1.5, "", [], {}, [[1, [2]]], {"return": 1}, {"exception": "x"}, sys.maxsize**3):
        server.script("list_jobs", returning(value))
        assert client.list_jobs() == value


def test_time_passes_in_order(server, client):
    """A slow answer is waited for, and a fast one behind it is not taken for it."""
    begun = time.monotonic()
    server.script("version", in_segments(4, pause=0.02))
    assert client.version() == "1!7.0.0"
    assert time.monotonic() - begun > 0.05
    assert client.list_jobs() == []


def test_a_flood_does_not_put_off_the_timeout_of_a_request_that_is_not_taken(connect):
    with ScriptedServer(receive_buffer=4096) as server:
        server.greeting = drip_without_reading(b'{"jobs_changed": [1]}\n' * 2000)
        client = connect(server)

        def ask():
            client.connect()
            with pytest.raises(ProtocolTimeoutError):
                client.call("list_jobs", LARGE, timeout=0.4)

        assert overshoot(0.4, ask) < 0.2


def drip_without_reading(data: bytes):
    return lambda connection: drip(data, 0.0)(connection, bytes)
