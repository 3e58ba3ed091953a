"""The commands where less is there than usual: no standard input, no terminal's width, another operating system."""

import signal
import sys
import time

import pytest

# As on macOS, whose Python has no such function.
WITHOUT_SIGTIMEDWAIT = (
    "import signal, sys; del signal.sigtimedwait\nfrom spalloc_client.scripts.alloc import main\nsys.exit(main())\n"
)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_command_gets_signals_where_the_system_does_not_tell_who_sent_them(rack, number):
    script = f"trap 'echo got; exit 42' {number.name.removeprefix('SIG')}; echo up; while :; do sleep 0.1; done"
    process = rack.begin(sys.executable, "-c", WITHOUT_SIGTIMEDWAIT, "-q", "3", "-c", script)
    assert process.stdout.readline() == "up\n"
    process.send_signal(number)
    assert process.stdout.readline() == "got\n"
    assert process.wait(60) == 42
    assert rack.jobs() == []


def test_ctrl_c_in_a_terminal_reaches_the_command_once_there_as_well(rack):
    """Any other signal is passed on."""
    (rack.shell.directory / "count.py").write_text(
        "import signal, sys, time\ncame = []\n"
        "for number in (signal.SIGINT, signal.SIGTERM): signal.signal(number, lambda number, _: came.append(number))\n"
        "print('up', flush=True)\n"
        "while signal.SIGTERM not in came: time.sleep(0.02)\n"
        "print('came', *map(int, came), flush=True)\nsys.exit(9)\n"
    )
    terminal = rack.terminal(sys.executable, "-c", WITHOUT_SIGTIMEDWAIT, "3", "-c", "python", "count.py")
    terminal.wait_for("up")
    terminal.send("\x03")
    time.sleep(1)  # in which a second one would come
    terminal.child.kill(signal.SIGTERM)
    terminal.wait_for("came 2 15")
    assert terminal.end() == 9
    assert rack.jobs() == []


def test_in_a_terminal_another_programs_signal_is_passed_on(rack):
    terminal = rack.terminal("spalloc", "-q", "3", "-c", "trap 'exit 42' TERM; echo up; while :; do sleep 0.1; done")
    terminal.wait_for("up")
    terminal.child.kill(signal.SIGTERM)
    assert terminal.end() == 42
    assert rack.jobs() == []


def test_without_a_standard_input_boards_come_back_at_once(rack):
    done = rack.run("sh", "-c", "exec spalloc 3 <&-")
    assert done.returncode == 0
    assert "Running on: sandbox" in done.stdout
    assert rack.jobs() == []


def test_a_program_may_run_a_command_with_streams_of_its_own(rack):
    """Strings can be neither waited for nor told how to write what a terminal cannot show."""
    (rack.shell.directory / "embed.py").write_text(
        "import contextlib, io, sys\n"
        "from spalloc_client.scripts.alloc import main\n"
        "sys.stdin = io.StringIO('\\n')\n"
        "with contextlib.redirect_stdout(io.StringIO()) as told:\n"
        "    code = main(['1'])\n"
        "print(code, *told.getvalue().splitlines()[-1:], sep='; ')\n"
    )
    done = rack.run(sys.executable, "embed.py")
    assert done.stdout == "0; Running on: sandbox\n", done.stderr
    assert rack.jobs() == []


def ended_by_a_signal(shell, body: str, **streams):
    """Run a function as the commands are run."""
    (shell.directory / "program.py").write_text(
        "import signal, sys\n"
        "from spalloc_client.scripts.signals import check_interrupted, interruptible\n"
        f"def main():\n{body}    return 0\n"
        "sys.exit(interruptible('spalloc-ps', main))\n"
    )
    return shell.run(sys.executable, "program.py", **streams)


def test_a_signal_is_not_lost_in_a_destructor(shell):
    """Python drops what is raised there; all but our own it goes on to tell."""
    done = ended_by_a_signal(
        shell,
        "    class Dying:\n"
        "        def __init__(self, last): self.last = last\n"
        "        def __del__(self): self.last()\n"
        "    Dying(lambda: 1 / 0)\n"
        "    Dying(lambda: signal.raise_signal(signal.SIGTERM))\n"
        "    print('goes on', flush=True)\n"
        "    check_interrupted()\n",
    )
    assert (done.returncode, done.stdout) == (143, "goes on\n")
    assert "ZeroDivisionError" in done.stderr
    assert "Interrupted" not in done.stderr
    assert done.stderr.endswith("spalloc-ps: ended by SIGTERM\n")


def test_a_signal_is_told_though_nothing_more_can_be_written(shell):
    with open("/dev/full", "w") as full:  # noqa: PTH123 - a device
        done = ended_by_a_signal(
            shell, "    print('lost')\n    signal.raise_signal(signal.SIGHUP)\n", stdout=full, PYTHONUNBUFFERED=""
        )
    assert (done.returncode, done.stderr) == (129, "spalloc-ps: ended by SIGHUP\n")
