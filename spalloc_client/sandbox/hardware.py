"""Simulated boards and the BMPs that switch them: what they answer to which datagram. No socket, no thread.

A BMP (board management processor) switches the boards of its frame, reads and writes their FPGAs' registers and
tells its version. That is all a server asks for; whatever else it is asked is a bad command.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple

from spalloc_client.geometry import Link
from spalloc_client.records import Board
from spalloc_client.sandbox import scp

_STOP_REGISTERS: Mapping[Link, tuple[int, int]] = MappingProxyType(
    {
        Link.EAST: (0, 0x0005C),
        Link.SOUTH: (0, 0x1005C),
        Link.SOUTH_WEST: (1, 0x0005C),
        Link.WEST: (1, 0x1005C),
        Link.NORTH: (2, 0x0005C),
        Link.NORTH_EAST: (2, 0x1005C),
    }
)
"""FPGA and register that stop a link's outgoing traffic, as the server writes them."""


class PowerEvent(NamedTuple):
    """One thing that a BMP did: it switched boards on or off."""

    time: float
    """Seconds since 1970 (UTC)."""
    cabinet: int
    frame: int
    boards: tuple[int, ...]
    """The boards' slots in the frame."""
    on: bool


@dataclass(slots=True)
class SimulatedBoard:
    """One board.

    Parameters
    ----------
    coordinate
        Its logical coordinate in its machine.
    """

    coordinate: Board
    on: bool = False
    fails_power_on: bool = False
    fails_boot: bool = False
    registers: dict[tuple[int, int], int] = field(default_factory=dict)
    """What was written to its FPGAs, by FPGA and register."""
    blocks: set[int] | None = None
    """The blocks of a boot image that are still to come; None before the image begins."""
    root: Board | None = None
    """The board that was given the boot image; None for a board that is not booted."""

    def switch(self, on: bool) -> None:
        """Switch it on (which resets it, if it was on) or off."""
        self.on = on
        self.registers.clear()
        self.blocks = None
        self.root = None

    def sends(self, link: Link) -> bool:
        """Return whether it is on and its `link` is not stopped."""
        return self.on and not self.registers.get(_STOP_REGISTERS[link], 0)


@dataclass(slots=True)
class Bmp:
    """The BMP of one frame.

    Parameters
    ----------
    cabinet, frame
        Where it is.
    boards
        The boards in its frame, by slot.
    log
        Where it writes down what it switched.
    """

    cabinet: int
    frame: int
    boards: Mapping[int, SimulatedBoard]
    log: list[PowerEvent]

    def answer(self, datagram: bytes) -> bytes | None:
        """Return the answer to a `datagram`; None if it deserves none."""
        request = scp.parse(datagram)
        if request is None:
            return None
        if request.command == scp.CMD_VER:
            return request.reply(scp.version("BC&MP/Sandbox", "2.1.0", core=request.core))
        if request.command == scp.CMD_BMP_POWER:
            return request.reply(result=self._power(*request.arguments[:2]))
        if request.command == scp.CMD_FPGA_READ:
            return self._read_register(request)
        if request.command == scp.CMD_FPGA_WRITE:
            return self._write_register(request)
        return request.reply(result=scp.BAD_COMMAND)

    def _power(self, command: int, mask: int) -> int:
        on = bool(command & 1)
        slots = tuple(slot for slot in self.boards if mask >> slot & 1)
        for slot in slots:
            self.boards[slot].switch(on and not self.boards[slot].fails_power_on)
        self.log.append(PowerEvent(time.time(), self.cabinet, self.frame, slots, on))
        failed = on and any(self.boards[slot].fails_power_on for slot in slots)
        return scp.NO_REPLY if failed else scp.OK

    def _read_register(self, request: scp.Request) -> bytes:
        register, _size, fpga = request.arguments
        board = self.boards.get(request.core)
        if board is None:
            return request.reply(result=scp.BAD_ARGUMENT)
        # The flag register's low two bits are the FPGA's own number.
        return request.reply(board.registers.get((fpga, register), fpga & 0x3).to_bytes(4, "little"))

    def _write_register(self, request: scp.Request) -> bytes:
        register, _size, fpga = request.arguments
        board = self.boards.get(request.core)
        if board is None or len(request.data) < 4:
            return request.reply(result=scp.BAD_ARGUMENT)
        board.registers[fpga, register] = int.from_bytes(request.data[:4], "little")
        return request.reply()
