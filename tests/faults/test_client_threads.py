"""One client, many threads, and a fork."""

import random
import threading
import time
from collections import deque

from scripted_server import ScriptedServer, delayed
from scripted_server.timing import within

from spalloc_client.deadline import NEVER, Deadline
from spalloc_client.exceptions import ProtocolError, ProtocolTimeoutError
from spalloc_client.wish import Wish


def together(count: int, action) -> list[object]:
    """Run an action in many threads; return what each returned or raised."""
    outcomes: list[object] = [None] * count

    def run(number: int) -> None:
        try:
            outcomes[number] = action(number)
        except BaseException as error:  # noqa: BLE001 - whatever it is, the test wants to see it
            outcomes[number] = error

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(240)
    return outcomes


def test_twenty_threads_each_get_their_own_answers(any_server, connect):
    client = connect(any_server)
    hosts = [any_server.model.machines[0].physical(board) for board in any_server.model.machines[0].boards()]
    boards = any_server.model.machines[0].boards()

    def ask(number: int) -> int:
        random.seed(number)
        for _ in range(30):
            index = random.randrange(len(boards))
            x, y, z = boards[index]
            answer = client.get_board_position(machine_name="m", x=x, y=y, z=z)
            assert tuple(answer) == hosts[index]
        return number

    with within(60):
        assert together(20, ask) == list(range(20))


def test_to_be_woken_once_more_is_to_be_woken_once():
    """By its answer and by the end of the connection, say."""
    wish = Wish()
    wish.wait_in(deque())
    wish.wake_up()
    wish.wake_up()
    assert wish.sleep(NEVER)
    assert not wish.sleep(Deadline.after(0))


def test_no_thread_is_forgotten_in_many_calls(client):
    """Reading and sending pass from hand to hand all the time, in every order that can happen."""

    def ask(number: int) -> int:
        for _ in range(2000):
            assert client.version(timeout=60) == "1!7.0.0"
        return number

    with within(240):
        assert together(8, ask) == list(range(8))


def test_twenty_threads_of_which_some_give_up_early(server, client):
    """A late answer is dropped for whoever gave up, and shifts nobody else's."""
    for _ in range(30):
        server.script("list_machines", delayed(0.02), times=3)

    def ask(number: int) -> int:
        for _ in range(20):
            try:
                if number % 4 == 0:
                    assert client.call("list_machines", timeout=0.001 * number)[0]["name"] == "m"
                elif number % 4 == 1:
                    assert client.version(timeout=30) == "1!7.0.0"
                elif number % 4 == 2:
                    assert client.list_jobs(timeout=30) == []
                else:
                    assert client.get_board_position("m", 0, 0, number % 3, timeout=30)[2] == number % 3
            except ProtocolTimeoutError:
                assert number % 4 == 0
        return number

    with within(60):
        assert together(20, ask) == list(range(20))
    assert client.version() == "1!7.0.0"


def test_twenty_threads_while_notifications_pour_in(server, client):
    stop = threading.Event()

    def pour():
        while not stop.wait(0.001):
            server.send(b'{"jobs_changed": [1]}\n' * 5)

    pouring = threading.Thread(target=pour)
    pouring.start()
    try:
        outcomes = together(20, lambda _: [client.version() for _ in range(20)])
    finally:
        stop.set()
        pouring.join()
    assert outcomes == [["1!7.0.0"] * 20] * 20


def test_twenty_threads_meet_one_reset(server, client):
    """Each gets an answer or a ProtocolError, and nobody hangs."""
    reset = threading.Timer(0.3, server.drop_connections, kwargs={"reset": True})
    reset.start()

    def ask(_number: int) -> str:
        while True:
            assert client.version() == "1!7.0.0"

    with within(30):
        outcomes = together(20, ask)
    reset.join()
    assert [type(outcome) for outcome in outcomes] == [ProtocolError] * 20


def test_twenty_threads_while_another_connects_again_and_again(server, connect):
    client = connect(server)
    stop = threading.Event()

    def ask(number: int) -> int:
        if number == 0:
            for _ in range(20):
                time.sleep(0.02)
                client.connect()
            stop.set()
        while not stop.is_set():
            try:
                assert client.version() == "1!7.0.0"
            except ProtocolError:
                time.sleep(0.001)
        return number

    with within(60):
        assert together(20, ask) == list(range(20))
    assert client.version() == "1!7.0.0"


def test_large_requests_from_several_threads_do_not_mix(connect):
    with ScriptedServer(receive_buffer=4096) as server:
        client = connect(server, timeout=60)
        texts = [letter * 300_000 for letter in "abcdef"]
        assert together(6, lambda number: client.call("where_is", texts[number], timeout=60))
        seen = sorted(request.args[0] for request in server.requests)
        assert seen == texts
