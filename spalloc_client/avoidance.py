"""Boards that a job is not to get, and how often others are asked for instead."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from spalloc_client.exceptions import RequestError
from spalloc_client.records import Allocation, Board


class Avoidance(NamedTuple):
    """Which boards are not wanted.

    Parameters
    ----------
    hosts
        By the host name or IP address of their Ethernet chip.
    boards
        By their coordinate.
    retries
        How often to ask again.
    """

    hosts: frozenset[str]
    boards: frozenset[Board]
    retries: int

    @classmethod
    def of(cls, avoid: Iterable[str | Sequence[int]], retries: int) -> "Avoidance":
        """Return what was given, checked.

        Raises
        ------
        RequestError
            If something in `avoid` names no board, or `retries` is no count.
        """
        if isinstance(avoid, str):
            raise RequestError(f"avoid is {avoid!r}, expected a list of host names and of boards (x, y, z)")
        if isinstance(retries, bool) or not isinstance(retries, int) or retries < 0:
            raise RequestError(f"retries is {retries!r}, expected a whole number from 0")
        hosts, boards = set[str](), set[Board]()
        for one in avoid:
            if isinstance(one, str):
                hosts.add(one)
            elif len(one) == 3 and all(isinstance(number, int) for number in one):
                boards.add(Board(*one))
            else:
                raise RequestError(f"cannot avoid {one!r}, expected a host name or a board (x, y, z)")
        return cls(frozenset(hosts), frozenset(boards), retries)

    def found_in(self, allocation: Allocation) -> tuple[str, ...]:
        """Return, in words, the boards to avoid that are among those given."""
        boards = (f"({board.x}, {board.y}, {board.z})" for board in allocation.boards if board in self.boards)
        hosts = (host for host in allocation.connections.values() if host in self.hosts)
        return (*boards, *hosts)
