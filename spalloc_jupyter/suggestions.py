"""What may stand at a place in a magic's line. No completer waits for a network: what a server has is remembered."""

import argparse
import math
import shlex
import threading
import time
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from spalloc_client.config import Config
from spalloc_client.exceptions import SpallocError
from spalloc_client.records import JobRecord, MachineRecord
from spalloc_client.server import Server
from spalloc_jupyter.grammar import actions_of, parser_of
from spalloc_jupyter.jobs import JOBS

if TYPE_CHECKING:
    from spalloc_jupyter.settings import Settings

FRESH: Final = 5.0
"""Seconds after which a server is asked again, beside what goes on."""

_MOMENT: Final = 0.1  # seconds that nobody notices: most servers have answered by then
_PATIENCE: Final = 2.0  # seconds after which a server that does not answer is given up


class _Known(NamedTuple):
    """What a server had when it was asked."""

    jobs: Sequence[JobRecord] = ()
    machines: Sequence[MachineRecord] = ()
    at: float = -math.inf
    """On :func:`time.monotonic`."""


_known: dict[tuple[str, int], _Known] = {}
_asking: dict[tuple[str, int], threading.Thread] = {}


def suggestions(magic: str, before: Sequence[str], fragment: str, settings: "Settings") -> list[str]:
    """Return what may stand in the place of the last word of a magic's line, in order.

    Parameters
    ----------
    magic
        The magic, without per cent signs.
    before
        The words before.
    fragment
        What the last word begins with.
    settings
        The notebook's settings, which name the server and the owner.
    """
    parser = parser_of(magic)
    if parser is None or ("-c" in before and magic == "spalloc") or "--command" in before:
        return []
    if fragment.startswith("-"):
        found: Iterable[str] = (flag for action in actions_of(parser) for flag in action.option_strings)
    else:
        found = _values(_expected(parser, before), settings)
    return sorted({word for word in found if word.startswith(fragment)}, key=lambda word: (len(word) < 3, word))


class _Place(NamedTuple):
    """What is expected at a place."""

    kind: str
    choices: tuple[str, ...] = ()


def _expected(parser: argparse.ArgumentParser, before: Sequence[str]) -> _Place:
    """Return what the next word is: a value of the last option, or one that stands by itself."""
    by_flag = {flag: action for action in actions_of(parser) for flag in action.option_strings}
    positional = next((action for action in actions_of(parser) if not action.option_strings), None)
    action, values = positional, 0
    for word in before:
        if word in by_flag:
            action, values = by_flag[word], 0
        else:
            values += 1
        if action is not None and action.option_strings and values >= _most(action):
            action, values = positional, 0
    if action is None:
        return _Place("")
    metavar = action.metavar
    kind = metavar[min(values, len(metavar) - 1)] if isinstance(metavar, tuple) else metavar or ""
    return _Place(kind, tuple(map(str, action.choices or ())))


def _most(action: argparse.Action) -> float:
    """Return how many values an option may have."""
    if isinstance(action.nargs, int):
        return action.nargs
    return math.inf if action.nargs in ("+", "*") else 1


def _values(place: _Place, settings: "Settings") -> list[str]:
    if place.choices or place.kind not in ("MACHINE", "TAG", "JOB_ID", "OWNER"):
        return list(place.choices)
    try:
        config = Config.load(arguments=settings.options())
        known = _ask(config)
    except SpallocError:
        return []
    match place.kind:
        case "MACHINE":
            names = [machine.name for machine in known.machines]
        case "TAG":
            names = [tag for machine in known.machines for tag in machine.tags]
        case "OWNER":
            names = [job.owner for job in known.jobs]
        case _:
            own = {job.id for job in JOBS if job.end is None}
            names = [str(job.id) for job in known.jobs if job.owner == config.owner or job.id in own]
    # What cannot be seen must not be put into a line that is run.
    return [shlex.quote(name) for name in names if name.isprintable()]


def _ask(config: Config) -> _Known:
    """Return what is remembered of a server, and have it asked again if that is old."""
    server = Server.from_config(config)
    address = server.hostname, server.port
    known = _known.get(address, _Known())
    if time.monotonic() - known.at < FRESH:
        return known
    looking = _asking.get(address)
    if looking is None:
        looking = threading.Thread(target=_look, args=(server,), name="spalloc completion", daemon=True)
        _asking[address] = looking
        looking.start()
    looking.join(_MOMENT)
    return _known.get(address, _Known())


def _look(server: Server) -> None:
    address = server.hostname, server.port
    asked = Server(*address, timeout=min(server.timeout or _PATIENCE, _PATIENCE), reconnect_delay=_PATIENCE)
    try:
        with asked:
            _known[address] = _Known(asked.jobs(), asked.machines(), time.monotonic())
    except SpallocError:
        _known[address] = _Known(at=time.monotonic())
    finally:
        _asking.pop(address, None)
