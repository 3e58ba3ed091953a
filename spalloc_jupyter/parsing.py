"""Parsers that belong in a notebook: a usage error is IPython's, and help is printed without ending the kernel."""

import argparse
from typing import NoReturn

from spalloc_jupyter.errors import usage_error


class HelpWasAsked(Exception):  # noqa: N818 - asking for help is no error
    """The line asked for help or the version, which has been printed."""


class MagicParser(argparse.ArgumentParser):
    """A parser that never ends the process."""

    def error(self, message: str) -> NoReturn:
        """Raise a UsageError of one line."""
        usage_error(f"{self.prog}: {message} ({self.prog}? tells what it takes)")

    def exit(self, status: int = 0, message: str | None = None) -> NoReturn:
        """Return to the magic; argparse has printed help, for errors do not come here."""
        del status, message
        raise HelpWasAsked
