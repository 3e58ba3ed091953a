"""Help texts in colours, where a person reads them."""

from __future__ import annotations

import argparse
import os
import re
import sys

from spalloc_client.scripts.ink import Span, inked, wants_colour

_HEADING = r"(?m)^(usage|[a-z][a-z ]*):"
_FLAG = r"(?<![\w-])(--?[a-zA-Z][\w-]*)"


class HelpFormatter(argparse.RawDescriptionHelpFormatter):
    """Lays help out as argparse does, and colours headings and options on a terminal."""

    def __init__(self, prog: str, **options: int) -> None:
        # argparse would load shutil, and with it five compressors, to find this out.
        super().__init__(prog, width=_window_width() - 2, **options)

    def _format_action_invocation(self, action: argparse.Action) -> str:
        # As Python 3.13 and newer have it: what an option takes is told once, and not for each of its names.
        if not action.option_strings or action.nargs == 0:
            return super()._format_action_invocation(action)
        taken = self._format_args(action, self._get_default_metavar_for_optional(action))
        return f"{', '.join(action.option_strings)} {taken}"

    def format_help(self) -> str:
        """Return the help text."""
        text = super().format_help()
        if not wants_colour(sys.stdout):
            return text
        text = re.sub(_FLAG, lambda match: inked([Span(match[1], "cyan")], colour=True), text)
        return re.sub(_HEADING, lambda match: inked([Span(match[0], "bold")], colour=True), text)


def _window_width() -> int:
    columns = os.environ.get("COLUMNS", "")
    if columns.isdecimal() and int(columns) > 0:
        return int(columns)
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or 80
    except (OSError, ValueError, AttributeError):
        return 80
