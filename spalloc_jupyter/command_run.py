"""The command behind ``-c``: its output in the cell as it comes, its exit code as an error."""

import codecs
import os
import select
import signal
import subprocess
import sys
import sysconfig
from contextlib import nullcontext, suppress

from spalloc_client.commands.errors import NoBoardsError, WrappingError
from spalloc_client.commands.wrapping import fill_in, ip_file, needs_ip_file, tokens
from spalloc_client.job import Job

_TICK = 0.1  # seconds between looks whether the command has ended, while something else holds its output open
_PATIENCE = 0.7  # seconds between one hint to end and the next, stronger one; a kernel that is shut down has 2.5


def run_command(job: Job, command: tuple[str, ...]) -> None:
    """Run a command for a job that is ready.

    Parameters
    ----------
    job
        The job.
    command
        One word is shell text, several are a command and its arguments; tokens in braces stand for facts of the job.

    Raises
    ------
    subprocess.CalledProcessError
        If the exit code is not 0.
    WrappingError
        If the command cannot be made or started.
    """
    allocation = job.allocation
    if allocation is None:
        raise NoBoardsError(f"job {job.id} has lost its boards, so the command is not run")
    with ip_file(allocation.connections) if needs_ip_file(command) else nullcontext("") as file:
        filled = fill_in(command, tokens(job.id, allocation, file))
        code = _run(filled)
    if code != 0:
        raise subprocess.CalledProcessError(code, filled)


def _run(command: str | list[str]) -> int:
    """Run a command and return its exit code; a command that was interrupted ends with all that it started."""
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), sysconfig.get_path("scripts")])
    try:
        # What the user typed; what the server says was quoted when it was filled in.
        process = subprocess.Popen(  # noqa: S603
            command,
            shell=isinstance(command, str),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**os.environ, "PATH": path},
            # An Interrupt comes from here alone, then, and reaches all that the command starts.
            process_group=0,
        )
    except OSError as error:
        raise WrappingError(f"{command[0]!r} cannot be started: {(error.strerror or str(error)).lower()}") from None
    with process:
        try:
            _copy_output(process)
            return process.wait()
        except BaseException:
            _end(process)
            raise


def _copy_output(process: "subprocess.Popen[bytes]") -> None:
    """Write what a process writes to the cell, until it has ended."""
    assert process.stdout is not None
    descriptor = process.stdout.fileno()
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    while True:
        # What it left running in the background may hold its output open, and is not waited for.
        ended = process.poll() is not None
        if not select.select([descriptor], [], [], 0.0 if ended else _TICK)[0]:
            if ended:
                break
            continue
        chunk = os.read(descriptor, 65536)
        if not chunk:
            break
        sys.stdout.write(decoder.decode(chunk))
        sys.stdout.flush()
    sys.stdout.write(decoder.decode(b"", final=True))


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End a process that was interrupted, and what it started."""
    for hint in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, hint)
        with suppress(subprocess.TimeoutExpired):
            process.wait(_PATIENCE)
            return
