"""A command: its name, its options, its examples, and how they become a value."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Generic, TypeVar

from spalloc_client.commands.words import ignored_truth, setting

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")
ParserT = TypeVar("ParserT", bound=argparse.ArgumentParser)


class Command(Generic[T]):
    """One of the five commands.

    Parameters
    ----------
    name
        What it is called in a shell.
    description
        What it does, in a sentence.
    examples
        Words that may follow its name, each with what they do.
    add_options
        Fills a parser with its options.
    from_namespace
        Makes its value of what a parser found; raises :class:`argparse.ArgumentTypeError`.
    """

    def __init__(
        self,
        name: str,
        description: str,
        examples: tuple[tuple[str, str], ...],
        add_options: Callable[[argparse.ArgumentParser], None],
        from_namespace: Callable[[argparse.Namespace], T],
    ) -> None:
        self.name = name
        self.description = description
        self.examples = examples
        self.add_options = add_options
        self.from_namespace = from_namespace

    def parser(self, make: Callable[..., ParserT], prog: str | None = None) -> ParserT:
        """Return a parser with the options of this command.

        Parameters
        ----------
        make
            The class of the parser: :class:`argparse.ArgumentParser`, or one that raises where that ends the program.
        prog
            What the command is called, if not by its name.
        """
        name = self.name if prog is None else prog
        wide = max(len(words) for words, _ in self.examples)
        examples = "".join(f"  {f'{name} {words}':<{len(name) + 1 + wide}}  {does}\n" for words, does in self.examples)
        parser = make(
            prog=name,
            description=self.description,
            epilog=f"examples:\n{examples}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        self.add_options(parser)
        return parser

    def read(self, parser: argparse.ArgumentParser, namespace: argparse.Namespace) -> T:
        """Return the value of what `parser` found; what makes no sense goes to the parser's ``error``."""
        try:
            return self.from_namespace(namespace)
        except argparse.ArgumentTypeError as error:
            parser.error(str(error))


def given_options(namespace: argparse.Namespace) -> dict[str, object]:
    """Return the options that configuration knows, too, and that were given here."""
    from spalloc_client.options import OPTIONS

    return {option.name: getattr(namespace, option.name) for option in OPTIONS if hasattr(namespace, option.name)}


def add_setting(parser: argparse._ActionsContainer, *flags: str, name: str, metavar: str, says: str) -> None:
    """Add an option that configuration knows, too; it is left out of what is found unless it was given."""
    parser.add_argument(*flags, dest=name, type=setting(name), default=argparse.SUPPRESS, metavar=metavar, help=says)


def add_server_options(parser: argparse.ArgumentParser) -> argparse._ArgumentGroup:
    """Add how the server is reached."""
    group = parser.add_argument_group("server")
    add_setting(group, "--hostname", "-H", name="hostname", metavar="HOST", says="name or IP address of the server")
    add_setting(group, "--port", "-P", name="port", metavar="PORT", says="its TCP port (default: 22244)")
    add_setting(
        group,
        "--timeout",
        name="timeout",
        metavar="SECONDS",
        says="how long to wait for an answer, -1 for ever (default: 5)",
    )
    return group


def add_ignored_options(group: argparse._ArgumentGroup) -> None:
    """Add what older scripts may give, and what has no meaning here."""
    group.add_argument(
        "--ignore-version",
        "--ignore_version",
        dest="ignored",
        nargs="?",
        type=ignored_truth,
        metavar="TRUTH",
        help="accepted for older scripts; no newer server is ever refused",
    )
