"""Owners of jobs: real processes, which tests kill, fork, interrupt and starve."""

import contextlib
import os
import select
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import psutil

from spalloc_client.protocol_client import ProtocolClient

REPOSITORY = Path(__file__).parents[1]

PREAMBLE = """
import os, signal, sys, time
from spalloc_client import guardian

def keep(job, keepalive=60.0, port=int(os.environ["PORT"]), **more):
    return guardian.keep("127.0.0.1", port, job, keepalive=keepalive, **more)

def say(*words):
    print(*words, flush=True)

def wait():
    sys.stdin.readline()

def take_jobs():
    say("here")
    keepalive, *jobs = sys.stdin.readline().split()
    wards = [keep(int(job), float(keepalive)) for job in jobs]
    await_news(*wards)
    say("kept")

def await_news(*wards, since=0.0):
    while any(since >= (ward.last_kept_alive or 0.0) for ward in wards):
        time.sleep(0.005)
"""


class Owner:
    """A process that runs `body` after the preamble above; `body` tells the test what it has to with `say`."""

    def __init__(self, body, port, *, then="", options=(), executable=sys.executable, environ=None, **popen):
        code = PREAMBLE + textwrap.dedent(body) + textwrap.dedent(then)
        environ = {**os.environ, "PORT": str(port), "PYTHONPATH": str(REPOSITORY), **(environ or {})}
        # Its own session, so that a test can signal its whole process group.
        self.process = subprocess.Popen(
            [executable, *options, "-c", code],
            env=environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            **popen,
        )
        self.pid = self.process.pid

    def heard(self, timeout=30.0):
        """Return the next line that it says."""
        assert select.select([self.process.stdout], [], [], timeout)[0], "it says nothing"
        line = self.process.stdout.readline().decode()
        assert line, self.process.stderr.read().decode()
        return line.strip()

    def go_on(self, line=""):
        """Let it go on from where it waits for a line."""
        self.process.stdin.write(f"{line}\n".encode())
        self.process.stdin.flush()

    def take_jobs(self, server, count, keepalive):
        """Create jobs and have them kept; return their numbers. Its body has to begin with `take_jobs()`.

        It is up by then: on a busy computer, starting it can take longer than a short keepalive lasts.
        """
        assert self.heard() == "here"
        jobs = create_jobs(server, count, keepalive)
        self.go_on(f"{keepalive} " + " ".join(str(job) for job in jobs))
        assert self.heard() == "kept"
        return jobs

    def errors(self):
        """Wait for its end, and return what it wrote to stderr."""
        return self.process.communicate(timeout=60)[1].decode()

    def guardians(self):
        return guardians_of(self.pid)

    def guardian(self, other_than=None):
        """Wait for its guardian, and return that."""
        return until(lambda: [found for found in self.guardians() if found != other_than])[0]

    def close(self):
        """Let it end in good order if it will, and see that nothing is left of it."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.communicate(timeout=3)
        # What it has forked, too; the guardian is in a session of its own, and has to end by itself.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self.process.communicate()
        until(lambda: not self.guardians(), 15)


def guardians_of(pid, options=3):
    """Return the processes that keep the jobs of process `pid`; their program is word number `options` of all."""
    found = []
    for process in psutil.process_iter():
        try:
            words = process.cmdline()
        except psutil.Error:
            continue  # it ended meanwhile
        if words[options : options + 2] == [str(REPOSITORY / "spalloc_client" / "guardian_process.py"), str(pid)]:
            found.append(process)
    return [process for process in found if not leads_a_session(process.pid)]


def leads_a_session(pid):
    """True for the process that starts the guardian and ends at once; and for one that has ended."""
    try:
        return os.getsid(pid) == pid
    except ProcessLookupError:
        return True


def until(condition, timeout=10.0):
    """Wait until `condition` returns something true, and return that."""
    give_up = time.monotonic() + timeout
    while not (value := condition()):
        assert time.monotonic() < give_up, f"not within {timeout} s"
        time.sleep(0.01)
    return value


def create_jobs(server, count, keepalive=60.0):
    """Create jobs on a server, and return their numbers."""
    with ProtocolClient("127.0.0.1", server.port, 10) as client:
        return [client.call("create_job", owner="me", keepalive=keepalive) for _ in range(count)]


def live(server):
    """Ask a server which of its jobs have not ended."""
    with ProtocolClient("127.0.0.1", server.port, 10) as client:
        return sorted(job["job_id"] for job in client.call("list_jobs"))
