"""``spalloc --boot`` with Rig, against simulated boards that boot as real ones do."""

import subprocess
import sys

from owners import until


def test_boards_are_booted_before_they_are_handed_over(own_rack):
    process = own_rack.begin("spalloc", "3", "--boot")
    while "Running on" not in (line := process.stdout.readline()):
        assert line, process.stderr.read()
    (job,) = own_rack.jobs()
    assert own_rack.sandbox.boards_booted() == frozenset(job.boards)
    process.stdin.close()
    assert process.wait(60) == 0
    assert process.stderr.read().endswith(": booted\n")
    own_rack.until(lambda: own_rack.sandbox.boards_booted() == frozenset())


def test_boards_are_booted_before_a_command_runs(own_rack):
    done = own_rack.run("spalloc", "1", "-B", "-q", "-c", "echo {w}")
    assert (done.stdout, done.stderr, done.returncode) == ("8\n", "", 0)


def test_a_board_that_does_not_boot_is_told(own_rack):
    own_rack.sandbox.fail_boot((0, 0, 1))
    done = own_rack.run("spalloc", "3", "-q", "--boot", "-c", "echo never")
    assert (done.stdout, done.returncode) == ("", 5)
    assert done.stderr.startswith("spalloc: 1 of 3 boards did not boot: 127.")
    assert own_rack.jobs() == []


def test_a_first_board_that_does_not_boot_is_told(own_rack):
    own_rack.sandbox.fail_boot((0, 0, 0))
    done = own_rack.run("spalloc", "3", "-q", "--boot", "-c", "echo never")
    assert (done.stdout, done.returncode) == ("", 5)
    assert "did not boot" in done.stderr


def test_without_rig_nothing_is_asked_for(own_rack):
    """It is hidden from the command, as where the extra is not installed."""
    (own_rack.shell.directory / "hide.py").write_text(
        "import sys, importlib.util as util\nfound = util.find_spec\n"
        "util.find_spec = lambda name, *rest: None if name == 'rig' else found(name, *rest)\n"
        "from spalloc_client.scripts.alloc import main\nsys.exit(main(['3', '--boot']))\n"
    )
    done = own_rack.run(sys.executable, "hide.py")
    assert done.returncode == 2
    assert done.stderr == (
        'spalloc: booting needs Rig, which is not installed here: pip install "spalloc-jupyter[boot]"\n'
    )
    assert own_rack.jobs() == []


def test_the_stand_ins_are_gone_after_the_import():
    program = (
        "import inspect, sys, collections\n"
        "before = hasattr(inspect, 'getargspec'), sys.modules.get('pkg_resources'), hasattr(collections, 'Iterable')\n"
        "from spalloc_client.boot import BootError, boot\n"
        "try: boot({})\nexcept BootError as error: print(error)\n"
        "after = hasattr(inspect, 'getargspec'), sys.modules.get('pkg_resources'), hasattr(collections, 'Iterable')\n"
        "assert before == after, (before, after)\n"
        "import rig.machine_control.machine_controller as controller\n"
        "assert issubclass(list, controller.collections.Iterable)\n"
    )
    done = subprocess.run([sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, check=False)
    assert (done.stdout, done.returncode) == ("there is no Ethernet chip at (0, 0) to boot from\n", 0), done.stderr


def test_whatever_others_have_put_in_their_place_is_left_alone():
    """Also when boards are booted once more."""
    program = (
        "import inspect, sys, types\n"
        "sys.modules['pkg_resources'] = theirs = types.ModuleType('pkg_resources')\n"
        "inspect.getargspec = ours = lambda function: inspect.getfullargspec(function)[:4]\n"
        "from spalloc_client.boot import BootError, boot\n"
        "for _ in range(2):\n"
        "    try: boot({})\n    except BootError as error: print(error)\n"
        "assert inspect.getargspec is ours and sys.modules['pkg_resources'] is theirs\n"
    )
    done = subprocess.run([sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, check=False)
    assert done.stdout == "there is no Ethernet chip at (0, 0) to boot from\n" * 2, done.stderr


def test_a_rig_that_does_not_load_is_told(own_rack):
    (own_rack.shell.directory / "rig").mkdir()
    (own_rack.shell.directory / "rig" / "__init__.py").write_text("raise ImportError('half an installation')\n")
    done = own_rack.run("spalloc", "1", "--boot", PYTHONPATH=str(own_rack.shell.directory))
    assert done.returncode == 2
    assert "spalloc: Rig is installed here but does not load (half an installation): pip install" in done.stderr
    until(lambda: own_rack.jobs() == [])


def test_an_address_without_a_board_is_told():
    program = (
        "from spalloc_client.boot import BootError, boot\nfrom spalloc_client.records import Chip\n"
        "try: boot({Chip(0, 0): 'no.such.host.invalid'})\nexcept BootError as error: print(error)\n"
    )
    done = subprocess.run([sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("the boards at no.such.host.invalid cannot be reached")
