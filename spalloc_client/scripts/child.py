"""The command that ``spalloc`` runs: it gets every signal first, and its exit code counts."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Final

from spalloc_client.commands.errors import WrappingError
from spalloc_client.scripts.signals import ENDING

_GLANCE: Final = 0.5  # seconds; signals and the end of the command are noticed at once, this is for the rest
_SENDERS_ARE_TOLD: Final = hasattr(signal, "sigtimedwait")  # not on macOS


def run_command(command: str | Sequence[str]) -> int:
    """Run a command until it ends, and return its exit code as shells say it.

    Parameters
    ----------
    command
        Shell text, or a command and its arguments, which no shell gets to see.

    Raises
    ------
    WrappingError
        If there is no such command, or it cannot be started.
    """
    came: list[int] = []
    own_group = not _has_terminal()
    with _noted(came.append) as numbers:
        process = _start(command, own_group=own_group)
        while process.poll() is None:
            while came:
                _send(process, came.pop(0), own_group=own_group)
            _wait(process, numbers, came)
    code = process.returncode
    return code if code >= 0 else 128 - code


def _start(command: str | Sequence[str], *, own_group: bool) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(  # noqa: S603 - the user's own command
            command, shell=isinstance(command, str), process_group=0 if own_group else None
        )
    except OSError as error:
        name = command if isinstance(command, str) else command[0]
        raise WrappingError(f"cannot run {name}: {error.strerror or error}") from error


def _send(process: subprocess.Popen[bytes], number: int, *, own_group: bool) -> None:
    """Pass a signal on; to all processes of the command if they are a group, as a shell alone may sit it out."""
    if own_group:
        with suppress(ProcessLookupError):  # it has just ended
            os.killpg(process.pid, number)
    elif number != signal.SIGINT or _SENDERS_ARE_TOLD:
        process.send_signal(number)


def _has_terminal() -> bool:
    """Return whether there is a terminal that sends Ctrl-C to this process, and so has to reach the command, too."""
    try:
        os.close(os.open("/dev/tty", os.O_RDONLY))
    except OSError:
        return False
    return True


@contextmanager
def _noted(note: Callable[[int], None]) -> Iterator[Sequence[int]]:
    """Note the signals that end a program instead of ending; those that are ignored stay so."""
    numbers = [number for number in ENDING if signal.getsignal(number) is not signal.SIG_IGN]
    before = [signal.signal(number, lambda number, _: note(number)) for number in numbers]
    try:
        yield numbers
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)


def _wait(process: subprocess.Popen[bytes], numbers: Sequence[int], came: list[int]) -> None:
    """Wait for a signal or for the end of the command, whichever comes first, or neither for a moment.

    A terminal sends Ctrl-C to the command as well, which must not get it twice; where the system tells who sent it,
    only that of other programs is passed on, elsewhere none. A terminal that is closed tells only the first of its
    programs.
    """
    if not _SENDERS_ARE_TOLD:
        time.sleep(_GLANCE / 10)
        return
    wanted = {*numbers, signal.SIGCHLD}
    before = signal.pthread_sigmask(signal.SIG_BLOCK, wanted)
    try:
        # What came until the mask was in place has been noted; what comes now waits to be taken here.
        if came or process.poll() is not None:
            return
        info = signal.sigtimedwait(wanted, _GLANCE)
        if info is None or info.si_signo == signal.SIGCHLD:
            return
        by_terminal = info.si_signo == signal.SIGINT and info.si_code > 0
        if not by_terminal:
            came.append(info.si_signo)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
