"""A forked child may do with its parent's jobs what it likes: the parent keeps them, and they end with the parent."""

import time

import pytest
from owners import create_jobs, guardians_of, live, until

FORK = """
def fork(child):
    pid = os.fork()
    if pid == 0:
        child()
        os._exit(0)
    return pid
"""


@pytest.mark.parametrize("end", ["os.kill(os.getpid(), signal.SIGKILL)", "os._exit(0)", "pass"])
def test_boards_are_free_though_a_forked_child_lives(sandbox, start, end):
    """On a real server; with the child holding all that it inherited."""
    [job] = create_jobs(sandbox, 1)
    body = f"""
    ward = keep({job})
    await_news(ward)
    child = fork(lambda: time.sleep(20))
    say(child)
    wait()
    {end}
    """
    owner = start(FORK, sandbox.port, then=body)
    owner.heard()
    owner.go_on()
    began = time.monotonic()
    until(lambda: live(sandbox) == [])
    assert time.monotonic() - began < 5
    until(lambda: not owner.guardians())


def test_the_end_of_a_child_is_nothing_to_its_parent(server, start):
    body = """
    one, two = keep(1, 0.6), keep(2, 0.6)
    await_news(one, two)
    ends = [
        lambda: os._exit(0),
        lambda: os.kill(os.getpid(), signal.SIGKILL),
        lambda: (one.release(), two.destroy(), sys.exit(0)),
        lambda: os.execv(sys.executable, [sys.executable, "-c", ""]),
    ]
    for end in ends:
        os.waitpid(fork(end), 0)
    await_news(one, two, since=time.time())
    say(one.kept, two.kept)
    wait()
    """
    owner = start(FORK, server.port, then=body)
    assert owner.heard() == "True True"
    assert {1, 2} <= set(live(server))
    assert len(owner.guardians()) == 1


def test_a_child_keeps_its_own_jobs_by_a_guardian_of_its_own(server, start):
    body = """
    await_news(keep(1, 0.6))
    def child():
        await_news(keep(2, 0.6))
        say(os.getpid())
        wait()
    os.waitpid(fork(child), 0)
    say("child has ended")
    wait()
    """
    owner = start(FORK, server.port, then=body)
    child = int(owner.heard())
    assert len(guardians_of(child)) == len(owner.guardians()) == 1
    assert guardians_of(child) != owner.guardians()
    owner.go_on()
    assert owner.heard() == "child has ended"
    until(lambda: 2 not in live(server))
    assert 1 in live(server)
    until(lambda: not guardians_of(child))


def test_a_fork_while_other_threads_keep_and_release(server, start):
    """No child inherits a lock that nobody will ever release."""
    body = """
    import threading
    done = threading.Event()
    def work(job):
        while not done.is_set():
            keep(job, 0.9).release()
    threads = [threading.Thread(target=work, args=[job]) for job in (1, 2, 3)]
    for thread in threads: thread.start()
    children = []
    for _ in range(40):
        children.append(fork(lambda: keep(4, 0.9, destroy_at_exit=False).release()))
    for child in children:
        os.waitpid(child, 0)
    done.set()
    for thread in threads: thread.join()
    await_news(keep(5, 0.9))
    say("kept")
    wait()
    """
    # Not measured: the lock of coverage's own is what a child may inherit for ever.
    owner = start(FORK, server.port, then=body, environ={"COVERAGE_PROCESS_CONFIG": ""})
    assert owner.heard(60) == "kept"
    assert len(owner.guardians()) == 1


def test_a_pool_of_processes(server, start):
    body = """
    import multiprocessing
    ward = keep(1, 0.6)
    await_news(ward)
    pool = multiprocessing.get_context("fork").Pool(2)
    say(sum(pool.map(abs, range(-10, 0))))
    pool.close()
    pool.join()
    await_news(ward, since=time.time())
    say("kept")
    wait()
    """
    owner = start(FORK, server.port, then=body)
    assert owner.heard() == "55"
    assert owner.heard() == "kept"


def test_waiting_for_all_children_does_not_wait_for_the_guardian(server, start):
    body = """
    await_news(keep(1, 0.6))
    fork(lambda: None)
    try:
        while True:
            os.wait()
    except ChildProcessError:
        say("none left")
    wait()
    """
    assert start(FORK, server.port, then=body).heard() == "none left"


def test_a_program_that_reaps_whatever_ends(server, start):
    """It may get the process that starts the guardian, before those do who have started it."""
    body = """
    import warnings
    def reap(*_):
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            pass
    signal.signal(signal.SIGCHLD, reap)
    await_news(keep(1, 0.6))
    say("kept")
    wait()
    """
    owner = start(body, server.port)
    assert owner.heard() == "kept"
    owner.guardian().kill()
    server.wait_for("job_keepalive", server.commands().count("job_keepalive") + 3)
