"""Help texts in colours, where a person reads them."""

import argparse
import re
import sys

from spalloc_client.scripts.ink import Span, inked, wants_colour

_HEADING = re.compile(r"^(usage|[a-z][a-z ]*):", re.MULTILINE)
_FLAG = re.compile(r"(?<![\w-])(--?[a-zA-Z][\w-]*)")


class HelpFormatter(argparse.RawDescriptionHelpFormatter):
    """Lays help out as argparse does, and colours headings and options on a terminal."""

    def format_help(self) -> str:
        """Return the help text."""
        text = super().format_help()
        if not wants_colour(sys.stdout):
            return text
        text = _FLAG.sub(lambda match: inked([Span(match[1], "cyan")], colour=True), text)
        return _HEADING.sub(lambda match: inked([Span(match[0], "bold")], colour=True), text)
