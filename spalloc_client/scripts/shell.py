"""What the console scripts share: their parser, their exit codes, and how they end."""

from __future__ import annotations

import argparse
import os
import sys
from contextlib import suppress
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple, NoReturn, TypeVar

from spalloc_client import __version__
from spalloc_client.exceptions import SpallocError
from spalloc_client.scripts.help import HelpFormatter
from spalloc_client.scripts.ink import Span, inked, plain, wants_colour

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from spalloc_client.commands.command import Command

T = TypeVar("T")

USAGE = 2
_CODES: Mapping[str, int] = {
    "ConfigError": USAGE,
    "RequestError": USAGE,
    "NoJobError": 3,
    "AmbiguousOwnerError": 3,
    "NoPlaceError": 4,
    "NoMachineError": 6,
    "PowerError": 8,
    "NoBoardsError": 9,
}  # by name, so that nothing is loaded that only errors need
BROKEN_PIPE = 141  # 128 + SIGPIPE


class Output(NamedTuple):
    """How results are to be printed."""

    json: bool
    csv: bool


class _PrintCompletion(argparse.Action):
    """Prints what a shell has to know, and ends the program."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: str | Sequence[object] | None,
        option_string: str | None = None,
    ) -> NoReturn:
        from spalloc_client.scripts.completion import code_for

        del parser, namespace, option_string
        print(code_for(str(values)))
        raise SystemExit(0)


class Parser(argparse.ArgumentParser):
    """A parser whose complaints take one line, and whose help has colours."""

    def __init__(self, prog: str, description: str, epilog: str, **_: object) -> None:
        super().__init__(prog=prog, description=description, epilog=epilog, formatter_class=HelpFormatter)

    def error(self, message: str) -> NoReturn:
        """Say what is wrong with the command line, and end the program."""
        complain(self.prog, f"{message} (see {self.prog} --help)")
        raise SystemExit(USAGE)


def parse(command: Command[T], words: Sequence[str] | None, *, csv: str | None) -> tuple[T, Output]:
    """Return what a command line says; ends the program where it asks for help, or makes no sense.

    Parameters
    ----------
    command
        The command.
    words
        The words behind its name; None for those of this process.
    csv
        What its table tells, in words; None if it has none.
    """
    parser = command.parser(Parser)
    parser.add_argument("--version", "-V", action="version", version=__version__)
    parser.add_argument(
        "--completion",
        choices=("bash", "zsh", "fish"),
        action=_PrintCompletion,
        help=f'print what makes a shell complete these commands: eval "$({command.name} --completion bash)"',
    )
    group = parser.add_argument_group("output").add_mutually_exclusive_group()
    group.add_argument("--json", action="store_true", help="as JSON; with --watch one object a line")
    if csv is not None:
        group.add_argument("--csv", action="store_true", help=f"as CSV: {csv}")
    if "_ARGCOMPLETE" in os.environ:
        from spalloc_client.scripts.completion import complete

        complete(parser)
    namespace = _namespace(parser, words)
    if getattr(namespace, "csv", False) and getattr(namespace, "watch", False):
        parser.error("--csv shows a table once; --watch goes with --json")
    return command.read(parser, namespace), Output(namespace.json, csv is not None and namespace.csv)


def _namespace(parser: Parser, words: Sequence[str] | None) -> argparse.Namespace:
    """Parse; a help text is written out here, where it can still be said that nobody reads it."""
    try:
        try:
            return parser.parse_args(words)
        finally:
            sys.stdout.flush()
    except BrokenPipeError:
        write_no_more()
        raise SystemExit(BROKEN_PIPE) from None
    except OSError as error:
        complain(parser.prog, str(error))
        write_no_more()
        raise SystemExit(1) from None


def run(name: str, work: Callable[[], int], codes: Mapping[str, int] = MappingProxyType({})) -> int:
    """Do the work of a command, and return its exit code; errors become one line, and never a traceback.

    Parameters
    ----------
    name
        The command.
    work
        Does the work and returns an exit code.
    codes
        Exit codes of errors by the names of their classes, above the usual ones.
    """
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")  # a server may use letters that this terminal has not
    try:
        code = work()
        sys.stdout.flush()
    except BrokenPipeError:
        write_no_more()
        return BROKEN_PIPE
    except (SpallocError, OSError) as error:
        complain(name, str(error))
        if not isinstance(error, SpallocError):
            write_no_more()  # what a full disk did not take is not to be tried again at the end
        return _exit_code(error, codes)
    return code


def _exit_code(error: Exception, codes: Mapping[str, int]) -> int:
    names = [kind.__name__ for kind in type(error).__mro__]
    found = [table[name] for table in (codes, _CODES) for name in names if name in table]
    return found[0] if found else 1


def write_no_more() -> None:
    """Let what is left to write go nowhere: its reader is gone, and Python would complain when it ends."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    with suppress(OSError, ValueError):
        os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def complain(name: str, message: str) -> None:
    """Say what went wrong, in one line on the standard error stream."""
    line = [Span(f"{name}: ", "bold"), Span(plain(message), "red")]
    with suppress(OSError):  # a terminal that was closed hears nothing
        print(inked(line, colour=wants_colour(sys.stderr)), file=sys.stderr, flush=True)
