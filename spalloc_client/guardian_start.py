"""Starting the guardian."""

import os
import signal
import sys

__all__ = ["spawn"]

_PROGRAM = os.path.join(os.path.dirname(__file__), "guardian_process.py")  # noqa: PTH118, PTH120 - pathlib costs 5 ms


def spawn(channel: int) -> int:
    """Start the guardian with its end of the socket; return the number of the process that starts it and ends."""
    executable = sys.executable or ""
    if "py" not in os.path.basename(executable).lower() or hasattr(sys, "frozen"):  # noqa: PTH119 - pathlib costs 5 ms
        raise OSError("this program brings its own Python")
    if not hasattr(os, "posix_spawn"):
        raise OSError("this system starts processes in another way")
    if not os.path.isfile(_PROGRAM):  # noqa: PTH113 - pathlib costs 5 ms
        raise OSError(f"there is no file {_PROGRAM}")
    pidfd = _pidfd()
    try:
        free = max(channel, pidfd) + 1
        actions: list[tuple[int, int, int] | tuple[int, int, str, int, int]] = [
            (os.POSIX_SPAWN_DUP2, channel, free),
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDWR, 0),
            (os.POSIX_SPAWN_DUP2, 0, 1),
            (os.POSIX_SPAWN_DUP2, 0, 2),
        ]
        if pidfd >= 0:
            actions.insert(0, (os.POSIX_SPAWN_DUP2, pidfd, free + 1))
        words = [str(os.getpid()), str(free), str(free + 1 if pidfd >= 0 else -1)]
        return os.posix_spawn(
            executable,
            [executable, "-I", "-S", _PROGRAM, *words],
            os.environ,
            file_actions=actions,
            setsid=True,
            # What terminals, notebooks and ending sessions send to everybody: it ends with its owner, not before.
            setsigmask=(signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM),
        )
    finally:
        if pidfd >= 0:
            os.close(pidfd)


def _pidfd() -> int:
    try:
        return os.pidfd_open(os.getpid())
    except (AttributeError, OSError):
        return -1  # not on this system
