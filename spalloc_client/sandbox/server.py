"""The server's process: started, stopped, killed, and read for what went wrong."""

import os
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from spalloc_client.exceptions import SandboxError

HOST = "127.0.0.1"

_LAUNCHER = Path(__file__).with_name("launcher.py")
_CONFIG = "spalloc-server.cfg"
_LOG = "spalloc-server.log"
_SAVING_TAKES = 60.0
"""Seconds within which a server has finished its commands to the BMPs and written down its jobs."""
_DYING_TAKES = 2.0


class ServerProcess:
    """The spalloc server of one sandbox, on a port of its own.

    Parameters
    ----------
    directory
        Where its files go.
    config
        Its configuration, a Python script.
    port
        The TCP port; 0 for any.
    power_on_seconds
        How long switching boards on takes.

    Raises
    ------
    SandboxError
        The port is taken.
    """

    def __init__(self, directory: Path, config: str, port: int, power_on_seconds: float) -> None:
        self._directory = directory
        self._power_on_seconds = power_on_seconds
        (directory / _CONFIG).write_text(config, encoding="utf-8")
        self._reservation = _reserve(port)
        self.port: int = self._reservation.getsockname()[1]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, *options: str) -> None:
        """Start it, with `options` such as ``"--cold-start"``; it is not there yet when this returns."""
        command = [sys.executable, "-P", str(_LAUNCHER), str(self._directory), str(self._power_on_seconds)]
        command += [_CONFIG, "--port", str(self.port), *options]
        with (self._directory / _LOG).open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and file
                command, stdin=subprocess.PIPE, stdout=log, stderr=log, cwd=self._directory, start_new_session=True
            )

    @property
    def pid(self) -> int | None:
        """Its process; None while it does not run."""
        return self._process.pid if self._process is not None and self._process.poll() is None else None

    def last_words(self) -> str:
        """Return the last line that it logged."""
        lines = (self._directory / _LOG).read_text(encoding="utf-8", errors="replace").split("\n")
        return next((line.strip() for line in reversed(lines) if line.strip()), "it said nothing")

    def signal(self, number: int) -> None:
        """Send it a signal, if it runs; one that stops it has done so when this returns."""
        pid = self.pid
        if pid is None:
            return
        os.kill(pid, number)
        if number == signal.SIGSTOP:
            os.waitid(os.P_PID, pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)

    def save(self) -> None:
        """End it in good order: it finishes what the BMPs were told to do, and writes down its jobs."""
        self._end(signal.SIGINT, _SAVING_TAKES)

    def terminate(self) -> None:
        """End it; nothing is written down."""
        self._end(signal.SIGTERM, _DYING_TAKES)

    def kill(self) -> None:
        """End it as the kernel does when memory is short."""
        self._end(signal.SIGKILL, _DYING_TAKES)

    def _end(self, number: int, seconds: float) -> None:
        if self._process is None:
            return
        with self._process as process:
            process.send_signal(signal.SIGCONT)
            process.send_signal(number)
            with suppress(subprocess.TimeoutExpired):
                process.wait(seconds)
            process.kill()
        self._process = None

    def close(self) -> None:
        """End it, and give its port back."""
        self.terminate()
        self._reservation.close()


def _reserve(port: int) -> socket.socket:
    """Take a port, without listening on it.

    Linux lets a second socket have the same port if both ask for ``SO_REUSEADDR`` and only one listens. So the
    port stays ours while the server is down, and the server can still have it.
    """
    reservation = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    reservation.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        reservation.bind((HOST, port))
    except (OSError, OverflowError) as error:
        reservation.close()
        reason = error.strerror if isinstance(error, OSError) else "there is no such port"
        raise SandboxError(f"The server cannot have port {port}: {reason}. Choose another one, or none.") from error
    return reservation
