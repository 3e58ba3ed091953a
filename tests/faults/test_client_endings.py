"""FIN, RST and silence at every point, and answers that come when nobody waits for them any more."""

import contextlib
import ctypes
import gc
import os
import signal
import threading
import time

import psutil
import pytest
from scripted_server import Held, ScriptedServer, delayed, fin, rst, silence
from scripted_server.timing import overshoot, within

from spalloc_client.deadline import NEVER, Deadline
from spalloc_client.exceptions import ProtocolError, ProtocolTimeoutError
from spalloc_client.protocol_client import PendingCall, ProtocolClient

ENDINGS = [fin(), fin(part=1), fin(part=9), fin(execute=True), rst(), rst(part=1), rst(part=9), rst(execute=True)]


def end_at_its_next_step(thread):
    """Raise SystemExit in a thread, at the next step that it takes in Python."""
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident), ctypes.py_object(SystemExit))


def answers_rightly_or_says_that_it_was_interrupted(client):
    """Either is right, its own answer or a clear end; after which it connects again."""
    try:
        assert client.version() == "1!7.0.0"
    except ProtocolError as error:
        assert "interrupted" in str(error)  # noqa: PT017 - either way is right
        client.connect()
        assert client.version() == "1!7.0.0"


@pytest.mark.parametrize("ending", ENDINGS)
def test_the_end_of_the_connection_at_a_call(any_server, connect, ending):
    client = connect(any_server)
    any_server.script("version", ending)
    with within(5), pytest.raises(ProtocolError) as caught:
        client.version()
    assert isinstance(caught.value, OSError)
    assert str(any_server.port) in str(caught.value)
    assert not client.connected
    with within(1), pytest.raises(ProtocolError):
        client.version()
    client.connect()
    assert client.version() == any_server.dialect.server_version


@pytest.mark.parametrize("reset", [False, True])
def test_the_end_of_the_connection_while_a_notification_is_waited_for(server, client, reset):
    client.version()
    threading.Timer(0.2, server.drop_connections, kwargs={"reset": reset}).start()
    with within(5), pytest.raises(ProtocolError):
        client.wait_for_notification(timeout=None)


@pytest.mark.parametrize("reset", [False, True])
def test_the_end_of_the_connection_wakes_every_thread(server, client, reset):
    server.script("*", silence(), times=None)
    errors = []

    def ask(what):
        try:
            what()
        except ProtocolError as error:
            errors.append(error)

    asks = [client.version, client.list_jobs, client.wait_for_notification] * 3
    threads = [threading.Thread(target=ask, args=(what,)) for what in asks]
    for thread in threads:
        thread.start()
    server.wait_for("list_jobs", 3)
    with within(5):
        server.drop_connections(reset=reset)
        for thread in threads:
            thread.join(10)
    assert len(errors) == len(threads)
    assert len({id(error) for error in errors}) == len(errors)


@pytest.mark.parametrize("reset", [False, True])
def test_the_end_of_the_connection_between_calls(server, client, reset):
    assert client.version()
    server.drop_connections(reset=reset)
    with within(5), pytest.raises(ProtocolError):
        client.version()


@pytest.mark.parametrize("how", ["fin", "rst"])
def test_the_end_of_the_connection_as_soon_as_it_stands(server, how):
    server.greeting = lambda connection: getattr(connection, how)()
    client = ProtocolClient(server.host, server.port, timeout=5)

    def talk():
        with client:  # the reset may come before, or after the connect returns
            client.version()

    with within(10), pytest.raises(ProtocolError):
        talk()


def test_a_half_closed_connection_is_a_closed_one(server, client):
    client.version()
    server.connections[0].half_close()
    with within(5), pytest.raises(ProtocolError, match="closed the connection"):
        client.wait_for_notification(timeout=10)


def test_silence_at_a_call(server, client):
    server.freeze()

    def ask():
        with pytest.raises(ProtocolTimeoutError, match="did not answer"):
            client.call("version", timeout=0.3)

    assert overshoot(0.3, ask) < 0.2


def test_silence_ends_with_the_timeout_of_the_client_where_the_call_has_none(server, connect):
    client = connect(server, timeout=0.3)
    server.freeze()

    def ask():
        with pytest.raises(ProtocolTimeoutError):
            client.version()

    assert overshoot(0.3, ask) < 0.2


def test_a_call_may_take_longer_than_the_client_allows_if_it_says_so(server, connect):
    client = connect(server, timeout=0.1)
    server.script("version", delayed(0.5), times=2)
    assert client.version(timeout=None) == "1!7.0.0"
    assert client.call("version", timeout=10) == "1!7.0.0"


@pytest.mark.parametrize("late", [0.3, 0.6])
def test_an_answer_after_its_call_timed_out_is_not_the_next_ones(any_server, connect, late):
    client = connect(any_server)
    any_server.script("list_machines", delayed(late))
    with pytest.raises(ProtocolTimeoutError):
        client.call("list_machines", timeout=0.1)
    for _ in range(3):
        assert client.version() == any_server.dialect.server_version
    assert client.list_jobs() == []


def test_many_late_answers_in_a_row(server, client):
    held = server.script("list_jobs", Held())
    for command in ("list_jobs", "version", "list_machines", "version"):
        with pytest.raises(ProtocolTimeoutError):
            client.call(command, timeout=0.05)
    held.release()
    assert client.version() == "1!7.0.0"
    assert client.list_machines()[0]["name"] == "m"


def test_a_late_error_is_dropped_as_well(server, client):
    server.script("where_is", delayed(0.3))
    with pytest.raises(ProtocolTimeoutError):
        client.call("where_is", nonsense=True, timeout=0.1)
    assert client.version() == "1!7.0.0"


def test_an_answer_after_its_call_was_interrupted(server, client):
    held = server.script("list_machines", Held())

    def interrupt():
        held.arrived.wait(10)
        os.kill(os.getpid(), signal.SIGINT)

    interrupter = threading.Thread(target=interrupt)
    interrupter.start()
    with pytest.raises(KeyboardInterrupt):
        client.list_machines()
    interrupter.join()
    held.release()
    assert client.version() == "1!7.0.0"
    assert client.list_jobs() == []


def test_an_answer_after_the_thread_that_waited_for_it_has_died(server, client):
    held = server.script("list_machines", Held())
    died = []

    def victim():
        try:
            client.list_machines()
        except SystemExit:
            died.append(True)

    thread = threading.Thread(target=victim)
    thread.start()
    assert held.arrived.wait(10)
    # Its next step in Python is when the notification arrives.
    end_at_its_next_step(thread)
    server.send(b'{"jobs_changed": [1]}\n')
    thread.join(10)
    assert died
    held.release()
    answers_rightly_or_says_that_it_was_interrupted(client)


def test_a_thread_that_dies_while_it_reads_leaves_a_client_that_says_so(server, client):
    client.version()
    stop = threading.Event()

    def pour():
        while not stop.is_set():
            server.send(b'{"jobs_changed": [1]}\n' * 100)

    def read():
        with contextlib.suppress(SystemExit, ProtocolError):
            while True:
                client.wait_for_notification(timeout=20)

    pouring, reading = threading.Thread(target=pour), threading.Thread(target=read)
    pouring.start()
    reading.start()
    time.sleep(0.2)
    end_at_its_next_step(reading)
    reading.join(20)
    stop.set()
    assert not reading.is_alive()
    with within(10):
        # This also takes what the server could not send while nobody read.
        answers_rightly_or_says_that_it_was_interrupted(client)
    pouring.join(20)
    assert not pouring.is_alive()


def test_a_call_that_times_out_leaves_other_threads_their_answers(server, client):
    held = server.script("list_machines", Held())
    answers = []
    thread = threading.Thread(target=lambda: answers.append(client.list_machines()))
    thread.start()
    held.arrived.wait(10)
    with pytest.raises(ProtocolTimeoutError):
        client.call("version", timeout=0.2)
    held.release()
    thread.join(10)
    assert answers[0][0]["name"] == "m"
    assert client.version() == "1!7.0.0"


def test_closing_wakes_every_waiting_thread_at_once(server, client):
    server.script("version", silence(), times=None)
    errors = []

    def ask(what):
        try:
            what()
        except ProtocolError as error:
            errors.append(str(error))

    threads = [threading.Thread(target=ask, args=(w,)) for w in (client.version, client.wait_for_notification)]
    for thread in threads:
        thread.start()
    server.wait_for("version")
    time.sleep(0.1)
    with within(1):
        client.close()
        for thread in threads:
            thread.join(10)
    assert len(errors) == 2
    assert all("closed here" in error for error in errors)


def test_closing_returns_at_once_whatever_the_server_does(connect):
    with ScriptedServer(receive_buffer=4096) as server:
        server.greeting = lambda connection: connection.reading.clear()
        client = connect(server)

        def ask():
            with pytest.raises(ProtocolError):
                client.call("list_jobs", "x" * 6_000_000)

        thread = threading.Thread(target=ask)
        thread.start()
        time.sleep(0.3)
        with within(1):
            client.close()
        thread.join(10)
        assert not thread.is_alive()


def test_a_request_that_the_server_does_not_take_in_time_is_its_connections_last(connect):
    """A part of it may have been sent, and nothing else can follow that."""
    with ScriptedServer(receive_buffer=4096) as server:
        client = connect(server)
        server.freeze()
        call = PendingCall("where_is")
        with within(5), pytest.raises(ProtocolTimeoutError, match="did not take a request in time"):
            client.begin(call, "x" * 50_000_000, deadline=Deadline.after(0.5))
        with pytest.raises(ProtocolError, match="only a part of a request"):
            client.finish(call, NEVER)
        with pytest.raises(ProtocolError, match="only a part of a request"):
            client.version()


def test_a_call_that_was_never_begun_has_no_end(client):
    with pytest.raises(ProtocolError, match="version was never sent"):
        client.finish(PendingCall("version"), NEVER)


def test_closing_twice_or_before_connecting_does_nothing(server):
    client = ProtocolClient(server.host, server.port)
    client.close()
    with client:
        client.version()
    client.close()
    with pytest.raises(ProtocolError, match="not connected"):
        client.version()


def test_the_server_sees_the_end(server, client):
    client.version()
    client.close()
    server.wait_until(lambda: not server.open_connections())


def test_connecting_again_closes_what_was_open(server, client):
    client.version()
    client.connect()
    assert client.version() == "1!7.0.0"
    server.wait_until(lambda: len(server.open_connections()) == 1)


def test_no_socket_is_left_behind_by_any_ending(server):
    """Whatever is left open warns when it is collected, and warnings are errors."""
    for ending in ENDINGS:
        with ProtocolClient(server.host, server.port, timeout=5) as client:
            server.script("version", ending)
            with pytest.raises(ProtocolError):
                client.version()
    server.wait_until(lambda: not server.open_connections())
    before = psutil.Process().num_fds()
    for _ in range(20):
        with ProtocolClient(server.host, server.port, timeout=5) as client:
            client.version()
        client.connect()
        client.version()
        server.drop_connections()
        with pytest.raises(ProtocolError):
            client.version()
    server.wait_until(lambda: not server.open_connections())
    gc.collect()
    assert psutil.Process().num_fds() <= before


def test_a_restarted_server_is_met_again_on_the_same_port(server, client):
    assert client.create_job(owner="me") == 1
    server.restart(outage=0.1)
    with pytest.raises(ProtocolError):
        client.version()
    client.connect()
    assert client.get_job_state(1)["state"] == 3
    server.restart(keep_jobs=False)
    client.connect()
    assert client.get_job_state(1)["state"] == 0
