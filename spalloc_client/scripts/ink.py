"""Text on a stream: colours where they are wanted, and nothing that a terminal would obey.

Everything that a server says goes through :func:`plain` on its way to a stream.
"""

from __future__ import annotations

import os
import re
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple, TextIO

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

# Controls, and the invisible characters that turn the direction of text or break lines.
_OBEYED = r"[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]"

_CODES: Mapping[str, str] = {
    "bold": "1",
    "dim": "2",
    "underlined": "4",
    "red": "31",
    "green": "32",
    "yellow": "33",
    "blue": "34",
    "magenta": "35",
    "cyan": "36",
}


class Span(NamedTuple):
    """A piece of a line, in one style.

    Parameters
    ----------
    text
        What it says; must be safe to print.
    style
        Names of colours and such, with spaces between them.
    """

    text: str
    style: str = ""


Line = list[Span]


def plain(text: object) -> str:
    """Return text with everything shown escaped that a terminal would obey."""
    shown = str(text)
    if shown.isascii() and shown.isprintable():
        return shown
    return re.sub(_OBEYED, lambda match: match[0].encode("unicode_escape", "surrogatepass").decode("ascii"), shown)


def wants_colour(stream: TextIO, environ: Mapping[str, str] = os.environ) -> bool:
    """Return whether a stream gets colours: ``NO_COLOR`` and ``FORCE_COLOR`` say so, else what kind of stream it is."""
    if environ.get("NO_COLOR"):
        return False
    if environ.get("FORCE_COLOR"):
        return True
    return environ.get("TERM") != "dumb" and is_terminal(stream)


def is_terminal(stream: TextIO) -> bool:
    """Return whether a person looks at a stream."""
    try:
        return stream.isatty()
    except ValueError:  # it is closed
        return False


def width_of(text: str) -> int:
    """Return how many columns text takes on a terminal."""
    if text.isascii():
        return len(text)
    return sum(_columns(letter) for letter in text)


def _columns(letter: str) -> int:
    import unicodedata

    if unicodedata.combining(letter):
        return 0
    return 2 if unicodedata.east_asian_width(letter) in "WF" else 1


def cut(line: Iterable[Span], width: int) -> Line:
    """Return a line that takes no more than `width` columns; what was cut off is an ellipsis."""
    spans = list(line)
    if sum(width_of(span.text) for span in spans) <= width:
        return spans
    left, kept = width - 1, Line()
    for span in spans:
        kept.append(Span(shortened(span.text, left), span.style))
        left -= width_of(span.text)
    return [*kept, Span("…")] if width > 0 else []


def shortened(text: str, width: int) -> str:
    """Return as much of the beginning of text as takes no more than `width` columns."""
    if width_of(text) <= width:
        return text
    ends = accumulate(map(_columns, text))
    return "".join(letter for letter, end in zip(text, ends, strict=True) if end <= width)


def inked(line: Iterable[Span], *, colour: bool) -> str:
    """Return a line as text, with colours or without."""
    if not colour:
        return "".join(span.text for span in line).rstrip()
    return "".join(_coloured(span) for span in line).rstrip()


def _coloured(span: Span) -> str:
    if not span.style or not span.text:
        return span.text
    codes = ";".join(_CODES[name] for name in span.style.split())
    return f"\x1b[{codes}m{span.text}\x1b[0m"
