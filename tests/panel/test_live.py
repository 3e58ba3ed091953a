"""One connection and one thread a server, however many follow it."""

import threading
import time

from spalloc_client.server import Server
from spalloc_jupyter.live import CALM, watch


def server_of(sandbox):
    return Server(sandbox.hostname, sandbox.port, timeout=5.0, reconnect_delay=0.2)


def test_everybody_follows_the_same(sandbox, make_job, wait_until):
    """Two followers share one view, which knows of a new job at once, and stops when both have left."""
    one, other = watch(server_of(sandbox)), watch(server_of(sandbox))
    assert one is other
    wait_until(lambda: one.heard_at)
    job = make_job(3)
    wait_until(lambda: [record.id for record in one.jobs] == [job.id])
    assert [machine.name for machine in one.machines] == [sandbox.machine_name]
    one.leave()
    assert other.followed
    other.leave()
    assert not other.followed
    wait_until(lambda: not any("spalloc live" in thread.name for thread in threading.enumerate()), "its thread's end")
    again = watch(server_of(sandbox))
    assert again is not one
    again.leave()


def test_many_changes_are_told_in_few_readings(sandbox, make_job, wait_until):
    """However fast the server changes, there are at most four readings a second."""
    live = watch(server_of(sandbox))
    wait_until(lambda: live.heard_at)
    told = []
    live.observe(told.append, "jobs")
    before, began = live.reading, time.monotonic()
    for _ in range(20):
        make_job(1).destroy()
    last = make_job(1)
    wait_until(lambda: [job.id for job in live.jobs] == [last.id])
    assert live.reading - before <= (time.monotonic() - began) / CALM + 2
    seen = len(told)
    live.server.jobs()
    assert len(told) == seen, "what did not change is not told"
    live.leave()


def test_a_server_that_is_gone_is_trouble_and_comes_back(sandbox, make_job, wait_until):
    """Its facts stay as they were, and go on when it is back."""
    job = make_job(1)
    live = watch(server_of(sandbox))
    wait_until(lambda: live.jobs)
    sandbox.kill()
    assert wait_until(lambda: live.trouble)
    assert [record.id for record in live.jobs] == [job.id]
    sandbox.restart()
    wait_until(lambda: not live.trouble)
    live.leave()


def test_nobodys_job_is_kept_alive_by_following(sandbox, wait_until):
    """A job whose owner is gone ends, although it is watched."""
    live = watch(server_of(sandbox))
    with_owner = Server(sandbox.hostname, sandbox.port, timeout=5.0, reconnect_delay=1.0)
    with_owner.connect()
    with_owner._ask("create_job", 1, owner="gone", keepalive=1.0)
    wait_until(lambda: live.jobs)
    wait_until(lambda: not live.jobs, "its end")
    with_owner.close()
    live.leave()


def test_one_follower_that_fails_stops_nobody(sandbox, make_job, wait_until, caplog):
    """The other is told all the same."""

    def fail(_):
        raise RuntimeError("mine")

    live = watch(server_of(sandbox))
    live.observe(fail, "jobs")
    make_job(1)
    wait_until(lambda: live.jobs and live.heard_at)
    wait_until(lambda: "could not take in jobs" in caplog.text)
    live.leave()
