"""Completion of magics' options, machines, tags and job ids."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell


def complete_in(shell: "InteractiveShell") -> None:
    """Complete the magics' lines."""


def complete_no_longer_in(shell: "InteractiveShell") -> None:
    """Complete them no longer."""
