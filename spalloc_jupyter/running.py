"""What happens between a magic's line and its value: words, errors of one line, and the silencing semicolon."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from spalloc_jupyter.errors import told_in_one_line, usage_error
from spalloc_jupyter.grammar import TOKENS
from spalloc_jupyter.magic_line import parse_line
from spalloc_jupyter.parsing import HelpWasAsked

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from spalloc_jupyter.settings import Settings


@dataclass(frozen=True, slots=True)
class Call:
    """A magic that runs.

    Parameters
    ----------
    name
        The magic's name, without per cent signs.
    line
        What stands behind it.
    cell
        The lines below, of a cell magic.
    shell
        Where it runs.
    settings
        What ``%config`` set.
    local_names
        The variables of the function it runs in.
    """

    name: str
    line: str
    cell: str | None
    shell: "InteractiveShell"
    settings: "Settings"
    local_names: Mapping[str, object]


def run(call: Call) -> object:
    """Run a magic and return its value; None if a semicolon at the end asks for no output."""
    names = {**call.shell.user_ns, **call.local_names}
    with told_in_one_line():
        try:
            line = parse_line(call.line, names, TOKENS if call.name == "spalloc" else ())
        except ValueError as error:
            usage_error(f"%{call.name}: {str(error).lower()}")
        try:
            value = _function(call.name)(call, line.words)
        except HelpWasAsked:
            return None
    return None if line.silenced else value


def _function(name: str) -> Callable[[Call, tuple[str, ...]], object]:
    from spalloc_jupyter import allocation

    return {"spalloc": allocation.run}[name]
