"""``%spalloc``: asked for, reused, replaced, waited for."""

import logging
import os
import signal
import threading

from owners import until

from spalloc_client import Job, JobDestroyedError, JobState

ONE = "<Job 1: 3 boards on sandbox>"


def test_the_job_is_bound_returned_and_ready(notebook, ask):
    """``%spalloc 3`` waits until the boards are on, binds ``job`` and returns it."""
    ran = notebook.run("%spalloc 3")
    assert isinstance(ran.value, Job)
    assert notebook["job"] is ran.value
    assert ask("get_job_state", ran.value.id)["state"] == JobState.ready
    assert "Host name: 127." in ran.out
    assert f"Out[1]: {ONE}" in ran.out


def test_the_names_work_in_the_next_cell(notebook):
    """``job.hostname``, ``job.width`` and ``job.height`` are there."""
    notebook.run("%spalloc 3")
    assert notebook.run("(job.hostname[:4], job.width, job.height)").value == ("127.", 16, 16)


def test_it_can_be_assigned(notebook):
    """``mine = %spalloc 3 -o also`` binds both names."""
    notebook.run("mine = %spalloc 3 -o also")
    assert notebook["mine"] is notebook["also"]
    assert "job" not in notebook


def test_what_is_asked_for_goes_to_the_server(notebook, ask):
    """Forms and options are those of the shell."""
    notebook.run("%spalloc 2 1 --max-dead-boards -1 --keepalive 30 --owner somebody -o a")
    notebook.run("%spalloc 3 1 0 --machine sandbox -o b")
    first, second = ask("list_jobs")
    assert (first["args"], first["owner"], first["keepalive"]) == ([2, 1], "somebody", 30.0)
    assert first["kwargs"].get("max_dead_boards") is None
    assert second["kwargs"]["max_dead_boards"] == 0
    assert (second["args"], second["kwargs"]["machine"]) == ([3, 1, 0], "sandbox")


def test_the_same_request_gives_the_same_job_and_says_so(notebook, jobs):
    """Running the cell again asks for nothing new."""
    first = notebook.run("%spalloc 3").value
    again = notebook.run("%spalloc 3")
    assert again.value is first
    assert "Job 1 lives and is what you ask for" in again.out
    assert jobs() == [1]


def test_the_name_is_bound_again_with_the_same_job(notebook):
    """A name that was overwritten comes back."""
    notebook.run("%spalloc 3")
    notebook.run("job = None")
    notebook.run("%spalloc 3")
    assert notebook["job"].id == 1


def test_new_asks_anew(notebook, jobs):
    """``--new`` is for those who do not want the old one."""
    notebook.run("%spalloc 3")
    assert notebook.run("%spalloc 3 --new").value.id == 2
    assert jobs() == [2]


def test_another_request_lets_the_old_one_go_first(notebook, jobs):
    """All 24 boards can be asked for although three were held: they are given back before."""
    notebook.run("%spalloc 3")
    ran = notebook.run("%spalloc 24")
    assert "Job 1 was destroyed" in ran.out
    assert jobs() == [2]


def test_another_name_leaves_the_first_job_alone(notebook, jobs):
    """Two names, two jobs."""
    notebook.run("%spalloc 3")
    notebook.run("%spalloc 3 -o other")
    assert jobs() == [1, 2]


def test_a_job_that_has_ended_is_not_used_again(notebook, ask):
    """Whoever destroyed it."""
    notebook.run("%spalloc 3")
    ask("destroy_job", 1, "by somebody else")
    assert notebook.run("%spalloc 3").value.id == 2
    notebook.run("job.destroy()")
    assert notebook.run("%spalloc 3").value.id == 3
    notebook.run("job.close()")
    assert notebook.run("%spalloc 3").value.id == 4


def test_a_request_that_cannot_be_understood_leaves_the_job_alone(notebook, jobs):
    """The old one goes only for a request that can be made."""
    notebook.run("%spalloc 3")
    assert notebook.attempt("%spalloc 0").error is not None
    assert jobs() == [1]


def test_no_wait_returns_at_once(notebook, ask):
    """``--no-wait`` hands over a job that is still queued; asked for again, it is waited for."""
    notebook.run("%spalloc 24 -o all")
    waiting = notebook.run("%spalloc 1 --no-wait").value
    assert ask("get_job_state", waiting.id)["state"] == JobState.queued
    notebook.run("all.destroy()")
    assert notebook.run("%spalloc 1").value is waiting
    assert ask("get_job_state", waiting.id)["state"] == JobState.ready


def test_the_queue_is_told_in_a_terminal(notebook):
    """While it waits, the place in the queue and the free boards are said."""
    notebook.run("%spalloc 24 -o all")
    threading.Timer(1.5, notebook["all"].destroy).start()
    out = notebook.run("%spalloc 3").out
    assert "Job 2: queued, 1st in the queue, 3 boards wanted, 0 free on sandbox" in out


def test_interrupt_destroys_the_job_and_says_so(notebook, jobs):
    """One line, an error, and nothing left on the server."""
    notebook.run("%spalloc 24 -o all")
    threading.Thread(target=interrupt_when, args=(lambda: jobs() == [1, 2] and "job" in notebook,)).start()
    ran = notebook.attempt("%spalloc 3")
    assert isinstance(ran.error, KeyboardInterrupt)
    assert ran.told.splitlines()[-1] == "Interrupted: job 2 was destroyed."
    assert "Traceback" not in ran.told
    assert jobs() == [1]


def test_interrupt_leaves_a_job_that_is_to_stay(notebook, jobs):
    """With ``--no-destroy`` it is left, and how to take it over is said; ``--resume`` does."""
    notebook.run("%spalloc 24 -o all")
    threading.Thread(target=interrupt_when, args=(lambda: jobs() == [1, 2] and "job" in notebook,)).start()
    ran = notebook.attempt("%spalloc 3 --no-destroy")
    assert "--resume 2 takes it over" in ran.told
    assert jobs() == [1, 2]
    notebook.run("all.destroy()")
    assert notebook.run("%spalloc --resume 2").value.id == 2
    assert notebook["job"].hostname.startswith("127.")


def interrupt_when(condition):
    until(condition)
    os.kill(os.getpid(), signal.SIGINT)


def test_a_job_to_stay_is_not_destroyed_when_another_takes_its_place(notebook, jobs):
    """It is left to itself."""
    notebook.run("%spalloc 3 --no-destroy")
    notebook.run("%spalloc 6")
    assert jobs() == [1, 2]
    notebook.run("%spalloc_job 1 --destroy")


def test_a_server_that_went_away_ends_no_job(notebook, sandbox, jobs):
    """As long as it cannot be reached, nothing is known of a job's end; when it is back, the job is there."""
    notebook.run("%spalloc 3 --timeout 1 --reconnect-delay 0.1")
    sandbox.pause()
    threading.Timer(3.0, sandbox.resume).start()
    assert notebook.run("%spalloc 3 --timeout 1 --reconnect-delay 0.1").value.id == 1
    assert jobs() == [1]


def test_debug_tells_what_happens_behind_the_scenes(notebook, sandbox):
    """Here: a connection that was lost and made again while boards were waited for; the log is as before afterwards."""
    notebook.run("%spalloc 24 -o all")

    def restart():
        sandbox.restart()
        notebook["all"].destroy()

    restarting = threading.Timer(1.0, restart)
    restarting.start()
    ran = notebook.run("%spalloc 3 --debug --reconnect-delay 0.1")
    restarting.join()
    assert "spalloc: " in ran.err
    assert logging.getLogger("spalloc_client").handlers == []
    assert logging.getLogger("spalloc_client").propagate


def test_an_impossible_request_is_told_in_one_line(notebook):
    """The server's reason, without a traceback, and as the exception that it is."""
    ran = notebook.attempt("%spalloc 1000")
    assert isinstance(ran.error, JobDestroyedError)
    assert ran.told == "JobDestroyedError: Cancelled: No suitable machines available."


def test_errors_can_be_caught(notebook):
    """They are what they are for ``except``."""
    notebook.run(
        "from spalloc_client import JobDestroyedError\n"
        "try:\n    %spalloc 1000\nexcept JobDestroyedError as error:\n    caught = str(error)"
    )
    assert notebook["caught"].startswith("Cancelled")


def test_await_and_async_with_work_in_a_cell(notebook, jobs):
    """``await`` gives a ready job, ``async with`` one for a block."""
    notebook.run("from spalloc_client import Job, JobState\none = await Job(3)\nassert one.state is JobState.ready")
    notebook.run("async with Job(1) as two:\n    inside = two.state")
    assert notebook["inside"] is JobState.ready
    assert jobs() == [1]
    notebook.run("one.destroy()")
