"""One line about what is waited for: on a terminal it is updated, on a pipe each change is a line."""

import os
import sys
from contextlib import suppress
from types import TracebackType
from typing import Self

from spalloc_client.scripts.ink import Line, Span, cut, inked, is_terminal, plain, wants_colour

_REST_OF_LINE = "\x1b[K"


class StatusLine:
    """A line on the standard error stream.

    Used in a ``with`` statement, it is gone from a terminal in the end.
    """

    def __init__(self) -> None:
        self._updates = is_terminal(sys.stderr) and os.environ.get("TERM") != "dumb"
        self._colour = wants_colour(sys.stderr)
        self._shown = ""
        self._kept = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.clear()

    def show(self, lasting: str, fleeting: str = "", style: str = "") -> None:
        """Show a line.

        Parameters
        ----------
        lasting
            What it says; on a pipe, the line is written when this has changed.
        fleeting
            What changes so often that it is for terminals only, such as seconds.
        style
            How it looks.
        """
        line = [Span(plain(lasting), style), Span(f" ({plain(fleeting)})" if fleeting else "", "dim")]
        if self._updates:
            self._update(line)
        elif lasting != self._kept:
            _write(inked(line[:1], colour=self._colour) + "\n")
        self._kept = lasting

    def keep(self, text: str, style: str = "") -> None:
        """Write a line that stays."""
        self.clear()
        _write(inked([Span(plain(text), style)], colour=self._colour) + "\n")

    def clear(self) -> None:
        """Take the line away."""
        if self._shown:
            _write(f"\r{_REST_OF_LINE}")
            self._shown = ""

    def _update(self, line: Line) -> None:
        try:
            width = os.get_terminal_size(sys.stderr.fileno()).columns
        except OSError:
            width = 80
        text = inked(cut(line, max(width - 1, 1)), colour=self._colour)
        if text != self._shown:
            _write(f"\r{text}{_REST_OF_LINE}")
            self._shown = text


def _write(text: str) -> None:
    with suppress(OSError):  # a terminal that was closed must not keep anybody from giving boards back
        sys.stderr.write(text)
        sys.stderr.flush()
