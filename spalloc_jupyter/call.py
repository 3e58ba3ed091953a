"""A magic that runs, as what runs it sees it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

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
