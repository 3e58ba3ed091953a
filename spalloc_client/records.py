"""What servers tell, as frozen values.

They are decoded once, in :mod:`spalloc_client.dialect`; nobody above it sees the wire's lists and nulls.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from spalloc_client.states import JobState


class Board(NamedTuple):
    """A board's logical coordinate: triad (x, y) and place within the triad (z = 0, 1, 2)."""

    x: int
    y: int
    z: int


class Chip(NamedTuple):
    """A chip's coordinate, counted from the bottom-left chip of whatever it is a chip of."""

    x: int
    y: int


class PhysicalLocation(NamedTuple):
    """Where a board is bolted in."""

    cabinet: int
    frame: int
    board: int


class DeadLink(NamedTuple):
    """A link that does not work: the board it leaves from, and which of its six links it is.

    Links count anticlockwise from east: 0 E, 1 NE, 2 N, 3 W, 4 SW, 5 S.
    """

    x: int
    y: int
    z: int
    link: int


class JobStatus(NamedTuple):
    """How one job is doing."""

    state: JobState
    power: bool | None
    """True on, False off, None without boards."""
    keepalive: float | None
    """The interval in seconds; None if the server does not say, or if the job needs no keepalive."""
    reason: str | None
    """Why it was destroyed."""
    start_time: float | None
    """When it was created, in seconds since 1970 (UTC)."""
    keepalive_host: str | None
    """Who kept it alive last."""


class Allocation(NamedTuple):
    """The boards that a job was given."""

    width: int
    """In chips."""
    height: int
    """In chips."""
    connections: Mapping[Chip, str]
    """Host names by Ethernet chip."""
    machine_name: str
    boards: tuple[Board, ...]

    @property
    def hostname(self) -> str | None:
        """The host name of chip (0, 0)."""
        return self.connections.get(Chip(0, 0))


class JobRecord(NamedTuple):
    """One line of the server's list of jobs."""

    id: int
    owner: str
    state: JobState
    power: bool | None = None
    start_time: float | None = None
    """When it was created, in seconds since 1970 (UTC)."""
    keepalive: float | None = None
    """The interval in seconds; None for a job that needs no keepalive."""
    request: tuple[int, ...] = ()
    """What was asked for: nothing, (boards,), (width, height) in triads or (x, y, z)."""
    requirements: Mapping[str, object] = MappingProxyType({})
    """What else was asked for, by name: ``machine``, ``tags``, ``max_dead_boards`` …"""
    machine_name: str | None = None
    boards: tuple[Board, ...] = ()
    keepalive_host: str | None = None
    reason: str | None = None


class MachineRecord(NamedTuple):
    """One machine."""

    name: str
    tags: tuple[str, ...]
    width: int
    """In triads."""
    height: int
    """In triads."""
    dead_boards: frozenset[Board] = frozenset()
    dead_links: frozenset[DeadLink] = frozenset()

    @property
    def size(self) -> int:
        """How many boards it has room for, dead ones included."""
        return 3 * self.width * self.height

    @property
    def working(self) -> int:
        """How many boards work."""
        return self.size - len(self.dead_boards)


class Location(NamedTuple):
    """Where a chip or a board is, in every way there is to say it."""

    machine: str
    board: Board
    physical: PhysicalLocation
    chip: Chip
    """As if the whole machine were booted as one."""
    board_chip: Chip
    """Counted from the board's own bottom-left (Ethernet) chip."""
    job_id: int | None
    job_chip: Chip | None
    """As the job counts its chips."""


class ChipLocation(NamedTuple):
    """Where a chip of a job is, and how its board is reached."""

    hostname: str | None
    """Of the board's Ethernet chip."""
    board: Board
    physical: PhysicalLocation
    board_chip: Chip
    """The chip, counted from the board's Ethernet chip."""
