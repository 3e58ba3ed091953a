"""Waiting for Enter, with an eye on the job."""

import select
import sys
from typing import Final

from spalloc_client.deadline import Deadline
from spalloc_client.exceptions import JobDestroyedError, ProtocolError, ProtocolTimeoutError
from spalloc_client.job import Job
from spalloc_client.scripts.ink import is_terminal
from spalloc_client.scripts.signals import check_interrupted
from spalloc_client.states import JobState

_GLANCE: Final = 2.0  # seconds between looks at the job
_PATIENCE: Final = 2.0  # seconds that one of them may take


def wait_for_enter(job: Job) -> None:
    """Wait until somebody presses Enter, or the standard input ends.

    Raises
    ------
    JobDestroyedError
        If the job is destroyed meanwhile; its message is the reason.
    """
    if sys.stdin is None or sys.stdin.closed:
        return
    if is_terminal(sys.stdin):
        print("Press Enter when done ", end="", file=sys.stderr, flush=True)
    while not _something_to_read():
        check_interrupted()
        _check(job)
    if not sys.stdin.readline().endswith("\n") and is_terminal(sys.stderr):
        print(file=sys.stderr)  # Ctrl-D leaves the cursor behind the question


def _something_to_read() -> bool:
    try:
        return bool(select.select([sys.stdin], [], [], _GLANCE)[0])
    except (OSError, ValueError):
        # What cannot be waited for, such as a console of Windows or a test's string, is read at once.
        return True


def _check(job: Job) -> None:
    try:
        status = job.status(Deadline.after(_PATIENCE))
    except (ProtocolError, ProtocolTimeoutError):
        return
    if status.state in (JobState.destroyed, JobState.unknown):
        raise JobDestroyedError(status.reason or "the server gives no reason")
