"""One process and at most one connection a server, for any number of jobs; and nobody waits for it."""

import time

import psutil
from owners import create_jobs, live, until
from scripted_server import BlackHole, ScriptedServer


def test_twenty_jobs_share_one_process_and_one_connection(server, start):
    owner = start("wards = [keep(job) for job in range(1, 21)]; await_news(*wards); say('kept'); wait()", server.port)
    assert owner.heard() == "kept"
    assert len(owner.guardians()) == 1
    assert len(server.open_connections()) == 1
    kept = [request.args[0] for request in server.requests if request.command == "job_keepalive"]
    assert kept == list(range(1, 21))


def test_each_server_has_a_connection_of_its_own(server, start):
    with ScriptedServer() as other:
        create_jobs(other, 1)
        body = f"""
        await_news(keep(1), keep(2), keep(1, 1.0, port={other.port}))
        say('kept')
        wait()
        """
        owner = start(body, server.port)
        assert owner.heard() == "kept"
        assert len(owner.guardians()) == 1
        assert len(server.open_connections()) == len(other.open_connections()) == 1


def test_a_job_is_kept_at_a_third_of_its_interval(server, start):
    owner = start("ward = keep(1, keepalive=1.5); wait()", server.port)
    times = [server.wait_for("job_keepalive", count).at for count in range(1, 6)]
    assert 1.9 < times[4] - times[0] < 3.0
    assert len(owner.guardians()) == 1


def test_jobs_that_began_apart_come_to_share_a_send(server, start):
    body = "keep(1, keepalive=1.5); time.sleep(0.3); keep(2, keepalive=1.5); wait()"
    start(body, server.port)
    server.wait_for("job_keepalive", 12)
    first, second = ([r.at for r in server.requests if r.command == "job_keepalive" and r.args == [j]] for j in (1, 2))
    # The last of all may have been heard before its companion in the same send.
    assert min(abs(at - second[-2]) for at in first) < 0.1


def test_the_caller_does_not_wait_for_a_server_that_does_not_answer(start):
    body = """
    began = time.perf_counter()
    ward = keep(1, keepalive=1.0)
    first = time.perf_counter()
    for _ in range(100):
        keep(1, keepalive=1.0)
    print(first - began, (time.perf_counter() - first) / 100, ward.last_kept_alive, flush=True)
    wait()
    """
    with BlackHole() as hole:
        first, later, news = start(body, hole.port).heard().split()
    assert float(first) < 0.5
    assert float(later) < 0.005
    assert news == "None"


def test_more_orders_than_the_guardian_takes_at_once_are_not_lost_and_wait_for_nobody(server, start):
    body = """
    wards = [keep(1)]
    await_news(*wards)
    say("stop it")
    wait()
    began = time.perf_counter()
    wards += [keep(job) for job in range(1, 21) for _ in range(100)]
    say(time.perf_counter() - began)
    for ward in wards[:-20:2]:
        ward.release()
    await_news(*wards[-20:])
    say("kept")
    wait()
    """
    owner = start(body, server.port)
    assert owner.heard() == "stop it"
    guardian = owner.guardian()
    guardian.suspend()
    owner.go_on()
    assert float(owner.heard()) < 5
    guardian.resume()
    assert owner.heard() == "kept"


def test_the_owner_learns_when_its_jobs_were_kept_alive(server, start):
    body = """
    began = time.time()
    wards = keep(1, keepalive=0.6), keep(2, keepalive=0.6), keep(99999, keepalive=0.6)
    await_news(*wards[:2], since=began + 0.5)
    say(*(ward.last_kept_alive - began for ward in wards[:2]))
    wait()
    """
    assert all(0.5 < float(age) < 10 for age in start(body, server.port).heard().split())


def test_a_refused_keepalive_is_none(server, start):
    server.script(
        "job_keepalive", lambda connection, _: connection.send(b'{"exception": "no such job"}\r\n'), times=None
    )
    body = "ward = keep(1, keepalive=0.3); time.sleep(0.5); say(ward.last_kept_alive); wait()"
    assert start(body, server.port).heard() == "None"
    server.wait_for("job_keepalive", 4)


def test_a_released_job_is_kept_no_longer_and_left_alone(server, start):
    body = """
    one, two = keep(1, keepalive=0.6), keep(2, keepalive=0.6)
    await_news(one, two)
    one.release()
    one.release()
    say(one, two)
    """
    owner = start(body, server.port)
    assert (
        owner.heard()
        == f"<Ward: job 1 on 127.0.0.1:{server.port}, released> <Ward: job 2 on 127.0.0.1:{server.port}, kept>"
    )
    assert owner.errors() == ""
    assert server.wait_for("destroy_job").args == [2]
    until(lambda: not owner.guardians())
    assert 1 in live(server)
    assert 2 not in live(server)


def test_a_job_kept_twice_is_kept_until_both_let_go(server, start):
    body = """
    one, other = keep(1, keepalive=0.6), keep(1, keepalive=0.6)
    one.release()
    await_news(other)
    await_news(other, since=time.time())
    say("kept")
    wait()
    """
    assert start(body, server.port).heard() == "kept"


def test_a_job_without_keepalive_is_not_kept_but_ends_with_its_owner(server, start):
    body = "keep(1, keepalive=None, timeout=None); wait()"
    owner = start(body, server.port)
    until(server.open_connections)
    time.sleep(0.3)
    owner.process.kill()
    assert server.wait_for("destroy_job").args == [1]
    assert server.commands().count("job_keepalive") == 0


def test_a_job_that_needs_nothing_costs_no_connection(server, start):
    before = len(server.connections)
    body = "keep(1, keepalive=None, destroy_at_exit=False); say('there'); wait()"
    owner = start(body, server.port)
    assert owner.heard() == "there"
    time.sleep(0.5)
    assert len(server.connections) == before


def test_the_next_job_is_kept_by_the_same_process(server, start):
    body = """
    ward = keep(1)
    await_news(ward)
    ward.release()
    say("released")
    wait()
    ward = keep(2)
    await_news(ward)
    say("kept")
    wait()
    """
    owner = start(body, server.port)
    assert owner.heard() == "released"
    guardian = owner.guardian()
    until(lambda: not server.open_connections())
    owner.go_on()
    assert owner.heard() == "kept"
    assert owner.guardians() == [guardian]


def test_it_is_small_and_sleeps(server, start):
    body = "wards = [keep(job) for job in range(1, 21)]; await_news(*wards); say('kept'); wait()"
    owner = start(body, server.port)
    assert owner.heard() == "kept"
    guardian = owner.guardian()
    assert guardian.memory_info().rss < 16 << 20
    before = sum(guardian.cpu_times()[:2])
    switches = guardian.num_ctx_switches().voluntary
    time.sleep(2)
    assert sum(guardian.cpu_times()[:2]) - before <= 0.02
    assert guardian.num_ctx_switches().voluntary - switches <= 3
    assert guardian.status() == psutil.STATUS_SLEEPING
