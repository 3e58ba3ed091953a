"""A job with a short keepalive lives through what happens to notebooks, networks, servers and processes."""

import os
import signal
import time

import psutil
from owners import create_jobs, live, until
from scripted_server import ScriptedServer, rst


def test_a_cell_that_holds_the_interpreter(sandbox, start):
    """A call into C that does not let other threads run, four times as long as the keepalive."""
    body = """
    import ctypes
    take_jobs()
    ctypes.PyDLL(None).sleep(12)
    say("back")
    wait()
    """
    owner = start(body, sandbox.port)
    jobs = owner.take_jobs(sandbox, 1, keepalive=3.0)
    assert owner.heard() == "back"
    assert live(sandbox) == jobs


def test_an_interrupt_of_the_whole_process_group(sandbox, start):
    """A notebook's Interrupt, a terminal's Ctrl-C and its end go to all of the group."""
    body = """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    take_jobs()
    wait()
    """
    owner = start(body, sandbox.port)
    jobs = owner.take_jobs(sandbox, 1, keepalive=3.0)
    guardian = owner.guardian()
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGINT):
        os.killpg(owner.pid, number)
        guardian.send_signal(number)
    guardian.terminate()
    time.sleep(4)
    assert live(sandbox) == jobs
    assert owner.guardians() == [guardian]


def test_an_interrupt_while_it_starts(server, start):
    owner = start(
        "signal.signal(signal.SIGINT, signal.SIG_IGN); say('here'); wait(); keep(1, 1.0); wait()", server.port
    )
    assert owner.heard() == "here"
    owner.go_on()
    until(lambda: psutil.Process(owner.pid).children() or owner.guardians())
    os.killpg(owner.pid, signal.SIGINT)
    server.wait_for("job_keepalive", 3)


def test_a_job_that_is_taken_on_before_the_end_of_the_guardian_was_noticed(server, start):
    """The next guardian is told of it."""
    body = """
    from spalloc_client.guardian_keeper import current
    await_news(keep(1, 0.6))
    with current().lock:
        say("nobody notices anything")
        wait()
        late = keep(2, 0.6)
    await_news(late)
    say("kept")
    wait()
    """
    owner = start(body, server.port)
    owner.heard()
    first = owner.guardian()
    first.kill()
    until(lambda: not owner.guardians())
    owner.go_on()
    assert owner.heard() == "kept"
    assert owner.guardian() != first


def test_a_restart_of_the_server(sandbox, start):
    owner = start("take_jobs(); wait()", sandbox.port)
    jobs = owner.take_jobs(sandbox, 1, keepalive=3.0)
    for _ in range(2):
        sandbox.restart()
        time.sleep(4)
        assert live(sandbox) == jobs
    owner.go_on()
    until(lambda: live(sandbox) == [])


def test_ten_seconds_without_a_server(start):
    with ScriptedServer() as server:
        start("take_jobs(); wait()", server.port).take_jobs(server, 1, keepalive=3.0)
        server.stop()
        time.sleep(10)
        # As the real one does with the jobs that it has saved.
        server.jobs[1].keepalives.append(time.monotonic())
        server.start()
        time.sleep(4)
        assert live(server) == [1]


def test_ten_seconds_of_silence(server, start):
    """The server accepts and does not answer, longer than any timeout."""
    start("take_jobs(); wait()", server.port).take_jobs(server, 1, keepalive=20.0)
    server.freeze()
    time.sleep(10)
    server.thaw()
    time.sleep(11)
    assert 21 in live(server)


def test_a_reset_of_every_connection_each_second(start):
    with ScriptedServer() as server:
        start("take_jobs(); wait()", server.port).take_jobs(server, 3, keepalive=3.0)
        for _ in range(8):
            time.sleep(1)
            server.drop_connections(reset=True)
            assert len(server.open_connections()) <= 1
        assert live(server) == [1, 2, 3]


def test_connections_that_end_at_each_request(server, start):
    """Answered or not; the guardian calls again, but not without pause."""
    server.script("job_keepalive", rst(execute=True), times=20)
    owner = start("wards = [keep(job, 0.9) for job in (1, 2)]; await_news(*wards); say('kept'); wait()", server.port)
    assert owner.heard() == "kept"
    assert 20 <= len(server.connections) < 60


def test_a_server_that_hangs_up_on_everybody(start):
    with ScriptedServer() as server:
        create_jobs(server, 1)
        server.greeting = lambda connection: connection.fin()
        owner = start("ward = keep(1, 0.9); say('asked'); await_news(ward); say('kept'); wait()", server.port)
        assert owner.heard() == "asked"
        time.sleep(2)
        assert 3 < len(server.connections) < 40
        server.greeting = None
        assert owner.heard() == "kept"


def test_a_job_whose_request_fails_does_not_silence_the_others(server, start):
    """The oldest servers hang up on whoever asks for something that fails."""

    def act(connection, answer):
        if server.requests[-1].args == [2]:
            connection.fin()
        else:
            connection.send(answer())

    server.script("job_keepalive", act, times=None)
    body = """
    wards = [keep(job, 0.9) for job in (1, 2, 3)]
    for _ in range(5):
        await_news(wards[0], wards[2], since=time.time())
    say("kept")
    wait()
    """
    assert start(body, server.port).heard() == "kept"


def test_the_killing_of_the_guardian(sandbox, start):
    """Again and again; each time all of its jobs are handed to the next, and none is left a zombie."""
    owner = start("take_jobs(); wait()", sandbox.port)
    jobs = owner.take_jobs(sandbox, 3, keepalive=3.0)
    guardian = None
    for _ in range(4):
        guardian = owner.guardian(other_than=guardian)
        guardian.kill()
        time.sleep(1.2)
    time.sleep(1)
    assert live(sandbox) == jobs
    assert len(owner.guardians()) == 1
    assert psutil.Process(owner.pid).children() == []
    owner.go_on()
    until(lambda: live(sandbox) == [])
    until(lambda: not owner.guardians())


def test_a_job_released_while_there_is_no_guardian_is_not_kept(server, start):
    body = """
    one, two = keep(1, 0.6), keep(2, 0.6)
    await_news(one, two)
    say("kept")
    wait()
    one.release()
    three = keep(3, 0.6)
    await_news(two, three, since=time.time())
    say("kept")
    wait()
    """
    owner = start(body, server.port)
    assert owner.heard() == "kept"
    owner.guardian().kill()
    owner.go_on()
    assert owner.heard() == "kept"
    count = [request.args for request in server.requests].count([1])
    server.wait_for("job_keepalive", server.commands().count("job_keepalive") + 6)
    assert [request.args for request in server.requests].count([1]) == count


def test_a_guardian_without_jobs_that_is_killed_is_not_missed(server, start):
    body = """
    ward = keep(1)
    await_news(ward)
    ward.release()
    say("released")
    wait()
    await_news(keep(2))
    say("kept")
    wait()
    """
    owner = start(body, server.port)
    assert owner.heard() == "released"
    guardian = owner.guardian()
    guardian.kill()
    until(lambda: not owner.guardians())
    time.sleep(0.2)
    owner.go_on()
    assert owner.heard() == "kept"
    assert owner.guardians() != [guardian]


def test_many_threads_that_keep_and_release(server, start):
    body = """
    import threading
    def work(job):
        for _ in range(50):
            ward = keep(job, 0.9)
            ward.release()
        await_news(keep(job, 0.9))
    threads = [threading.Thread(target=work, args=[job]) for job in range(1, 9)]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
    say("kept")
    wait()
    """
    owner = start(body, server.port)
    assert owner.heard() == "kept"
    assert len(owner.guardians()) == 1
    assert len(server.open_connections()) == 1


def test_a_reply_in_pieces_among_other_messages(server, start):
    server.script("job_keepalive", lambda connection, answer: connection.send(answer(), 1, 0.001), times=5)
    body = """
    ward = keep(1, 0.6)
    for _ in range(8):
        await_news(ward, since=time.time())
    say("kept")
    wait()
    """
    owner = start(body, server.port)
    for _ in range(10):
        until(server.open_connections)
        server.send(b'{"jobs_changed": [1]}\n\r\n  \n{"machines_changed": []}\n')
        time.sleep(0.1)
    assert owner.heard() == "kept"


def test_a_line_that_never_ends(server, start):
    """It is dropped, before it fills the memory."""
    server.script("job_keepalive", lambda connection, _: connection.send(b"x" * (3 << 20)))
    owner = start("await_news(keep(1, 6.0)); say('kept'); wait()", server.port)
    assert owner.heard() == "kept"
    assert owner.guardian().memory_info().rss < 24 << 20


def test_the_java_dialect(start):
    with ScriptedServer(java=True) as server:
        create_jobs(server, 2)
        owner = start("await_news(keep(1), keep(2)); say('kept'); wait()", server.port)
        assert owner.heard() == "kept"
        owner.go_on()
        until(lambda: live(server) == [])


def test_the_oldest_servers(start):
    with ScriptedServer(version="0.1.0") as server:
        create_jobs(server, 2)
        owner = start("await_news(keep(1), keep(2)); say('kept'); wait()", server.port)
        assert owner.heard() == "kept"
        owner.go_on()
        until(lambda: live(server) == [])
