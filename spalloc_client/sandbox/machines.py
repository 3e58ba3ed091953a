"""The simulated machines: their sizes, where each board is bolted in, and the server's configuration for them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from spalloc_client.exceptions import SandboxError
from spalloc_client.geometry import all_boards
from spalloc_client.records import Board, DeadLink, PhysicalLocation

SIZES: Mapping[int, tuple[int, int]] = MappingProxyType({1: (1, 1), 3: (1, 1), 24: (4, 2), 120: (8, 5), 1200: (20, 20)})
"""Width and height in triads, by number of boards."""

BOARDS_IN_A_FRAME = 24
FRAMES_IN_A_CABINET = 5
LARGEST_RACK = 254
"""How many frames one sandbox has room for: each has its own value of the third byte of an IPv4 address."""


@dataclass(frozen=True, slots=True)
class SimulatedMachine:
    """One simulated machine.

    Parameters
    ----------
    boards
        1, 3, 24, 120 or 1200. A machine of one board is a triad of which only board (0, 0, 0) exists.
    name
        What the server calls it.
    tags
        The server's tags for it.
    dead_boards
        Logical coordinates (x, y, z) of boards that the server takes for broken.
    dead_links
        (x, y, z, link) of links that the server takes for broken; links count anticlockwise from east.

    Raises
    ------
    SandboxError
        There is no machine of that size, or a coordinate lies outside of it.
    """

    boards: int = 24
    name: str = "sandbox"
    tags: tuple[str, ...] = ("default",)
    dead_boards: tuple[Board, ...] = ()
    dead_links: tuple[DeadLink, ...] = ()

    def __post_init__(self) -> None:
        if self.boards not in SIZES:
            sizes = ", ".join(map(str, SIZES))
            raise SandboxError(f"There is no simulated machine of {self.boards} boards: choose one of {sizes}.")
        if not self.name:
            raise SandboxError("A simulated machine needs a name.")
        for board in self.dead_boards:
            self._check(board)
        for x, y, z, link in self.dead_links:
            self._check(Board(x, y, z))
            if not 0 <= link < 6:
                raise SandboxError(f"There is no link {link}: links are 0 (east) to 5 (south), anticlockwise.")

    def _check(self, board: Board) -> None:
        if board not in self.places():
            raise SandboxError(f"There is no board {tuple(board)} in a machine of {self.boards} boards.")

    @property
    def width(self) -> int:
        """Width in triads."""
        return SIZES[self.boards][0]

    @property
    def height(self) -> int:
        """Height in triads."""
        return SIZES[self.boards][1]

    @property
    def frames(self) -> int:
        """How many frames, each with a BMP of its own, the boards fill."""
        return -(-self.boards // BOARDS_IN_A_FRAME)

    def places(self) -> dict[Board, PhysicalLocation]:
        """Return where each board is bolted in, with the usual wiring.

        The machine is a grid of boards, 3 x its width in triads across and its height up. To keep cables short, it
        is folded in half both ways, and the halves are interleaved. Columns of what results go into cabinets, rows
        into frames. Source: J. Heathcote, "Building and Operating Large-Scale SpiNNaker Machines", PhD thesis,
        University of Manchester, 2016; `SpiNNer <https://github.com/SpiNNakerManchester/SpiNNer>`_ plans machines
        so.
        """
        cabinets = -(-self.frames // FRAMES_IN_A_CABINET)
        columns, rows = 3 * self.width // cabinets, self.height // min(self.frames, FRAMES_IN_A_CABINET)
        boards = [board for board in all_boards(self.width, self.height) if self.boards > 1 or board.z == 0]
        return {board: self._place(board, columns, rows) for board in boards}

    def _place(self, board: Board, columns: int, rows: int) -> PhysicalLocation:
        # Columns are four chips wide: in a triad, board 2 lies one column after board 0, and board 1 two.
        column = _fold(3 * board.x + (0, 2, 1)[board.z], 3 * self.width)
        row = _fold(board.y, self.height)
        return PhysicalLocation(column // columns, row // rows, row % rows + rows * (column % columns))


def _fold(place: int, size: int) -> int:
    """Return the place of one of `size` things in a row after it was folded in half and the halves interleaved."""
    return 2 * place if 2 * place < size else 2 * (size - 1 - place) + 1


@dataclass(frozen=True, slots=True)
class Rack:
    """One machine with its addresses, as installations usually give them.

    Parameters
    ----------
    machine
        What is bolted into it.
    network
        The address's first two bytes, such as ``"127.7"``.
    first
        The third byte of the first frame's address; every further frame has the next one.
    """

    machine: SimulatedMachine
    network: str
    first: int

    def bmp_address(self, cabinet: int, frame: int) -> str:
        """Return the address of the BMP of a frame."""
        return f"{self.network}.{self._frame(cabinet, frame)}.0"

    def board_address(self, place: PhysicalLocation) -> str:
        """Return the address of the Ethernet chip of the board at `place`."""
        return f"{self.network}.{self._frame(place.cabinet, place.frame)}.{8 * place.board + 1}"

    def _frame(self, cabinet: int, frame: int) -> int:
        return self.first + FRAMES_IN_A_CABINET * cabinet + frame


def racks(machines: Iterable[SimulatedMachine], network: str) -> list[Rack]:
    """Give each of the `machines` its addresses in ``network.0.0``, one after the other.

    Raises
    ------
    SandboxError
        There is no machine, there are too many, or two have the same name.
    """
    placed: list[Rack] = []
    first = 0
    for machine in machines:
        placed.append(Rack(machine, network, first))
        first += machine.frames
    names = [rack.machine.name for rack in placed]
    if not names:
        raise SandboxError("A sandbox needs at least one machine.")
    if len(set(names)) < len(names):
        raise SandboxError(f"Every machine needs a name of its own; given were {', '.join(names)}.")
    if first > LARGEST_RACK:
        raise SandboxError(f"A sandbox has room for {LARGEST_RACK * BOARDS_IN_A_FRAME} boards; this is too many.")
    return placed


def server_config(placed: Iterable[Rack], *, timeout_check_interval: float, seconds_before_free: float) -> str:
    """Return the server's configuration file, which is a Python script."""
    machines = ",\n        ".join(map(_machine_config, placed))
    return f"""\
from spalloc_server.links import Links

configuration = Configuration(
    ip="127.0.0.1",
    timeout_check_interval={timeout_check_interval!r},
    seconds_before_free={seconds_before_free!r},
    machines=[
        {machines},
    ],
)
"""


def _machine_config(rack: Rack) -> str:
    machine, places = rack.machine, rack.machine.places()
    missing = [(0, 0, 1), (0, 0, 2)] if machine.boards == 1 else []
    dead_boards = [tuple(board) for board in machine.dead_boards]
    links = ", ".join(f"({x}, {y}, {z}, Links({link}))" for x, y, z, link in machine.dead_links)
    locations = {tuple(board): tuple(place) for board, place in places.items()}
    return (
        f"Machine.with_standard_ips({machine.name!r}, tags=set({list(machine.tags)!r}), "
        f"width={machine.width}, height={machine.height}, dead_boards=set({dead_boards + missing!r}), "
        f"dead_links=set([{links}]), board_locations={locations!r}, base_ip='{rack.network}.{rack.first}.0')"
    )
