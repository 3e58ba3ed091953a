"""It works wherever Python does: beside modules of other people's names, in strict modes, in other programs."""

import os
import stat
import sys
import time

import pytest
from owners import live, until

BROKEN = "raise RuntimeError('this is not the standard library')\n"
KEPT = "ward = keep(1, 0.9); await_news(ward); say('kept'); wait()"


@pytest.mark.parametrize("name", ["json", "socket", "select", "os", "_socket", "time", "io", "codecs", "sitecustomize"])
def test_other_modules_of_the_same_name(server, start, tmp_path, name):
    """In the working directory, and in PYTHONPATH: they are the owner's own affair."""
    (tmp_path / f"{name}.py").write_text(BROKEN)
    body = """
    os.chdir(sys.argv[1] if len(sys.argv) > 1 else os.environ["ELSEWHERE"])
    os.environ["PYTHONPATH"] = os.environ["PYTHONSTARTUP"] = os.environ["ELSEWHERE"]
    """
    owner = start(body + KEPT, server.port, environ={"ELSEWHERE": str(tmp_path)})
    assert owner.heard() == "kept"
    assert len(owner.guardians()) == 1


@pytest.mark.parametrize("name", ["guardian_link", "errno", "records"])
def test_a_script_that_lies_beside_such_modules(server, start, tmp_path, name):
    (tmp_path / f"{name}.py").write_text(BROKEN)
    assert start(KEPT, server.port, cwd=tmp_path).heard() == "kept"


@pytest.mark.parametrize(
    "options",
    [["-W", "error", "-X", "dev"], ["-W", "error"], ["-OO"], ["-B", "-u"], ["-X", "importtime"], ["-v"]],
    ids=" ".join,
)
def test_options_of_the_interpreter(server, start, options):
    """And nothing is said of it: no warning, no exception that was ignored."""
    owner = start(KEPT, server.port, options=options)
    assert owner.heard() == "kept"
    owner.go_on()
    errors = owner.errors()
    until(lambda: 1 not in live(server))
    if "importtime" in options or "-v" in options:
        return
    assert errors == ""
    assert owner.process.returncode == 0


@pytest.mark.parametrize(
    "environ",
    [
        {"PYTHONPROFILEIMPORTTIME": "1"},
        {"PYTHONSTARTUP": "/nowhere/startup.py"},
        {"PYTHONWARNINGS": "error", "PYTHONDEVMODE": "1"},
        {"PYTHONTRACEMALLOC": "1"},
        {"PYTHONIOENCODING": "latin-1", "LC_ALL": "C"},
    ],
    ids=lambda environ: next(iter(environ)),
)
def test_variables_of_the_environment(server, start, environ):
    owner = start(KEPT, server.port, environ=environ)
    assert owner.heard() == "kept"
    assert len(owner.guardians()) == 1


def test_it_is_quiet_when_the_interpreter_ends_with_jobs_released_or_forgotten(server, start):
    body = """
    one, two = keep(1), keep(2)
    class Cycle:
        def __del__(self):
            one.release()
    cycle = Cycle()
    cycle.itself = cycle
    """
    owner = start(body, server.port, options=["-W", "error", "-X", "dev"])
    assert owner.errors() == ""
    assert owner.process.returncode == 0
    until(lambda: 2 not in live(server))


def test_without_standard_streams(server, start):
    """As daemons are: then the descriptors 0 to 2 are anybody's."""
    body = """
    for descriptor in range(3):
        os.close(descriptor)
    ward = keep(1, 0.9)
    time.sleep(60)
    """
    start(body, server.port)
    server.wait_for("job_keepalive", 3)


THREAD = """
import warnings
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    wards = keep(1, 0.9), keep(2, 0.9)
    await_news(*wards)
    wards += (keep(3, 0.9),)
    time.sleep({seconds})
    await_news(*wards, since=time.time())
say(len(caught), *(warning.category.__name__ + " " + str(warning.message) for warning in caught))
wait()
"""


@pytest.mark.parametrize(
    "executable",
    ["sys.executable = ''", "sys.executable = None", "sys.executable = '/usr/bin/blender'", "sys.frozen = True",
     "sys.executable = '/nowhere/python'", "del os.pidfd_open, os.posix_spawn",
     "import select; del os.posix_spawn, select.poll"],
)  # fmt: skip
def test_an_interpreter_within_another_program_keeps_its_jobs_by_a_thread(server, start, executable):
    """There is one warning, and all else is as it was."""
    owner = start(executable, server.port, then=THREAD.format(seconds=0))
    heard = owner.heard()
    assert heard.startswith("1 RuntimeWarning Jobs are kept alive by a thread")
    assert owner.guardians() == []
    assert len(server.open_connections()) == 1
    owner.go_on()
    assert owner.errors() == ""
    assert not {1, 2, 3} & set(live(server))


def test_a_python_that_does_not_start_is_replaced_by_a_thread(server, start, tmp_path):
    program = tmp_path / "python"
    program.write_text("#!/bin/sh\nexit 1\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    owner = start(f"sys.executable = {str(program)!r}", server.port, then=THREAD.format(seconds=0.5))
    assert owner.heard().startswith("1 RuntimeWarning Jobs are kept alive by a thread")


def test_a_python_that_says_nothing_is_replaced_by_a_thread(server, start, tmp_path):
    program = tmp_path / "python"
    program.write_text(f"#!/bin/sh\necho $$ >> {tmp_path}/pids\nexec sleep 600\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    body = f"""
    from spalloc_client import guardian_keeper
    guardian_keeper.START_TIMEOUT = 0.3
    sys.executable = {str(program)!r}
    """
    owner = start(body, server.port, then=THREAD.format(seconds=0.5))
    assert owner.heard(60).startswith("1 RuntimeWarning Jobs are kept alive by a thread")
    for pid in (tmp_path / "pids").read_text().split():
        with pytest.raises(ProcessLookupError):
            os.kill(int(pid), 0)


def test_a_warning_that_is_an_error_loses_no_job(server, start):
    owner = start("sys.executable = ''\n" + KEPT, server.port, options=["-W", "error"])
    assert owner.heard() == "kept"
    owner.go_on()
    assert owner.errors().count("Jobs are kept alive by a thread") == 1
    assert owner.process.returncode == 0
    assert 1 not in live(server)


def test_a_thread_that_cannot_reach_the_server_does_not_keep_the_program_from_ending(server, start):
    owner = start("sys.executable = ''\n" + KEPT, server.port)
    assert owner.heard() == "kept"
    server.freeze()
    began = time.monotonic()
    owner.go_on()
    assert "Jobs are kept alive by a thread" in owner.errors()
    assert time.monotonic() - began < 5
    server.thaw()


def test_a_system_without_pidfds(server, start):
    owner = start("del os.pidfd_open\n" + KEPT, server.port)
    assert owner.heard() == "kept"
    owner.go_on()
    assert owner.errors() == ""
    until(lambda: 1 not in live(server))


def test_without_pidfds_the_owner_is_looked_at(server, start):
    """So it is on macOS; here with a child that holds the line open."""
    body = """
    del os.pidfd_open
    await_news(keep(1))
    import ctypes
    # Behind Python's back, as libraries fork: nothing is closed.
    child = ctypes.CDLL(None).fork()
    if child == 0:
        time.sleep(20)
        os._exit(0)
    say(child)
    os._exit(0)
    """
    owner = start(body, server.port)
    owner.heard()
    owner.process.wait()
    began = time.monotonic()
    until(lambda: 1 not in live(server))
    assert time.monotonic() - began < 5


def test_with_pidfds_a_fork_behind_pythons_back_is_no_matter(server, start):
    body = """
    await_news(keep(1))
    import ctypes
    child = ctypes.CDLL(None).fork()
    if child == 0:
        time.sleep(20)
        os._exit(0)
    say(child)
    os._exit(0)
    """
    owner = start(body, server.port)
    owner.heard()
    until(lambda: 1 not in live(server), 5)


def test_the_command_line_says_whose_it_is(server, start):
    owner = start(KEPT, server.port)
    assert owner.heard() == "kept"
    words = owner.guardian().cmdline()
    assert words[1:3] == ["-I", "-S"]
    assert words[3].endswith("guardian_process.py")
    assert words[4] == str(owner.pid)
    assert words[0] == sys.executable


def test_without_a_file_of_its_own_a_thread_keeps_the_jobs(server, start):
    """The package may lie in an archive."""
    body = """
    from spalloc_client import guardian_start
    guardian_start._PROGRAM = "/nowhere/archive.zip/guardian_process.py"
    """
    heard = start(body, server.port, then=THREAD.format(seconds=0)).heard()
    assert heard.startswith("1 RuntimeWarning Jobs are kept alive by a thread")
    assert "/nowhere/archive.zip" in heard


def test_a_moment_without_descriptors_is_waited_for(server, start):
    """When the guardian has to be started again, and there are none left."""
    body = """
    import resource
    await_news(keep(1, 0.9))
    say("kept")
    wait()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, hard))
    os.kill(int(sys.stdin.readline()), signal.SIGKILL)
    time.sleep(1)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    await_news(keep(2, 0.9))
    say("kept")
    wait()
    """
    owner = start(body, server.port)
    assert owner.heard() == "kept"
    owner.process.stdin.write(f"\n{owner.guardian().pid}\n".encode())
    owner.process.stdin.flush()
    assert owner.heard() == "kept"


def test_a_job_that_cannot_be_kept_is_said_so(server, start):
    """Without descriptors there is no keeping; the next job is kept as ever."""
    body = """
    import resource, contextlib
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, hard))
    try:
        keep(1)
    except OSError as error:
        say(type(error).__name__)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    time.sleep(0.2)
    await_news(keep(2))
    say("kept")
    wait()
    """
    owner = start(body, server.port)
    assert owner.heard() == "OSError"
    assert owner.heard() == "kept"
    owner.go_on()
    assert owner.errors() == ""
    assert 1 in live(server)
    assert 2 not in live(server)


def test_a_job_made_when_the_interpreter_is_ending(server, start):
    """By then, newer Pythons start no more threads."""
    body = """
    import atexit
    atexit._clear()
    atexit.register(lambda: (keep(1), time.sleep(0.3)))
    """
    owner = start(body, server.port)
    owner.errors()
    until(lambda: 1 not in live(server))
    until(lambda: not owner.guardians())
