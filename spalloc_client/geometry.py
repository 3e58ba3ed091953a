r"""Where boards and chips are: triads, boards, chips, links and hexagons.

A SpiNN-5 board carries 48 chips in the shape of a hexagon. Three boards make a triad, which repeats every
twelve chips in both directions; a machine of `width` x `height` triads is a torus of 12 `width` x 12 `height`
chips. Board z of triad (x, y) has its Ethernet chip, the bottom-left one, at chip (12 x, 12 y) + (0, 0),
(8, 4) or (4, 8). Drawn with flat tops, each board touches its six neighbours, and each side is one link::

     ___     ___              N
    / 2 \___/ 2 \___         ___
    \___/ 1 \___/ 1 \    W  /   \  NE
    / 0 \___/ 0 \___/   SW  \___/  E
    \___/   \___/
                              S

Each row of triads is drawn half a triad to the left of the row below it. Here is arithmetic on integers, and
two factors for drawing; nothing asks a server, and nothing is rounded.

Sources: S. B. Furber et al., "Overview of the SpiNNaker System Architecture", IEEE Trans. Computers 62(12),
2013 (board, links and torus); J. Heathcote, "Building and Operating Large-Scale SpiNNaker Machines", PhD
thesis, University of Manchester, 2016 (triads, coordinates and drawings); the modules ``rig.geometry`` and
``rig.links`` of Rig 2.4.1 and ``spalloc_server.coordinates`` 1!7.0.0, with which the tests compare this.
"""

import enum
import math
from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

from spalloc_client.records import Board, Chip, DeadLink

TRIAD_CHIPS = 12
"""A triad repeats after so many chips, in x and in y."""

BOARD_SPAN = 8
"""A board is so many chips wide and high."""

ETHERNET_CHIPS = (Chip(0, 0), Chip(8, 4), Chip(4, 8))
"""The Ethernet chips of boards z = 0, 1, 2, counted from the triad's first chip."""

BOARD_CHIPS = tuple(
    Chip(x, y) for y in range(BOARD_SPAN) for x in range(BOARD_SPAN) if -BOARD_SPAN < 2 * (x - y) <= BOARD_SPAN
)
"""The 48 chips of a board, counted from its Ethernet chip, row by row from the bottom."""

COLUMN_WIDTH = 1.5
"""From one column of boards to the next, when a hexagon's side is 1."""

ROW_HEIGHT = math.sqrt(3) / 2
"""From one row of boards to the next, half a hexagon's height, when a hexagon's side is 1."""

CORNERS = tuple((math.cos(math.radians(60 * k)), math.sin(math.radians(60 * k))) for k in range(6))
"""The corners of a hexagon of side 1 about (0, 0), anticlockwise; link k leaves between k - 1 and k."""


class GridPosition(NamedTuple):
    """A board's place in the drawing, in columns to the right and rows (half hexagons) up.

    Board (0, 0, 0) is at (0, 0). The neighbours of a board are two rows above and below it, and one column
    and one row away on the four slanted sides. Column and row are both even or both odd.
    """

    column: int
    row: int


class Link(enum.IntEnum):
    """The six links of a chip, and of a board; they count anticlockwise from east."""

    EAST = 0
    NORTH_EAST = 1
    NORTH = 2
    WEST = 3
    SOUTH_WEST = 4
    SOUTH = 5

    @property
    def opposite(self) -> "Link":
        """The same link as the other end calls it."""
        return Link((self + 3) % 6)

    @property
    def chip_step(self) -> Chip:
        """From a chip to its neighbour along this link, in chips."""
        return _CHIP_STEPS[self]

    @property
    def grid_step(self) -> GridPosition:
        """From a board to its neighbour along this link, in the drawing."""
        return _GRID_STEPS[self]


_CHIP_STEPS = (Chip(1, 0), Chip(1, 1), Chip(0, 1), Chip(-1, 0), Chip(-1, -1), Chip(0, -1))
_GRID_STEPS = tuple(GridPosition(*step) for step in ((1, -1), (1, 1), (0, 2), (-1, 1), (-1, -1), (0, -2)))

# The 48-chip boards of a triad tile the torus of 12 x 12 chips, so these are all 144 places in it.
_PLACES = {
    ((ethernet.x + chip.x) % TRIAD_CHIPS, (ethernet.y + chip.y) % TRIAD_CHIPS): (z, chip)
    for z, ethernet in enumerate(ETHERNET_CHIPS)
    for chip in BOARD_CHIPS
}


def all_boards(width: int, height: int) -> Iterator[Board]:
    """Yield each board of a machine of `width` x `height` triads: by x, then y, then z."""
    return (Board(x, y, z) for x in range(width) for y in range(height) for z in range(3))


def is_board(board: Board, width: int, height: int) -> bool:
    """Return whether a machine of `width` x `height` triads has room for this board."""
    return 0 <= board.x < width and 0 <= board.y < height and 0 <= board.z < 3


def wrap(board: Board, width: int, height: int) -> Board:
    """Return the board that this one is on a torus of `width` x `height` triads."""
    return Board(board.x % width, board.y % height, board.z)


def board_to_chip(board: Board) -> Chip:
    """Return the board's Ethernet chip, in chips from board (0, 0, 0); not wrapped."""
    ethernet = ETHERNET_CHIPS[board.z]
    return Chip(TRIAD_CHIPS * board.x + ethernet.x, TRIAD_CHIPS * board.y + ethernet.y)


def board_chip(chip: Chip) -> Chip:
    """Return where on its board a chip is, counted from that board's Ethernet chip.

    The same as ``rig.geometry.spinn5_chip_coord``.
    """
    return _PLACES[chip.x % TRIAD_CHIPS, chip.y % TRIAD_CHIPS][1]


def chip_to_board(chip: Chip, width: int, height: int) -> Board:
    """Return the board that carries a chip of a torus of `width` x `height` triads."""
    z, place = _PLACES[chip.x % TRIAD_CHIPS, chip.y % TRIAD_CHIPS]
    return wrap(Board((chip.x - place.x) // TRIAD_CHIPS, (chip.y - place.y) // TRIAD_CHIPS, z), width, height)


def ethernet_chip(chip: Chip, width: int, height: int) -> Chip:
    """Return the Ethernet chip of the board that carries a chip of a torus of `width` x `height` triads.

    The same as ``rig.geometry.spinn5_local_eth_coord``, which counts the torus in chips.
    """
    return board_to_chip(chip_to_board(chip, width, height))


def chips_of(board: Board, width: int, height: int) -> tuple[Chip, ...]:
    """Return the 48 chips of a board on a torus of `width` x `height` triads, its Ethernet chip first."""
    x, y = board_to_chip(board)
    return tuple(
        Chip((x + chip.x) % (TRIAD_CHIPS * width), (y + chip.y) % (TRIAD_CHIPS * height)) for chip in BOARD_CHIPS
    )


def grid_position(board: Board) -> GridPosition:
    """Return the board's place in the drawing."""
    return GridPosition(2 * board.x - board.y + (board.z == 1), 3 * board.y + board.z)


def board_at(position: GridPosition) -> Board:
    """Return the board drawn at a place, not wrapped; column and row must both be even or both odd."""
    y, z = divmod(position.row, 3)
    return Board((position.column + y - (z == 1)) // 2, y, z)


def step(board: Board, link: Link) -> Board:
    """Return the board that follows in the drawing at the end of a link; not wrapped."""
    here, there = grid_position(board), link.grid_step
    return board_at(GridPosition(here.column + there.column, here.row + there.row))


def neighbour(board: Board, link: Link, width: int, height: int) -> Board:
    """Return the board at the other end of a link, on a torus of `width` x `height` triads."""
    return wrap(step(board, link), width, height)


def other_end(link: DeadLink, width: int, height: int) -> DeadLink:
    """Return the same link as the board at its other end calls it; the torus is `width` x `height` triads."""
    name = Link(link.link)
    return DeadLink(*neighbour(Board(link.x, link.y, link.z), name, width, height), name.opposite)


def centre(board: Board) -> tuple[float, float]:
    """Return the middle of the board's hexagon of side 1; that of board (0, 0, 0) is (0, 0)."""
    column, row = grid_position(board)
    return COLUMN_WIDTH * column, ROW_HEIGHT * row


def edge(link: Link) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return the two ends of the side through which a link leaves a hexagon of side 1 about (0, 0)."""
    return CORNERS[link - 1], CORNERS[link]


def unwrap(boards: Iterable[Board], width: int, height: int) -> dict[Board, Board]:
    """Return where to draw boards so that those that lie around the torus' edge come together.

    Parameters
    ----------
    boards
        Boards of one allocation, in any order.
    width, height
        The torus, in triads.

    Returns
    -------
    dict
        The same boards, each with its place, which may be one turn of the torus to the right or above. What
        needs no turn stays in its place; so does a whole machine.
    """
    boards = tuple(boards)
    left = _first({board.x for board in boards}, width)
    bottom = _first({board.y for board in boards}, height)
    return {
        board: Board(board.x + width * (board.x < left), board.y + height * (board.y < bottom), board.z)
        for board in boards
    }


def _first(used: Collection[int], size: int) -> int:
    """Return the number after the widest gap in a ring of `size` numbers, of equals the lowest."""
    ordered = sorted(used)
    starts = zip(ordered, ordered[-1:] + ordered[:-1], strict=True)
    return min((((last - first) % size, first) for first, last in starts), default=(0, 0))[1]


def ethernet_chips(boards: Iterable[Board], width: int, height: int) -> dict[Chip, Board]:
    """Return the boards of one allocation by their Ethernet chips, as the job counts its chips.

    Parameters
    ----------
    boards
        Boards of one allocation, in any order.
    width, height
        The machine, in triads.

    Returns
    -------
    dict
        In the order of the chips. A job of one board counts from that board, any other from board z = 0 of
        its bottom-left triad (as ``spalloc_server`` does, which allocates either one board or whole triads).
    """
    places = unwrap(boards, width, height)
    x = min((place.x for place in places.values()), default=0)
    y = min((place.y for place in places.values()), default=0)
    z = min((place.z for place in places.values()), default=0) if len(places) == 1 else 0
    origin = board_to_chip(Board(x, y, z))
    chips = {board: board_to_chip(place) for board, place in places.items()}
    return dict(sorted((Chip(chip.x - origin.x, chip.y - origin.y), board) for board, chip in chips.items()))


def size_in_chips(boards: Iterable[Board], width: int, height: int) -> tuple[int, int]:
    """Return how many chips wide and high an allocation is.

    Parameters
    ----------
    boards
        Boards of one allocation, in any order; at least one.
    width, height
        The machine, in triads.

    Returns
    -------
    tuple
        8 x 8 for one board; else twelve a triad, and four more where no link wraps around, because the boards
        at that end stick out (``spalloc_server.coordinates.triad_dimensions_to_chips``).
    """
    places = unwrap(boards, width, height)
    if len(places) == 1:
        return BOARD_SPAN, BOARD_SPAN
    columns = {place.x for place in places.values()}
    rows = {place.y for place in places.values()}
    around = [
        (there.x != places[found].x, there.y != places[found].y)
        for place in places.values()
        for there in (step(place, link) for link in Link)
        if (found := wrap(there, width, height)) in places
    ]
    sticks_out = BOARD_SPAN // 2
    return (
        TRIAD_CHIPS * (max(columns) - min(columns) + 1) + sticks_out * (not any(x for x, _ in around)),
        TRIAD_CHIPS * (max(rows) - min(rows) + 1) + sticks_out * (not any(y for _, y in around)),
    )
