"""How simulated boards are booted, and what booted ones answer.

A board that is on takes a boot image on a port of its own: a datagram that says how many blocks follow, the blocks,
and a datagram that says that this was all. Then the board runs, and so do all boards that it reaches over links
which the server has not stopped; their chips are counted from the board that was given the image. Source: the
module ``rig.machine_control.boot`` of Rig 2.4.1, and SpiNNaker application note 5 (SCP).
"""

import struct
from collections.abc import Iterator

from spalloc_client.geometry import TRIAD_CHIPS, Link, board_to_chip, chip_to_board, neighbour, other_end
from spalloc_client.records import Board, Chip, DeadLink
from spalloc_client.sandbox import scp
from spalloc_client.sandbox.hardware import SimulatedBoard
from spalloc_client.sandbox.machines import SimulatedMachine

BOOT_PORT = 54321
"""The UDP port that takes the boot image."""

_HEADER = struct.Struct(">HIIII")
"""Protocol version, command, three arguments."""

_START, _BLOCK, _END = 1, 3, 5

_NOBODY = Chip(255, 255)
"""Who has no address yet, and whoever is asked directly."""


class BoardNetwork:
    """The boards of one machine, and the links between them.

    Parameters
    ----------
    machine
        What machine they make up.
    """

    def __init__(self, machine: SimulatedMachine) -> None:
        self.machine = machine
        self.boards = {coordinate: SimulatedBoard(coordinate) for coordinate in machine.places()}
        size = machine.width, machine.height
        self._dead_links = {*machine.dead_links, *(other_end(link, *size) for link in machine.dead_links)}

    def load(self, board: SimulatedBoard, datagram: bytes) -> None:
        """Let a `board` take one datagram of a boot image."""
        if not board.on or len(datagram) < _HEADER.size:
            return
        _version, command, first, _second, third = _HEADER.unpack_from(datagram)
        if command == _START:
            board.blocks = set(range((third & 0xFF) + 1))
        elif command == _BLOCK and board.blocks is not None:
            board.blocks.discard(first & 0xFF)
        elif command == _END and board.blocks == set():
            self._boot(board)

    def _boot(self, root: SimulatedBoard) -> None:
        root.blocks = None
        reached = set() if root.fails_boot else self._reachable(root)
        for board in self.boards.values():
            if board.coordinate in reached:
                board.root = root.coordinate
            elif board.root == root.coordinate:
                board.root = None

    def _reachable(self, root: SimulatedBoard) -> set[Board]:
        reached, edge = {root.coordinate}, {root.coordinate}
        while edge:
            edge = {other for board in edge for other in self._neighbours(self.boards[board])} - reached
            reached |= edge
        return reached

    def _neighbours(self, board: SimulatedBoard) -> Iterator[Board]:
        for link in Link:
            other = self.boards.get(neighbour(board.coordinate, link, self.machine.width, self.machine.height))
            if other is None or other.fails_boot or DeadLink(*board.coordinate, link) in self._dead_links:
                continue
            if board.sends(link) and other.sends(link.opposite):
                yield other.coordinate

    def answer(self, board: SimulatedBoard, datagram: bytes) -> bytes | None:
        """Return what a `board` answers to an SCP `datagram`; None unless it is booted."""
        request = scp.parse(datagram)
        if request is None or board.root is None:
            return None
        _port, y, x = request.destination
        here = self._counted_from(board.root, board.coordinate)
        asked = here if Chip(x, y) == _NOBODY else Chip(x, y)
        if not self._has(board.root, asked):
            return request.reply(result=scp.NO_ROUTE)
        if request.command != scp.CMD_VER:
            return request.reply(result=scp.BAD_COMMAND)
        return request.reply(scp.version("SC&MP/SpiNNaker", "3.4.2", x=asked.x, y=asked.y, core=request.core))

    def _counted_from(self, root: Board, board: Board) -> Chip:
        start, chip = board_to_chip(root), board_to_chip(board)
        return self._wrapped(chip.x - start.x, chip.y - start.y)

    def _has(self, root: Board, chip: Chip) -> bool:
        start = board_to_chip(root)
        there = self._wrapped(start.x + chip.x, start.y + chip.y)
        carrier = self.boards.get(chip_to_board(there, self.machine.width, self.machine.height))
        return carrier is not None and carrier.root == root

    def _wrapped(self, x: int, y: int) -> Chip:
        return Chip(x % (TRIAD_CHIPS * self.machine.width), y % (TRIAD_CHIPS * self.machine.height))
