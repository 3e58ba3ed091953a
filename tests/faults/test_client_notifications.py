"""Notifications come at any moment, in any number: none is taken for an answer, and memory stays bounded."""

import threading
import time

import pytest
from scripted_server import ScriptedServer, preceded_by, silence
from scripted_server.timing import overshoot, within

from spalloc_client.exceptions import ProtocolError, ProtocolTimeoutError
from spalloc_client.notifications import NotificationQueue


def test_a_notification_between_a_request_and_its_reply(any_server, connect):
    client = connect(any_server)
    client.notify_job()
    client.create_job(owner="me")
    client.create_job(owner="me")
    any_server.script("version", preceded_by(b'{"jobs_changed": [77]}\r\n'))
    assert client.version() == any_server.dialect.server_version
    seen = set()
    while 77 not in seen:
        seen.update(client.wait_for_notification(timeout=10)["jobs_changed"])
    assert seen <= {1, 2, 77}


def test_unknown_notifications_are_handed_out_as_they_came(server, client):
    news = b'{"weather_changed": {"in": "Manchester"}}\n{}\n{"jobs_changed": "all", "x": null}\n'
    server.script("version", preceded_by(news))
    assert client.version() == "1!7.0.0"
    seen = [client.wait_for_notification(timeout=5) for _ in range(3)]
    assert seen == [{"weather_changed": {"in": "Manchester"}}, {}, {"jobs_changed": "all", "x": None}]


def test_a_hundred_thousand_notifications_before_a_reply(server, connect):
    """They are kept in order or merged; every job that changed is named, and few messages are kept."""
    client = connect(server, timeout=60)
    flood = b"".join(b'{"jobs_changed": [%d]}\n' % (number % 5000) for number in range(100_000))
    server.script("version", preceded_by(flood + b'{"machines_changed": ["m"]}\n'))
    with within(60):
        assert client.version() == "1!7.0.0"
    messages = list(iter(lambda: client.wait_for_notification(-1), None))
    changed = [job for message in messages for job in message.get("jobs_changed", [])]
    assert len(messages) < 5000
    assert set(changed) == set(range(5000))
    assert changed[:1000] == list(range(1000))
    assert {"machines_changed": ["m"]} in messages


def test_a_flood_of_unknown_notifications_is_bounded_and_the_newest_is_kept(server, client):
    server.script("version", preceded_by(b"".join(b'{"news": %d}\n' % number for number in range(20_000))))
    assert client.version() == "1!7.0.0"
    messages = list(iter(lambda: client.wait_for_notification(-1), None))
    assert len(messages) < 5000
    assert messages[-1] == {"news": 19_999}


def test_unknown_notifications_within_a_flood_are_told_as_well(server, client):
    flood = b'{"jobs_changed": [1]}\n' * 2000
    odd = b'{"news": 1}\n{"jobs_changed": "all"}\n{"machines_changed": [["m"]]}\n{"machines_changed": ["m", "n"]}\n'
    server.script("version", preceded_by(flood + odd + flood))
    assert client.version() == "1!7.0.0"
    messages = list(iter(lambda: client.wait_for_notification(-1), None))
    for one in ({"news": 1}, {"jobs_changed": "all"}, {"machines_changed": [["m"]]}, {"machines_changed": ["m", "n"]}):
        assert one in messages
    assert len(messages) < 2000


def test_notifications_after_a_flood_are_told_one_by_one_again(server, client):
    server.script("version", preceded_by(b'{"jobs_changed": [1]}\n' * 3000))
    assert client.version() == "1!7.0.0"
    assert list(iter(lambda: client.wait_for_notification(-1), None))
    for number in (8, 9):
        server.send(b'{"jobs_changed": [%d]}\n' % number)
    assert client.wait_for_notification(timeout=5) == {"jobs_changed": [8]}
    assert client.wait_for_notification(timeout=5) == {"jobs_changed": [9]}


def test_what_cannot_be_merged_is_kept_beside_what_was():
    """As long as there is room: some of the flood has been taken by then."""
    queue = NotificationQueue(most=2)
    for number in range(4):
        queue.put({"jobs_changed": [number]})
    assert queue.take() == {"jobs_changed": [0]}
    queue.put({"weather_changed": 1})
    assert list(iter(queue.take, None)) == [{"jobs_changed": [1]}, {"weather_changed": 1}, {"jobs_changed": [2, 3]}]


def test_a_negative_timeout_only_looks(server, client):
    with within(1):
        assert client.wait_for_notification(-1) is None
        assert client.wait_for_notification(timeout=-0.001) is None
    client.version()
    server.send(b'{"jobs_changed": [1]}\n')
    time.sleep(0.2)
    assert client.wait_for_notification(-1) == {"jobs_changed": [1]}
    assert client.wait_for_notification(-1) is None


def test_a_timeout_of_zero_is_a_timeout(client):
    with within(1), pytest.raises(ProtocolTimeoutError):
        client.wait_for_notification(0)


def test_waiting_honours_its_timeout(client):
    def wait():
        with pytest.raises(ProtocolTimeoutError):
            client.wait_for_notification(0.3)

    assert overshoot(0.3, wait) < 0.2


def test_waiting_takes_the_timeout_of_the_client_or_none(server, connect):
    client = connect(server, timeout=0.2)
    threading.Timer(0.6, server.send, (b'{"jobs_changed": [4]}\n',)).start()
    assert client.wait_for_notification(timeout=None) == {"jobs_changed": [4]}


def test_waiting_without_a_connection_is_an_error(client):
    client.close()
    with pytest.raises(ProtocolError, match="not connected"):
        client.wait_for_notification(1)
    assert client.wait_for_notification(-1) is None


def test_what_came_before_the_connection_broke_is_still_told(server, client):
    client.version()
    server.send(b'{"jobs_changed": [1]}\n{"jobs_changed": [2]}\n')
    server.drop_connections()
    assert client.wait_for_notification(timeout=5) == {"jobs_changed": [1]}
    assert client.wait_for_notification(timeout=5) == {"jobs_changed": [2]}
    with within(5), pytest.raises(ProtocolError):
        client.wait_for_notification(timeout=5)


def test_each_notification_goes_to_exactly_one_of_many_waiting_threads(server, client):
    client.version()
    got, lock = [], threading.Lock()

    def wait():
        for _ in range(10):
            message = client.wait_for_notification(timeout=20)
            with lock:
                got.append(message["jobs_changed"][0])

    threads = [threading.Thread(target=wait) for _ in range(8)]
    for thread in threads:
        thread.start()
    for number in range(80):
        server.send(b'{"jobs_changed": [%d]}\n' % number)
    for thread in threads:
        thread.join(20)
    assert sorted(got) == list(range(80))


def test_a_call_in_one_thread_while_another_waits_for_a_notification(server, client):
    client.version()
    got = []
    waiting = threading.Thread(target=lambda: got.append(client.wait_for_notification(timeout=20)))
    waiting.start()
    time.sleep(0.1)
    for _ in range(50):
        assert client.version() == "1!7.0.0"
    server.send(b'{"jobs_changed": [5]}\n')
    waiting.join(20)
    assert got == [{"jobs_changed": [5]}]


def test_a_waiting_thread_reads_answers_for_others_after_the_reader_has_left(server, client):
    """The reader leaves with its answer; whoever waits next reads on, and nobody is left waiting for ever."""
    server.script("list_jobs", silence())
    results = []

    def slow():
        with pytest.raises(ProtocolTimeoutError):
            client.call("list_jobs", timeout=0.5)
        results.append("slow")

    def notified():
        results.append(client.wait_for_notification(timeout=20))

    threads = [threading.Thread(target=slow), threading.Thread(target=notified)]
    for thread in threads:
        thread.start()
    time.sleep(1.0)
    server.send(b'{"jobs_changed": [5]}\n')
    for thread in threads:
        thread.join(20)
    assert results == ["slow", {"jobs_changed": [5]}]


@pytest.mark.parametrize("repeat", [0, 3])
def test_real_notifications_come_as_often_as_the_server_sends_them(connect, repeat):
    with ScriptedServer(pace=1) as server:
        server.notifying.repeat = repeat
        client = connect(server)
        client.create_job(owner="me")
        time.sleep(0.2)
        client.notify_job(1)
        server.model.allocate(1)
        time.sleep(0.3)
        seen = list(iter(lambda: client.wait_for_notification(-1), None))
        assert seen == [{"jobs_changed": [1]}] * repeat
