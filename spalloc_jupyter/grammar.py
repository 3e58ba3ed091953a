"""What each magic takes: the options of the command of that name, and a few of the notebook's own."""

import argparse
import keyword
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from spalloc_client.commands.arguments import (
    AllocArguments,
    JobArguments,
    MachineArguments,
    PsArguments,
    WhereIsArguments,
)
from spalloc_client.commands.catalogue import ALLOC, JOB, MACHINE, PS, WHERE_IS
from spalloc_client.commands.command import Command
from spalloc_jupyter.parsing import MagicParser

T = TypeVar("T")

TOKENS = ("", "hostname", "w", "width", "h", "height", "ethernet_ips", "id")
"""What stands in braces behind ``-c`` and is the command's, whatever the notebook has of that name."""


@dataclass(frozen=True, slots=True)
class SpallocArguments:
    """What ``%spalloc`` was asked for."""

    alloc: AllocArguments
    """What the shell's command understands, too."""
    name: str
    """The variable to bind."""
    wait: bool
    new: bool
    """Whether a job of that name that lives is not good enough."""


@dataclass(frozen=True, slots=True)
class SandboxArguments:
    """What ``%spalloc_sandbox`` was asked for."""

    boards: int | None
    """None for what is there, or 24."""
    power_on_seconds: float
    stop: bool


def _variable(text: str) -> str:
    if not text.isidentifier() or keyword.iskeyword(text):
        raise argparse.ArgumentTypeError(f"{text!r} cannot be the name of a variable")
    return text


def _add_spalloc_options(parser: argparse.ArgumentParser) -> None:
    ALLOC.add_options(parser)
    group = parser.add_argument_group("in the notebook")
    group.add_argument(
        "--output", "-o", dest="name", type=_variable, default="job", metavar="NAME", help="the variable (default: job)"
    )
    group.add_argument("--no-wait", action="store_true", help="do not wait until the boards are ready")
    group.add_argument(
        "--new", action="store_true", help="ask anew, even if a job of that name lives and was asked for in these words"
    )


def _spalloc(namespace: argparse.Namespace) -> SpallocArguments:
    alloc = ALLOC.from_namespace(namespace)
    if namespace.no_wait and (alloc.command or alloc.boot):
        raise argparse.ArgumentTypeError("--no-wait cannot boot boards or run a command: it leaves before they are on")
    return SpallocArguments(alloc, namespace.name, not namespace.no_wait, namespace.new)


def _add_sandbox_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "boards",
        nargs="?",
        type=int,
        choices=(1, 3, 24, 120, 1200),
        help="how many simulated boards (default: 24)",
    )
    parser.add_argument(
        "--power-on-seconds", type=float, default=1.5, metavar="S", help="how long they take to switch on (1.5)"
    )
    parser.add_argument("--stop", action="store_true", help="end the sandbox and go back to the server set before")


def _sandbox(namespace: argparse.Namespace) -> SandboxArguments:
    if not 0 <= namespace.power_on_seconds <= 3600:
        raise argparse.ArgumentTypeError("--power-on-seconds takes 0 to 3600 seconds")
    return SandboxArguments(namespace.boards, namespace.power_on_seconds, namespace.stop)


def actions_of(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    """Return what a parser takes."""
    return parser._actions  # noqa: SLF001 - argparse tells it nowhere else


@dataclass(frozen=True, slots=True)
class Magic(Generic[T]):
    """A magic and what its line may hold."""

    name: str
    command: Command[T]

    def parser(self) -> MagicParser:
        """Return a parser of its words."""
        parser = self.command.parser(MagicParser, f"%{self.name}")
        for action in actions_of(parser):
            if "--watch" in action.option_strings:
                action.help = "as without it: what a notebook shows follows the server by itself"
        return parser

    def read(self, words: tuple[str, ...]) -> T:
        """Return what the words ask for.

        Raises
        ------
        UsageError
            If they cannot be understood.
        HelpWasAsked
            If they asked for help, which is printed.
        """
        parser = self.parser()
        return self.command.read(parser, parser.parse_args(words))


def _magic(command: Command[T], examples: dict[str, str]) -> Magic[T]:
    name = command.name.replace("-", "_")
    described = command.name, command.description, tuple(examples.items())
    return Magic(name, Command(*described, command.add_options, command.from_namespace))


SPALLOC: Magic[SpallocArguments] = _magic(
    Command(
        "spalloc",
        "Ask for SpiNNaker boards, wait until they are ready, and bind the job to a variable. Run again in the same "
        "words, it hands back the same job; in other words, it lets that one go first. At the head of a cell, as "
        "%%spalloc, the boards are for that cell alone.",
        (),
        _add_spalloc_options,
        _spalloc,
    ),
    {
        "3": "three boards or more, as “job”",
        "4 2 -o big": "4 × 2 triads of boards, as “big”",
        "3 4 0 -m MACHINE": "the board at (3, 4, 0)",
        '24 -c "my_app {}"': "boards for one command, whose output is shown",
        "--resume 12": "job 12, which was left to itself",
    },
)

SPALLOC_JOB: Magic[JobArguments] = _magic(
    JOB,
    {
        "": "your only job",
        "--reset": "switch its boards off and on",
        "12 --ethernet-ips": "how its boards are reached",
        '12 --destroy "needed for the demo"': "end it, and say why",
    },
)

SPALLOC_PS: Magic[PsArguments] = _magic(
    PS, {"": "all jobs", "--owner me@example.org": "those of one owner", "--machine MACHINE": "those on one machine"}
)

SPALLOC_MACHINE: Magic[MachineArguments] = _magic(
    MACHINE, {"": "all machines, and how busy they are", "MACHINE": "its boards, and the jobs on them"}
)

SPALLOC_WHERE_IS: Magic[WhereIsArguments] = _magic(WHERE_IS, dict(WHERE_IS.examples))

SPALLOC_SANDBOX: Magic[SandboxArguments] = _magic(
    Command(
        "spalloc_sandbox",
        "Start a real spalloc server with simulated boards for this kernel, and make it the default server.",
        (),
        _add_sandbox_options,
        _sandbox,
    ),
    {"": "24 boards", "1200": "a machine of 1,200 boards", "--stop": "end it"},
)

_BY_NAME: dict[str, Callable[[], MagicParser]] = {
    magic.name: magic.parser
    for magic in (SPALLOC, SPALLOC_JOB, SPALLOC_PS, SPALLOC_MACHINE, SPALLOC_WHERE_IS, SPALLOC_SANDBOX)
}


def parser_of(name: str) -> MagicParser | None:
    """Return a parser of what the magic of that name takes; None if it is none of ours."""
    make = _BY_NAME.get(name)
    return None if make is None else make()
