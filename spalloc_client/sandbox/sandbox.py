"""A real spalloc server on this computer, with simulated boards."""

import getpass
import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from spalloc_client.deadline import Deadline
from spalloc_client.exceptions import SandboxError
from spalloc_client.records import Board, DeadLink
from spalloc_client.sandbox.channel import Channel
from spalloc_client.sandbox.hardware import PowerEvent
from spalloc_client.sandbox.machines import SimulatedMachine
from spalloc_client.sandbox.server import HOST

_PATIENCE = 120.0
"""Seconds within which even a slow and busy computer has started the server, or ended it in good order."""

_GONE = (
    "The sandbox's own process has ended. Start the sandbox anew; "
    "if that fails, too, see what `python -m spalloc_client.sandbox.keeper < /dev/null` says."
)

INSTALL = 'pip install "spalloc-jupyter[sandbox]"'


class Sandbox:
    """A real spalloc server on this computer, with simulated boards, for as long as this object lives.

    It is up when the constructor returns, and gone (processes, files, addresses) after `close`, at the end of a
    ``with`` block, and when the process that made it ends, however it ends::

        with Sandbox(boards=24) as sandbox:
            with Job(3, hostname=sandbox.hostname, port=sandbox.port, owner="me") as job:
                assert len(sandbox.boards_on()) == 3

    Linux only. Nothing but loopback addresses is ever bound, and any number of sandboxes can run side by side.

    Parameters
    ----------
    boards
        How many boards the machine has: 1, 3, 24, 120 or 1200.
    name
        What the server calls the machine.
    tags
        The machine's tags.
    dead_boards
        (x, y, z) of boards that the server takes for broken.
    dead_links
        (x, y, z, link) of links that the server takes for broken; links count anticlockwise from east.
    machines
        Several machines instead of one; the five parameters above are then not used.
    port
        The server's TCP port; None for any free one.
    power_on_seconds
        How long switching boards on takes.
    timeout_check_interval
        How often, in seconds, the server looks for jobs whose keepalive has run out (real servers: 5).
    seconds_before_free
        How long, in seconds, the server holds boards back after a job has ended (real servers: 30).

    Raises
    ------
    SandboxError
        It could not be started; the message says why, and what to do.
    """

    hostname = HOST

    def __init__(
        self,
        boards: int = 24,
        *,
        name: str = "sandbox",
        tags: Iterable[str] = ("default",),
        dead_boards: Iterable[tuple[int, int, int]] = (),
        dead_links: Iterable[tuple[int, int, int, int]] = (),
        machines: Sequence[SimulatedMachine] | None = None,
        port: int | None = None,
        power_on_seconds: float = 0.1,
        timeout_check_interval: float = 0.2,
        seconds_before_free: float = 0.0,
    ) -> None:
        if machines is None:
            broken = tuple(Board(*board) for board in dead_boards)
            cut = tuple(DeadLink(*link) for link in dead_links)
            machines = [SimulatedMachine(boards, name, tuple(tags), broken, cut)]
        check_computer()
        self.machines = tuple(machines)
        self._lock = threading.Lock()
        self._calls = 0
        self._closed = False
        self._channel, self._keeper = _start_keeper()
        self._owner = os.getpid()
        self._directory: Path | None = None
        try:
            self._tell(
                {
                    "owner": self._owner,
                    "machines": [asdict(machine) for machine in self.machines],
                    "port": port or 0,
                    "power_on_seconds": power_on_seconds,
                    "timeout_check_interval": timeout_check_interval,
                    "seconds_before_free": seconds_before_free,
                }
            )
            told = self._told()
            self._directory = Path(told["directory"])
            self.port: int = told["port"]
            self._wait_until_up()
        except BaseException:
            self.close()
            raise

    @property
    def machine_name(self) -> str:
        """The name of the machine; of the first, if there are several."""
        return self.machines[0].name

    @property
    def pid(self) -> int:
        """The process that simulates the hardware and keeps the server."""
        return self._keeper.pid

    @property
    def directory(self) -> Path:
        """Where its files are; the directory is removed with everything in it when the sandbox ends."""
        assert self._directory is not None
        return self._directory

    def environ(self) -> dict[str, str]:
        """Return the environment variables that lead a client here."""
        return {"SPALLOC_HOSTNAME": self.hostname, "SPALLOC_PORT": str(self.port), "SPALLOC_OWNER": login_name()}

    def restart(self, keep_state: bool = True) -> None:
        """Stop the server and start it again on the same port; boards stay as they are meanwhile.

        Parameters
        ----------
        keep_state
            True if the server is to remember its jobs. A server that was killed could write nothing down: it
            comes back with what it wrote when it was last stopped in good order, if ever.
        """
        if keep_state:
            self._call("save")
            self._call("start")
        else:
            self._call("terminate")
            self._call("start", "--cold-start")
        self._wait_until_up()

    def kill(self) -> None:
        """Kill the server; `restart` brings it back. Boards stay as they are."""
        self._call("kill")

    def pause(self) -> None:
        """Let the server fall silent: it still accepts connections, and answers nothing until `resume`."""
        self._call("signal", int(signal.SIGSTOP))

    def resume(self) -> None:
        """Let the server speak again, after `pause`."""
        self._call("signal", int(signal.SIGCONT))

    def power_log(self) -> list[PowerEvent]:
        """Return everything that the simulated BMPs switched on or off, oldest first."""
        return [
            PowerEvent(when, cabinet, frame, tuple(slots), on)
            for when, cabinet, frame, slots, on in self._call("power_log")
        ]

    def boards_on(self, machine: str | None = None) -> frozenset[Board]:
        """Return which boards of a `machine` (None: the first) are switched on."""
        return frozenset(Board(*board) for board in self._call("boards_on", machine or self.machine_name))

    def boards_booted(self, machine: str | None = None) -> frozenset[Board]:
        """Return which boards of a `machine` (None: the first) are booted."""
        return frozenset(Board(*board) for board in self._call("boards_booted", machine or self.machine_name))

    def fail_power_on(self, board: tuple[int, int, int], machine: str | None = None) -> None:
        """Let every attempt to switch `board` on fail, until `mend`; its BMP says so to the server."""
        self._call("fail_power_on", machine or self.machine_name, board)

    def fail_boot(self, board: tuple[int, int, int], machine: str | None = None) -> None:
        """Let `board` take boot images and stay silent all the same, until `mend`."""
        self._call("fail_boot", machine or self.machine_name, board)

    def mend(self) -> None:
        """Let every board work again."""
        self._call("mend")

    def wait(self) -> None:
        """Wait until it ends, which only happens when somebody kills its process."""
        self._keeper.wait()
        raise SandboxError(_GONE)

    def close(self) -> None:
        """End the server and the simulated boards, and remove their files; more than once does no harm."""
        if os.getpid() != self._owner:
            return  # a forked child has a copy of this object, and no business with the original's processes
        self._closed = True
        self._channel.close()
        with suppress(subprocess.TimeoutExpired):
            self._keeper.wait(_PATIENCE)
        self._keeper.kill()
        self._keeper.wait()
        if self._directory is not None:
            shutil.rmtree(self._directory, ignore_errors=True)  # gone already, unless somebody killed the keeper

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        sizes = " + ".join(str(machine.boards) for machine in self.machines)
        return f"<Sandbox with {sizes} boards at {self.hostname}:{self.port}>"

    def _call(self, what: str, *arguments: object) -> Any:
        with self._lock:
            self._calls += 1
            self._tell({"id": self._calls, "do": what, "with": arguments})
            # An interrupted call has left its answer behind.
            while (answer := self._told())["id"] != self._calls:
                pass
        return answer["result"]

    def _tell(self, message: Mapping[str, object]) -> None:
        try:
            self._channel.send(message)
        except OSError as error:
            raise SandboxError("The sandbox is closed." if self._closed else _GONE) from error

    def _told(self) -> Mapping[str, Any]:
        try:
            answer = self._channel.receive()
        except TimeoutError as error:
            raise SandboxError(f"The sandbox's own process did not answer within {_PATIENCE:g} seconds.") from error
        except OSError:
            answer = None
        if answer is None:
            raise SandboxError(_GONE)
        if "error" in answer:
            raise SandboxError(answer["error"])
        return answer

    def _wait_until_up(self) -> None:
        deadline = Deadline.after(_PATIENCE)
        while not _answers(self.port, deadline):
            if (last_words := self._call("died")) is not None:
                raise SandboxError(f"The server did not start: {last_words}")
            if deadline.expired:
                raise SandboxError(f"The server did not answer within {_PATIENCE:g} seconds.")
            time.sleep(0.02)


def login_name() -> str:
    """Return the name under which this user logged in."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a user id without a name, as in some containers
        return f"user{os.getuid()}"


def check_computer() -> None:
    """Raise SandboxError, and say what is missing, if no sandbox can run on this computer."""
    if sys.platform != "linux":
        raise SandboxError("The sandbox runs on Linux only, because only there a whole rack has addresses of its own.")
    if importlib.util.find_spec("spalloc_server") is None:
        raise SandboxError(f"spalloc_server is not installed: {INSTALL}")


def _start_keeper() -> tuple[Channel, subprocess.Popen[bytes]]:
    ours, theirs = socket.socketpair()
    ours.settimeout(_PATIENCE)
    with theirs:
        try:
            keeper = subprocess.Popen(
                [sys.executable, "-P", "-m", "spalloc_client.sandbox.keeper"],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        except BaseException:
            # Ctrl-C may have come when it had begun: it has the last copy of its end, and ends when ours says no more.
            theirs.close()
            with ours, suppress(OSError):
                ours.shutdown(socket.SHUT_WR)
                while ours.recv(4096):
                    pass
            raise
    return Channel(ours), keeper


def _answers(port: int, deadline: Deadline) -> bool:
    """Ask the server for its version; False if it does not listen yet."""
    try:
        with socket.create_connection((HOST, port), deadline.remaining()) as sock:
            sock.sendall(b'{"command": "version", "args": [], "kwargs": {}}\n')
            return bool(sock.recv(4096))
    except OSError:
        return False
