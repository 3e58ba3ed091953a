"""The command ``spalloc-where-is``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spalloc_client.scripts.signals import interruptible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from spalloc_client.commands.arguments import WhereIsArguments
    from spalloc_client.records import Location
    from spalloc_client.scripts.shell import Output

_NOT_FOUND = 4


def main(words: Sequence[str] | None = None) -> int:
    """Run the command with `words` (None: those of the process) and return its exit code."""
    return interruptible("spalloc-where-is", lambda: _parse_and_run(words))


def _parse_and_run(words: Sequence[str] | None) -> int:
    from spalloc_client.commands.catalogue import WHERE_IS
    from spalloc_client.scripts.shell import parse, run

    arguments, output = parse(WHERE_IS, words, csv=None)
    return run(WHERE_IS.name, lambda: _main(arguments, output), {"CommandError": _NOT_FOUND})


def _main(arguments: WhereIsArguments, output: Output) -> int:
    from spalloc_client.commands.where_is import where_is
    from spalloc_client.config import Config
    from spalloc_client.server import Server

    with Server.from_config(Config.load(arguments=arguments.options)) as server:
        place = where_is(server, arguments.query)
    if output.json:
        from spalloc_client.scripts import as_json

        as_json.put(as_json.location(place))
    else:
        _print(place)
    return 0


def _print(place: Location) -> None:
    """Print a place as the manual shows it, on a terminal and on a pipe alike."""
    from spalloc_client.scripts.ink import plain

    facts: dict[str, object] = {
        "Machine": place.machine,
        "Physical Location": "Cabinet {}, Frame {}, Board {}".format(*place.physical),
        "Board Coordinate": tuple(place.board),
        "Machine Chip Coordinates": tuple(place.chip),
        "Coordinates within board": tuple(place.board_chip),
        "Job using board": place.job_id,
    }
    if place.job_chip is not None:
        facts["Coordinates within job"] = tuple(place.job_chip)
    wide = max(map(len, facts))
    for label, value in facts.items():
        print(f"{label:>{wide}}: {plain(value)}")
