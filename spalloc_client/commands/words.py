"""From the words of a command line to values; what is no value is an :class:`argparse.ArgumentTypeError`."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from spalloc_client.commands.queries import Query
    from spalloc_client.options import Value

_MAY_BE_NONE = ("keepalive", "timeout", "max_dead_boards", "max_dead_links")


def setting(name: str) -> Callable[[str], Value]:
    """Return what reads a value of an option that configuration knows; -1 is None where None is a value."""

    def value(text: str) -> Value:
        from spalloc_client.exceptions import ConfigError
        from spalloc_client.options import OPTIONS

        if name in _MAY_BE_NONE and _is_negative(text):
            return None
        option = next(option for option in OPTIONS if option.name == name)
        try:
            return option.from_text(text, name)
        except ConfigError:
            raise argparse.ArgumentTypeError(f"{text!r} was given, expected {option.expected}") from None

    return value


def _is_negative(text: str) -> bool:
    try:
        return float(text) < 0
    except ValueError:
        return False


def whole_number(text: str) -> int:
    """Return a whole number from 0; a comma behind it is forgiven."""
    digits = text.removesuffix(",")
    if not (digits.isascii() and digits.isdigit()):
        raise argparse.ArgumentTypeError(f"{text!r} was given, expected a whole number from 0")
    return int(digits)


def tag(text: str) -> tuple[str, ...]:
    """Return the tags in one word, which may hold several with commas between them."""
    tags = tuple(word.strip() for word in text.split(",") if word.strip())
    if not tags:
        raise argparse.ArgumentTypeError(f"{text!r} was given, expected a tag")
    return tags


def ignored_truth(text: str) -> None:
    """Accept what the reference client's ``--ignore_version`` takes."""
    if text.lower() not in ("true", "false", "yes", "no", "on", "off", "1", "0"):
        raise argparse.ArgumentTypeError(f"{text!r} was given, expected True or False")


def board_query(words: Sequence[str]) -> Query:
    """Return the query in the words MACHINE X Y Z."""
    from spalloc_client.commands.queries import BoardQuery

    return BoardQuery(_machine(words[0]), *map(whole_number, words[1:]))


def physical_query(words: Sequence[str]) -> Query:
    """Return the query in the words MACHINE CABINET FRAME BOARD."""
    from spalloc_client.commands.queries import PhysicalQuery

    return PhysicalQuery(_machine(words[0]), *map(whole_number, words[1:]))


def chip_query(words: Sequence[str]) -> Query:
    """Return the query in the words MACHINE X Y."""
    from spalloc_client.commands.queries import ChipQuery

    return ChipQuery(_machine(words[0]), *map(whole_number, words[1:]))


def job_chip_query(words: Sequence[str]) -> Query:
    """Return the query in the words JOB_ID X Y."""
    from spalloc_client.commands.queries import JobChipQuery

    return JobChipQuery(*map(whole_number, words))


def _machine(text: str) -> str:
    name = text.removesuffix(",")
    if not name.strip():
        raise argparse.ArgumentTypeError("the name of the machine is empty")
    return name
