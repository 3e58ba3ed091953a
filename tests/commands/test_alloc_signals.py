"""``spalloc`` and the signals that end programs: boards come back, in one line, with the exit code people expect."""

import signal
import time

import pytest

ENDING = [(signal.SIGTERM, 143), (signal.SIGHUP, 129)]


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 4), *ENDING])
def test_while_queued_the_job_is_destroyed(rack, number, code):
    holder = rack.make(24)
    process = rack.begin("spalloc", "3")
    line = process.stderr.readline()
    assert "queued" in line
    process.send_signal(number)
    assert process.wait(60) == code
    said = process.stderr.read().splitlines()
    name = "Ctrl-C" if number == signal.SIGINT else number.name
    assert said[-1] == f"spalloc: ended by {name}; job {holder + 1} is destroyed"
    assert [job.id for job in rack.jobs()] == [holder]
    assert rack.reason(holder + 1).endswith(f"ended by {name}")


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 4), *ENDING])
def test_while_queued_a_job_to_keep_is_kept(rack, number, code):
    holder = rack.make(24)
    process = rack.begin("spalloc", "3", "--no-destroy")
    assert "queued" in process.stderr.readline()
    process.send_signal(number)
    assert process.wait(60) == code
    assert process.stderr.read().endswith(f"job {holder + 1} goes on; spalloc --resume {holder + 1} takes it over\n")
    assert [job.id for job in rack.jobs()] == [holder, holder + 1]


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 0), *ENDING])
def test_at_the_prompt_the_job_is_destroyed(rack, number, code):
    process = rack.begin("spalloc", "3")
    while "Running on" not in process.stdout.readline():
        pass
    time.sleep(0.5)  # until it waits for Enter
    process.send_signal(number)
    assert process.wait(60) == code
    assert "Traceback" not in process.stderr.read()
    assert rack.jobs() == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_the_wrapped_command_gets_the_signal_first_and_its_exit_code_wins(rack, number):
    """It takes its time to end, and keeps the boards meanwhile."""
    name = number.name.removeprefix("SIG")
    script = f"trap 'echo got; spalloc-ps | tail -1 | cut -f1; exit 42' {name}; echo up; while :; do sleep 0.1; done"
    process = rack.begin("spalloc", "-q", "3", "-c", script)
    assert process.stdout.readline() == "up\n"
    process.send_signal(number)
    assert process.stdout.readline() == "got\n"
    assert process.stdout.readline().strip().isdigit()
    assert process.wait(60) == 42
    assert rack.jobs() == []


def test_a_command_that_ignores_a_signal_goes_on(rack):
    process = rack.begin("spalloc", "-q", "-c", "trap '' TERM; echo up; read line; exit 5")
    assert process.stdout.readline() == "up\n"
    process.send_signal(signal.SIGTERM)
    time.sleep(0.5)
    assert len(rack.jobs()) == 1
    process.stdin.write("\n")
    process.stdin.close()
    assert process.wait(60) == 5


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_command_that_a_signal_kills_ends_as_shells_say_it(rack, number):
    process = rack.begin("spalloc", "-q", "-c", "sh", "-c", "echo up; exec sleep 60")
    assert process.stdout.readline() == "up\n"
    process.send_signal(number)
    assert process.wait(60) == 128 + number
    assert rack.jobs() == []


def test_ctrl_c_in_a_terminal_reaches_the_command_once(rack):
    """The terminal sends it to both; the second one would make many programs give up at once."""
    script = "import time, signal, sys\ncame = []\nsignal.signal(signal.SIGINT, lambda *_: came.append(1))\n"
    script += "print('up', flush=True)\nend = time.time() + 60\n"
    script += "while not came and time.time() < end: time.sleep(0.02)\n"
    script += "time.sleep(1)\nprint('came', len(came), flush=True)\nsys.exit(9)\n"
    (rack.shell.directory / "count.py").write_text(script)
    terminal = rack.terminal("spalloc", "3", "-c", "python", "count.py")
    terminal.wait_for("up")
    terminal.send("\x03")
    terminal.wait_for("came 1")
    assert terminal.end() == 9
    assert rack.jobs() == []


def test_ctrl_c_in_a_terminal_while_queued(rack):
    rack.make(24)
    terminal = rack.terminal("spalloc", "3")
    terminal.wait_for("queued, number 1, wants 3 boards, 0 of 24 free on sandbox")
    terminal.send("\x03")
    assert terminal.end() == 4
    assert terminal.text.splitlines()[-1].startswith("spalloc: ended by Ctrl-C; job ")
    assert "Traceback" not in terminal.text
    assert len(rack.jobs()) == 1


@pytest.mark.parametrize("words", [("3",), ("24", "-c", "sleep 60"), ("3", "-c", "trap '' HUP; sleep 1")])
def test_a_closed_terminal_gives_the_boards_back(rack, words):
    terminal = rack.terminal("spalloc", *words)
    terminal.wait_for(": ready")
    terminal.hang_up()
    rack.until_no_jobs()


def test_a_closed_terminal_ends_a_command_that_runs(rack):
    """The terminal tells only the first of its programs, which is spalloc here."""
    terminal = rack.terminal("spalloc", "-q", "3", "-c", "echo up; sleep 120; echo never")
    terminal.wait_for("up")
    terminal.hang_up()
    rack.until_no_jobs()


def test_what_nohup_ignores_stays_ignored(rack):
    process = rack.begin("sh", "-c", "trap '' HUP; exec spalloc -q 3 -c 'echo up; read line'")
    assert process.stdout.readline() == "up\n"
    process.send_signal(signal.SIGHUP)
    time.sleep(0.5)
    assert process.poll() is None
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 128 + signal.SIGTERM


def test_a_killed_client_leaves_no_job(rack, tmp_path):
    process = rack.begin("spalloc", "3", TMPDIR=str(tmp_path))  # what it cannot remove any more
    while "Running on" not in process.stdout.readline():
        pass
    process.kill()
    rack.until_no_jobs()


@pytest.mark.parametrize("delay", [0.0, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4])
def test_ctrl_c_at_any_moment_leaves_no_job_and_no_traceback(rack, delay):
    # Not measured: coverage, which starts before the command does, would hang of Ctrl-C in a lock of its own.
    process = rack.begin("spalloc", "3", "-c", "sleep 60", COVERAGE_PROCESS_CONFIG="")
    time.sleep(delay)
    process.send_signal(signal.SIGINT)
    process.wait(60)
    said = process.stderr.read()
    # While Python itself starts, nobody can keep it from its traceback.
    assert "Traceback" not in said or "main(" not in said
    rack.until_no_jobs()
