"""``%spalloc -c``, ``--boot`` and ``%%spalloc``."""

import os
import signal
import subprocess
import sys
import threading
import time

import psutil
from owners import until

from spalloc_client import JobState


def test_a_command_has_its_tokens_and_its_output_in_the_cell(notebook, jobs):
    """Boards that were asked for to run a command are given back when it ends."""
    notebook.run("name = 'world'")
    ran = notebook.run('%spalloc 3 -c "echo {} {w} {height} {id} {name} $name; cat {ethernet_ips} >&2"')
    assert "16 16 1 world world\nx,y,hostname\n0,0,127." in ran.out
    assert jobs() == []


def test_words_behind_c_are_passed_as_they_are(notebook):
    """Without a shell."""
    program = "import sys; print(sys.argv[1:])"
    notebook.run(f"python, program = {sys.executable!r}, {program!r}")
    assert (
        "['16', 'a b', '$(echo no)']" in notebook.run("%spalloc 3 -c $python -c {program} {w} 'a b' '$(echo no)'").out
    )


def test_the_exit_code_is_an_error(notebook, jobs):
    """In one line."""
    ran = notebook.attempt('%spalloc 3 -c "echo before; exit 3"')
    assert isinstance(ran.error, subprocess.CalledProcessError)
    assert ran.error.returncode == 3
    assert "before\n" in ran.out
    assert "returned non-zero exit status 3" in ran.told.splitlines()[-1]
    assert jobs() == []


def test_a_command_that_cannot_be_started_is_told_in_one_line(notebook):
    """By name."""
    told = notebook.attempt("%spalloc 3 -c no-such-command a").told
    assert told.splitlines()[-1] == "WrappingError: 'no-such-command' cannot be started: no such file or directory"


def test_a_job_that_was_there_before_outlives_the_command(notebook, jobs):
    """What a line did not ask for it does not end, whatever the command does."""
    notebook.run("%spalloc 3")
    assert "hello 1" in notebook.run('%spalloc 3 -c "echo hello {id}"').out
    assert notebook.attempt('%spalloc 3 -c "exit 1"').error is not None
    assert jobs() == [1]


def test_output_comes_as_it_is_written(notebook, tmp_path):
    """Not only at the end: the command writes, then waits for what the test does when it has seen that."""
    seen = threading.Event()
    go_on = tmp_path / "go-on"

    class Screen:
        def write(self, text):
            if "now" in text:
                seen.set()

        def flush(self):
            pass

    def look():
        if seen.wait(30):
            go_on.touch()

    thread = threading.Thread(target=look)
    thread.start()
    before, sys.stdout = sys.stdout, Screen()
    try:
        notebook.shell.run_cell(f"%spalloc 1 -c \"echo now; while [ ! -e '{go_on}' ]; do sleep 0.02; done\"")
    finally:
        sys.stdout = before
        thread.join()
    assert seen.is_set()


def test_letters_that_are_cut_in_half_come_whole(notebook):
    """UTF-8 is put together again, and what is none is shown as such."""
    ran = notebook.run(r"%spalloc 1 -c 'printf \\303; sleep 0.3; printf \\251; printf \\377'")
    assert "é�" in ran.out


def test_what_a_command_leaves_in_the_background_is_not_waited_for(notebook, tmp_path):
    """Although it holds the command's output open."""
    begun = time.monotonic()
    notebook.run('%spalloc 1 -c "sleep 30 & echo $! > child"')
    assert time.monotonic() - begun < 20
    os.kill(int((tmp_path / "child").read_text()), signal.SIGKILL)


def test_interrupt_ends_the_command_and_the_job(notebook, jobs, tmp_path):
    """With all that the command has started, although it would not be interrupted."""
    threading.Thread(target=interrupt_when_there, args=(tmp_path / "begun",)).start()
    ran = notebook.attempt("%spalloc 1 -c 'trap \"\" INT; sleep 61.5 & touch begun; sleep 61.5'")
    assert ran.told.splitlines()[-1] == "Interrupted: job 1 was destroyed."
    assert jobs() == []
    until(lambda: not [one for one in psutil.process_iter(["cmdline"]) if one.info["cmdline"] == ["sleep", "61.5"]])


def test_interrupt_of_a_command_leaves_a_job_that_was_there_before(notebook, jobs, tmp_path):
    """And says so."""
    notebook.run("%spalloc 1")
    threading.Thread(target=interrupt_when_there, args=(tmp_path / "begun",)).start()
    ran = notebook.attempt("%spalloc 1 -c 'touch begun; exec sleep 60'")
    assert ran.told.splitlines()[-1] == "Interrupted: the command was stopped; job 1 lives on."
    assert jobs() == [1]


def interrupt_when_there(path):
    until(path.exists)
    os.kill(os.getpid(), signal.SIGINT)


def test_boards_are_booted(notebook, jobs):
    """Once they are on, with Rig."""
    ran = notebook.run("%spalloc 3 --boot")
    assert "Booting job 1" in ran.out
    assert jobs() == [1]


def test_without_rig_nothing_is_asked_for(notebook, ask, monkeypatch):
    """What to install is said in one line."""
    monkeypatch.setitem(sys.modules, "rig", None)  # by which Python knows that it cannot be imported
    ran = notebook.attempt("%spalloc 3 --boot")
    assert len(ran.told.splitlines()) == 1
    assert 'pip install "spalloc-jupyter[boot]"' in ran.told
    assert ask("get_job_state", 1)["state"] == JobState.unknown


CELL = "%%spalloc 3\n"


def test_a_cell_has_boards_for_itself(notebook, jobs):
    """``job`` is bound and ready in it, and gone after it."""
    ran = notebook.run(CELL + "state, name = job.state, job.hostname\njob.width")
    assert notebook["state"] is JobState.ready
    assert notebook["name"].startswith("127.")
    assert "Out[1]: 16" in ran.out
    assert jobs() == []
    assert notebook["job"].state is JobState.destroyed


def test_a_cells_error_is_the_lines_error_shown_once(notebook, jobs):
    """With their traceback alone, and the boards are free."""
    ran = notebook.attempt(CELL + "x = 1\nx / 0")
    assert isinstance(ran.error, ZeroDivisionError)
    assert ran.out.count("ZeroDivisionError: division by zero") == 1
    assert "----> 2 x / 0" in ran.out
    assert "run_cell_magic" not in ran.out
    assert jobs() == []


def test_a_clients_error_in_a_cell_is_shown_with_its_lines(notebook):
    """It is not the magic's."""
    ran = notebook.attempt(CELL + "from spalloc_client import Job\nJob(0)")
    assert isinstance(ran.error, ValueError)
    assert "----> 2 Job(0)" in ran.out


def test_a_cell_that_cannot_be_parsed_asks_for_nothing(notebook, ask):
    """Its SyntaxError comes first."""
    assert isinstance(notebook.attempt(CELL + "x = = 1").error, SyntaxError)
    assert ask("get_job_state", 1)["state"] == JobState.unknown


def test_an_interrupted_cell_gives_its_boards_back(notebook, jobs):
    """And shows where it was."""
    ran = notebook.attempt(CELL + "import os, signal, time\nos.kill(os.getpid(), signal.SIGINT)\ntime.sleep(10)")
    assert isinstance(ran.error, KeyboardInterrupt)
    assert "----> 2 os.kill" in ran.out or "----> 3 time.sleep" in ran.out
    assert "Job 1 was destroyed" in ran.out
    assert jobs() == []


def test_a_cell_takes_the_place_of_the_job_of_its_name(notebook, jobs):
    """One name, one job."""
    notebook.run("%spalloc 24")
    notebook.run(CELL + "inside = job.id")
    assert notebook["inside"] == 2
    assert jobs() == []


def test_a_cell_may_name_its_job(notebook, jobs):
    """Then the other one lives on."""
    notebook.run("%spalloc 3")
    notebook.run("%%spalloc 3 -o mine\nboth = job.id, mine.id")
    assert notebook["both"] == (1, 2)
    assert jobs() == [1]


def test_a_cell_may_hold_magics_and_awaits(notebook):
    """As any cell."""
    notebook.run(CELL + "import asyncio\nawait asyncio.sleep(0.01)\nlisted = %spalloc_ps")
    assert [job.id for job in notebook["listed"]] == [1]


def test_custom_exception_handlers_of_the_shell_stay(notebook):
    """They are put back after the cell."""
    handled = []
    notebook.shell.set_custom_exc((KeyError,), lambda *told, tb_offset=None: handled.append((told, tb_offset)))
    notebook.attempt(CELL + "1 / 0")
    notebook.attempt("{}[1]")
    assert len(handled) == 1
