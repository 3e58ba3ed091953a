"""The twelve options: what each means, how it is read from text, and which values it takes."""

import math
from collections.abc import Callable
from typing import NamedTuple

from spalloc_client.exceptions import ConfigError

Value = str | int | float | bool | tuple[str, ...] | None


class Option(NamedTuple):
    """One option.

    Parameters
    ----------
    name
        As in config files, and as the keyword of :class:`spalloc_client.Job`.
    expected
        Which values it takes, in words that follow "expected".
    check
        Returns the value in its right type, or raises ValueError or TypeError.
    meaning
        One sentence about it.
    """

    name: str
    expected: str
    check: Callable[[object], Value]
    meaning: str

    @property
    def variable(self) -> str:
        """The environment variable that sets it."""
        return f"SPALLOC_{self.name.upper()}"

    def from_text(self, text: str, where: str) -> Value:
        """Return the value that is written in a file or a variable.

        Raises
        ------
        ConfigError
            If it is none; `where` is named as its place.
        """
        return self.from_value(None if text.strip().lower() == "none" else text.strip(), where)

    def from_value(self, value: object, where: str) -> Value:
        """Return a value in its right type.

        Raises
        ------
        ConfigError
            If it cannot be used; `where` is named as its place.
        """
        try:
            return self.check(value)
        except (ValueError, TypeError):
            raise ConfigError(f"{where}: {self.name} is {value!r}, expected {self.expected}") from None


def _optional(check: Callable[[object], Value]) -> Callable[[object], Value]:
    return lambda value: None if value is None else check(value)


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise TypeError
    number = float(value)
    if not math.isfinite(number):
        raise ValueError
    return number


def _seconds(value: object) -> float:
    number = _number(value)
    if number <= 0:
        raise ValueError
    return number


def _seconds_or_zero(value: object) -> float:
    number = _number(value)
    if number < 0:
        raise ValueError
    return number


def _ratio(value: object) -> float:
    number = _number(value)
    if not 0 <= number <= 1:
        raise ValueError
    return number


def _count(value: object) -> int:
    number = _number(value)
    if number < 0 or number != int(number):
        raise ValueError
    return int(number)


def _port(value: object) -> int:
    number = _count(value)
    if not 0 < number < 65536:
        raise ValueError
    return number


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    if not value.strip():
        raise ValueError
    return value


def _tags(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        value = value.split(",")
    if not isinstance(value, list | tuple | set | frozenset):
        raise TypeError
    tags = tuple(_text(tag).strip() for tag in value)
    if not tags:
        raise ValueError
    return tags


_WORDS = {"1": True, "yes": True, "true": True, "on": True, "0": False, "no": False, "false": False, "off": False}


def _truth(value: object) -> bool:
    if isinstance(value, bool):
        return value
    if not isinstance(value, str) or value.lower() not in _WORDS:
        raise ValueError
    return _WORDS[value.lower()]


_SECONDS_OR_NONE = "a number of seconds above 0, or None"
_COUNT_OR_NONE = "a whole number from 0, or None"

OPTIONS = (
    Option("hostname", "a host name or IP address", _optional(_text), "Name or IP address of the spalloc server."),
    Option("owner", "a name", _optional(_text), "Whose jobs these are, by convention an email address."),
    Option("port", "a number from 1 to 65535", _port, "TCP port of the spalloc server."),
    Option(
        "keepalive",
        _SECONDS_OR_NONE,
        _optional(_seconds),
        "Seconds without a sign of life after which the server destroys the job; None for never.",
    ),
    Option(
        "reconnect_delay",
        "a number of seconds from 0",
        _seconds_or_zero,
        "Seconds between attempts to connect again when the connection was lost.",
    ),
    Option(
        "timeout",
        _SECONDS_OR_NONE,
        _optional(_seconds),
        "Seconds to wait for an answer of the server; None for no limit.",
    ),
    Option("machine", "the name of a machine, or None", _optional(_text), "The one machine to use; None for any."),
    Option(
        "tags",
        "words with commas between them, or None",
        _optional(_tags),
        "Tags that the machine must have; None for the tag “default”.",
    ),
    Option(
        "min_ratio",
        "a number from 0 to 1",
        _ratio,
        "How square boards asked for by number must lie: 1 for a square, 0 for any shape.",
    ),
    Option(
        "max_dead_boards",
        _COUNT_OR_NONE,
        _optional(_count),
        "How many boards of the allocation may be dead; None for any number.",
    ),
    Option(
        "max_dead_links",
        _COUNT_OR_NONE,
        _optional(_count),
        "How many links within the allocation may be dead; None for any number.",
    ),
    Option("require_torus", "True or False", _truth, "Whether wrap-around links are needed."),
)
"""All options, in the order in which they are shown."""
