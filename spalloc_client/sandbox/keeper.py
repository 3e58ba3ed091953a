"""The process behind a sandbox: it simulates the hardware and keeps the server, for as long as its owner lives.

``python -m spalloc_client.sandbox.keeper``, with a socket as standard input. The hardware is not in the owner's
process, where a long call into C would stall it, nor in the server's, whose end must not switch boards off.
Messages are described in :mod:`spalloc_client.sandbox.channel`. When the owner ends, however it ends, everything
is taken down.
"""

import shutil
import signal
import socket
import tempfile
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

from spalloc_client.exceptions import SandboxError
from spalloc_client.records import Board, DeadLink
from spalloc_client.sandbox.channel import Channel
from spalloc_client.sandbox.hardware import SimulatedBoard
from spalloc_client.sandbox.machines import SimulatedMachine, server_config
from spalloc_client.sandbox.network import Network
from spalloc_client.sandbox.parent import when_ended
from spalloc_client.sandbox.server import ServerProcess

Command = Callable[..., object]


class Keeper:
    """What a sandbox is made of, and what can be done with it.

    Parameters
    ----------
    directory
        Where the server's files go.
    wishes
        The owner's first message.
    """

    def __init__(self, directory: Path, wishes: dict[str, Any]) -> None:
        self.network = Network([_machine(**machine) for machine in wishes["machines"]])
        config = server_config(
            self.network.racks,
            timeout_check_interval=wishes["timeout_check_interval"],
            seconds_before_free=wishes["seconds_before_free"],
        )
        try:
            self.server = ServerProcess(directory, config, wishes["port"], wishes["power_on_seconds"])
        except SandboxError:
            self.network.close()
            raise
        self.server.start("--cold-start")
        self.commands: dict[str, Command] = {
            "start": self.server.start,
            "save": self.server.save,
            "terminate": self.server.terminate,
            "kill": self.server.kill,
            "signal": self.server.signal,
            "died": self.died,
            "power_log": self.power_log,
            "boards_on": self.boards_on,
            "boards_booted": self.boards_booted,
            "fail_power_on": self.fail_power_on,
            "fail_boot": self.fail_boot,
            "mend": self.mend,
        }

    def died(self) -> str | None:
        """Return what the server said last, if it has ended."""
        return None if self.server.pid else self.server.last_words()

    def power_log(self) -> object:
        """Return everything that the BMPs switched."""
        with self.network.lock:
            return list(self.network.log)

    def boards_on(self, machine: str) -> object:
        """Return which boards of a `machine` are on."""
        with self.network.lock:
            return [board.coordinate for board in self._boards(machine).values() if board.on]

    def boards_booted(self, machine: str) -> object:
        """Return which boards of a `machine` are booted."""
        with self.network.lock:
            return [board.coordinate for board in self._boards(machine).values() if board.root is not None]

    def fail_power_on(self, machine: str, board: list[int]) -> None:
        """Let every attempt to switch a `board` on fail."""
        with self.network.lock:
            self._board(machine, board).fails_power_on = True

    def fail_boot(self, machine: str, board: list[int]) -> None:
        """Let every attempt to boot a `board` fail."""
        with self.network.lock:
            self._board(machine, board).fails_boot = True

    def mend(self) -> None:
        """Let everything work again."""
        with self.network.lock:
            for network in self.network.machines.values():
                for board in network.boards.values():
                    board.fails_power_on = board.fails_boot = False

    def _boards(self, machine: str) -> dict[Board, SimulatedBoard]:
        try:
            return self.network.machines[machine].boards
        except KeyError:
            raise SandboxError(f"There is no machine {machine!r} in this sandbox.") from None

    def _board(self, machine: str, coordinate: list[int]) -> SimulatedBoard:
        for board in self._boards(machine).values():
            if board.coordinate == tuple(coordinate):
                return board
        raise SandboxError(f"There is no board {tuple(coordinate)} in {machine!r}.")

    def close(self) -> None:
        """Take everything down."""
        self.server.close()
        self.network.close()


def _machine(
    boards: int, name: str, tags: list[str], dead_boards: list[list[int]], dead_links: list[list[int]]
) -> SimulatedMachine:
    return SimulatedMachine(
        boards,
        name,
        tuple(tags),
        tuple(Board(*board) for board in dead_boards),
        tuple(DeadLink(*link) for link in dead_links),
    )


def _serve(channel: Channel, keeper: Keeper) -> None:
    """Do what the owner says, until it is gone."""
    while (message := channel.receive()) is not None:
        try:
            answer = {"result": keeper.commands[message["do"]](*message["with"])}
        except SandboxError as error:
            answer = {"error": str(error)}
        channel.send({"id": message["id"], **answer})


def main() -> None:
    """Keep a sandbox for whoever holds the other end of standard input."""
    channel = Channel(socket.socket(fileno=0))
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda _number, _frame: channel.hang_up())
    with ExitStack() as house, suppress(OSError):
        house.callback(channel.close)
        wishes = channel.receive()
        if wishes is None:
            return
        # A child of the owner may still hold its end of the channel.
        when_ended(wishes["owner"], channel.hang_up)
        directory = Path(tempfile.mkdtemp(prefix="spalloc-sandbox-"))
        house.callback(shutil.rmtree, directory, ignore_errors=True)
        try:
            keeper = Keeper(directory, wishes)
        except SandboxError as error:
            channel.send({"error": str(error)})
            return
        house.callback(keeper.close)
        channel.send({"port": keeper.server.port, "directory": str(directory)})
        _serve(channel, keeper)


if __name__ == "__main__":
    main()
