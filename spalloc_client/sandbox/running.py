"""Running a command in the sandbox's environment, with its signals and its exit code."""

import os
import shutil
import signal
import sysconfig
from collections.abc import Mapping, Sequence

_FORWARDED = frozenset({signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2})


def with_own_commands(environ: Mapping[str, str]) -> dict[str, str]:
    """Return `environ` with the commands of this virtual environment first in ``PATH``."""
    path = [sysconfig.get_path("scripts"), environ.get("PATH", os.defpath)]
    return {**environ, "PATH": os.pathsep.join(path)}


def find_command(name: str, environ: Mapping[str, str]) -> str | None:
    """Return the file of the command `name`; None if there is none that may be run."""
    return shutil.which(name, path=environ["PATH"])


def run_command(file: str, command: Sequence[str], environ: Mapping[str, str]) -> int:
    """Run a command in the foreground and return its exit code; 128 + n if signal n ended it.

    Signals sent to this process are sent on to the command. What the terminal sends (Ctrl-C, closing it) goes to
    both of them anyway, and is not sent on. Signals stay blocked afterwards, so that nothing interrupts the
    tidying up.
    """
    awaited = _FORWARDED | {signal.SIGCHLD}
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, awaited)
    child = os.posix_spawn(file, list(command), environ, setsigmask=mask)
    while True:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            code = os.waitstatus_to_exitcode(status)
            return code if code >= 0 else 128 - code
        received = signal.sigwaitinfo(awaited)
        sent_by_a_process = received.si_code <= 0
        if sent_by_a_process and received.si_signo in _FORWARDED:
            os.kill(child, received.si_signo)
