"""What is asked of a server, checked before a byte leaves.

Some impossible requests kill a classic server's only thread (``machine`` with ``tags``), others leave a job behind
that nobody can destroy; so nothing impossible is ever sent.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from spalloc_client.config import Config
from spalloc_client.exceptions import ConfigError, RequestError

_FORMS = "nothing or 1 (one board), BOARDS, WIDTH HEIGHT (in triads) or X Y Z (one certain board)"


class JobRequest(NamedTuple):
    """A request for boards.

    Parameters
    ----------
    what
        Nothing, (boards,), (width, height) in triads or (x, y, z).
    owner
        Whose job it is to be.
    requirements
        The rest, by the protocol's names; None where anything goes.
    """

    what: tuple[int, ...]
    owner: str
    requirements: Mapping[str, object] = MappingProxyType({})

    @classmethod
    def from_config(cls, what: Sequence[int], config: Config) -> "JobRequest":
        """Return a request that was checked.

        Raises
        ------
        RequestError
            If no server could fulfil it.
        ConfigError
            If nobody says whose job it is to be.
        """
        numbers = _check_what(what)
        if config.owner is None:
            raise ConfigError(
                "no owner is set; give owner=… (--owner in a shell), set SPALLOC_OWNER, "
                "or write “owner = your@email” in a config file (python -m spalloc_client.config lists them)"
            )
        if config.require_torus and (len(numbers) == 3 or numbers in ((), (1,))):
            raise RequestError("one board has no wrap-around links: leave out require_torus, or ask for more boards")
        if len(numbers) == 3 and config.tags is not None:
            raise RequestError("a certain board is on a certain machine: give machine=…, not tags")
        requirements: dict[str, object] = {
            "keepalive": config.keepalive,
            "machine": config.machine,
            "tags": None if config.tags is None else list(config.tags),
            "max_dead_boards": config.max_dead_boards,
            "max_dead_links": config.max_dead_links,
            "require_torus": config.require_torus,
        }
        if len(numbers) == 1:
            requirements["min_ratio"] = config.min_ratio
        return cls(numbers, config.owner, requirements)

    @property
    def boards(self) -> int:
        """How many boards were asked for."""
        if len(self.what) == 2:
            return 3 * self.what[0] * self.what[1]
        return self.what[0] if len(self.what) == 1 else 1

    @property
    def keepalive(self) -> float | None:
        """Seconds without a sign of life after which the server destroys the job; None for never."""
        keepalive = self.requirements.get("keepalive")
        return keepalive if isinstance(keepalive, float) else None

    def __str__(self) -> str:
        if len(self.what) == 2:
            return f"{self.what[0]}×{self.what[1]} triads"
        if len(self.what) == 3:
            return "board ({}, {}, {})".format(*self.what)
        return "1 board" if self.boards == 1 else f"{self.boards} boards"


def _check_what(what: Sequence[int]) -> tuple[int, ...]:
    if len(what) > 3:
        raise RequestError(f"{len(what)} numbers were given ({_listed(what)}), expected {_FORMS}")
    for number in what:
        if isinstance(number, bool) or not isinstance(number, int):
            raise RequestError(f"{number!r} is not a whole number; expected {_FORMS}")
    lowest = 0 if len(what) == 3 else 1
    if any(number < lowest for number in what):
        raise RequestError(f"{_listed(what)}: each number must be at least {lowest}; expected {_FORMS}")
    return tuple(what)


def _listed(what: Sequence[object]) -> str:
    return ", ".join(map(str, what))
