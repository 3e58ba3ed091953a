"""Ctrl-C at every moment of a call: afterwards the client works, or says at once that it does not."""

import contextlib
import gc
import threading

import pytest
from scripted_server import preceded_by
from scripted_server.interrupting import moments
from scripted_server.timing import within

from spalloc_client.exceptions import ProtocolError

# A socket whose owner is interrupted before it has it in hand is closed as it is collected, with this warning.
pytestmark = [
    pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning"),
    pytest.mark.filterwarnings("ignore:Exception ignored in.*unclosed:pytest.PytestUnraisableExceptionWarning"),
]


def still_sound(client, where: str) -> None:
    """Fail if the client hangs, or mixes up answers; broken is allowed if it says so and mends by connecting."""
    with within(5):
        for _ in range(2):
            try:
                assert client.call("version", timeout=3) == "1!7.0.0", where
                assert client.call("list_jobs", timeout=3) == [], where
            except ProtocolError:
                client.connect(timeout=3)


def sweep(client, action) -> int:
    count = 0
    for interrupter in moments():
        client.connect()
        with contextlib.suppress(KeyboardInterrupt):
            interrupter.run(action)
        try:
            still_sound(client, interrupter.where)
        except Exception as error:
            raise AssertionError(f"after Ctrl-C at {interrupter.where}") from error
        count += 1
    gc.collect()
    return count


def test_ctrl_c_at_any_moment_of_a_call(server, client):
    server.script("list_machines", preceded_by(b'{"jobs_changed": [1]}\n'), times=None)
    assert sweep(client, client.list_machines) > 30


def test_ctrl_c_at_any_moment_of_a_wait_for_a_notification(server, client):
    server.script("notify_job", preceded_by(b'{"jobs_changed": [1]}\n'), times=None)

    def wait():
        client.notify_job()
        client.wait_for_notification(timeout=5)

    assert sweep(client, wait) > 30


def test_ctrl_c_at_any_moment_of_connecting_and_closing(server, client):
    assert sweep(client, client.connect) > 20
    assert sweep(client, client.close) > 3
    server.wait_until(lambda: len(server.open_connections()) <= 1)


def test_ctrl_c_in_one_thread_leaves_no_other_waiting_for_ever(server, client):
    """Whoever read when Ctrl-C came has to hand the reading on."""
    heard = threading.Event()

    def listen(connection):
        with contextlib.suppress(ProtocolError):
            connection.wait_for_notification(timeout=20)
        heard.set()

    for interrupter in moments():
        client.connect()
        client.version()
        heard.clear()
        listener = threading.Thread(target=listen, args=(client,))
        listener.start()
        with contextlib.suppress(KeyboardInterrupt, ProtocolError):
            interrupter.run(client.version)
        server.send(b'{"jobs_changed": [1]}\n')
        if not heard.wait(5):
            pytest.fail(f"a thread waits for ever after Ctrl-C at {interrupter.where}")
        listener.join()
    gc.collect()
