"""Jobs and kernels: a job lives as long as its kernel, whatever the kernel does, and not a moment longer.

Each test asks the server. Boards are freed within 0.2 s of a kill, and within a second of a shutdown or restart, on a
computer that does nothing else.
"""

import time

from owners import until

FREED = 10.0  # seconds; a job whose owner died unseen would live for 60
HOLD_THE_INTERPRETER = "import ctypes; ctypes.PyDLL(None).sleep({})"


def test_a_job_lives_through_everything_but_the_death_of_its_kernel(kernel, jobs):
    """A call into C that holds the interpreter, an Interrupt of a cell and one of nothing; a kill ends it."""
    kernel.run("%spalloc 3 --keepalive 3")
    kernel.run(HOLD_THE_INTERPRETER.format(7))
    assert jobs() == [1]
    sleeping = kernel.begin("print('sleeps', flush=True); import time; time.sleep(60)")
    time.sleep(1.0)
    kernel.interrupt()
    assert "KeyboardInterrupt" in kernel.end(sleeping).error
    kernel.interrupt()
    time.sleep(4.0)
    assert jobs() == [1]
    assert kernel.value("job.state.name") == "ready"
    kernel.kill()
    until(lambda: jobs() == [], FREED)


def test_a_kernel_that_is_killed_while_it_computes_frees_its_boards(kernel, jobs):
    """Nothing in the kernel runs then."""
    kernel.run("%spalloc 3")
    kernel.begin(HOLD_THE_INTERPRETER.format(60))
    time.sleep(0.5)
    assert jobs() == [1]
    kernel.kill()
    until(lambda: jobs() == [], FREED)


def test_restart_and_shutdown_free_the_boards(kernel, jobs):
    """Of a kernel that is idle, and of one in the middle of a cell; a job to stay stays."""
    kernel.run("%spalloc 3")
    kernel.run("%spalloc 1 -o stays --no-destroy")
    kernel.begin("import time; time.sleep(60)")
    time.sleep(0.5)
    kernel.restart()
    until(lambda: jobs() == [2], FREED)
    kernel.run("%load_ext spalloc_jupyter")
    kernel.run("%spalloc --resume 2")
    kernel.run("%spalloc 3 -o other")
    assert jobs() == [2, 3]
    kernel.shutdown()
    until(lambda: jobs() == [], FREED)


def test_interrupt_ends_a_wait(kernel, jobs):
    """The queue is left at once, in one line; so does a cell that awaits its boards."""
    kernel.run("%spalloc 24 -o all")
    waiting = kernel.begin("%spalloc 3")
    until(lambda: jobs() == [1, 2])
    time.sleep(1.0)
    kernel.interrupt()
    ended = kernel.end(waiting)
    assert ended.reply["ename"] == "Interrupted"
    assert len(ended.error.splitlines()) == 1
    assert "job 2 was destroyed." in ended.error
    assert jobs() == [1]
    awaiting = kernel.begin("from spalloc_client import Job\nasync with Job(3) as mine:\n    pass")
    until(lambda: jobs() == [1, 3])
    time.sleep(1.0)
    kernel.interrupt()
    assert kernel.end(awaiting).reply["status"] == "error"
    until(lambda: jobs() == [1], FREED)
    kernel.run("all.destroy()")
    kernel.run("mine = await Job(3)\nassert mine.hostname\nmine.destroy()")
