"""Completion in bash, zsh and fish, with argcomplete; loaded only while a shell asks for it."""

import argparse
import sys
from collections.abc import Callable, Iterable
from typing import TypeVar

import argcomplete
from argcomplete.shell_integration import shellcode

from spalloc_client.config import Config
from spalloc_client.exceptions import SpallocError
from spalloc_client.scripts.ink import plain
from spalloc_client.server import Server

T = TypeVar("T")

_PATIENCE = 2.0  # seconds that a person who pressed Tab may wait
_COMMANDS = ("spalloc", "spalloc-job", "spalloc-ps", "spalloc-machine", "spalloc-where-is")


def code_for(shell: str) -> str:
    """Return the code that makes a shell complete all five commands."""
    code = shellcode(_COMMANDS, True, shell)
    # zsh finds its own completions by their names, and this one by eval.
    return code.replace("#compdef", "# for", 1) if shell == "zsh" else code


def complete(parser: argparse.ArgumentParser) -> None:
    """Answer a shell that asks, and end the program."""
    for action in parser._actions:  # noqa: SLF001 - argparse has no other way to walk over them
        completer = _COMPLETERS.get(action.dest)
        if completer is not None:
            action.completer = completer  # type: ignore[attr-defined]  # that is where argcomplete looks
    argcomplete.autocomplete(parser, exit_method=sys.exit)


def _machines(parsed_args: argparse.Namespace, **_: object) -> list[str]:
    return _typable(machine.name for machine in _asked(parsed_args, lambda server: server.machines()))


def _jobs(parsed_args: argparse.Namespace, **_: object) -> dict[str, str]:
    found = _asked(parsed_args, lambda server: server.jobs())
    return {str(job.id): f"{job.state.name}, {plain(job.owner)}" for job in found}


def _owners(parsed_args: argparse.Namespace, **_: object) -> list[str]:
    return _typable(job.owner for job in _asked(parsed_args, lambda server: server.jobs()))


def _tags(parsed_args: argparse.Namespace, **_: object) -> list[str]:
    return _typable(tag for machine in _asked(parsed_args, lambda server: server.machines()) for tag in machine.tags)


def _typable(names: Iterable[str]) -> list[str]:
    """Leave out names that nobody can type, and that would be commands to a terminal."""
    return sorted({name for name in names if name.isprintable()})


_COMPLETERS: dict[str, Callable[..., object]] = {
    "machine": _machines,
    "only_machine": _machines,
    "board": _machines,
    "physical": _machines,
    "chip": _machines,
    "job_id": _jobs,
    "resume": _jobs,
    "job_chip": _jobs,
    "only_owner": _owners,
    "tags": _tags,
}


def _asked(parsed_args: argparse.Namespace, ask: Callable[[Server], list[T]]) -> list[T]:
    """Return what the server answers; nothing if it cannot be asked, as nobody can be told why."""
    given = {name: getattr(parsed_args, name) for name in ("hostname", "port") if hasattr(parsed_args, name)}
    try:
        with Server.from_config(Config.load(arguments={**given, "timeout": _PATIENCE})) as server:
            return ask(server)
    except SpallocError:
        return []
