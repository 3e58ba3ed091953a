"""A view that is shown again and again: a screen of its own on a terminal, one copy after the other on a pipe."""

import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TextIO, TypeVar

from spalloc_client.commands.watching import Look
from spalloc_client.scripts.ink import Line, Span, cut, inked, is_terminal, plain, wants_colour
from spalloc_client.scripts.layout import Page
from spalloc_client.scripts.signals import check_interrupted

T = TypeVar("T")

_ENTER = "\x1b[?1049h\x1b[?25l\x1b[H\x1b[2J"  # the other screen, no cursor, all of it empty
_LEAVE = "\x1b[?25h\x1b[?1049l"
_BEGIN, _END = "\x1b[?2026h", "\x1b[?2026l"  # terminals that know this show what is between at once
_REST_OF_LINE, _REST_OF_SCREEN = "\x1b[K", "\x1b[J"


def page_of(stream: TextIO) -> Page:
    """Return what is known of the window that a stream goes to."""
    if not is_terminal(stream):
        return Page()
    try:
        return Page(os.get_terminal_size(stream.fileno()).columns or 80)
    except OSError:
        return Page(80)


def show(lines: list[Line]) -> None:
    """Print lines on the standard output stream."""
    colour = wants_colour(sys.stdout)
    sys.stdout.write("".join(inked(line, colour=colour) + "\n" for line in lines))
    sys.stdout.flush()


def watch(looks: Iterable[Look[T]], draw: Callable[[T, Page], list[Line]]) -> None:
    """Show each look that differs from the one before.

    Parameters
    ----------
    looks
        What is seen, again and again.
    draw
        Draws it for a page.
    """
    if is_terminal(sys.stdout) and os.environ.get("TERM") != "dumb":
        _on_terminal(looks, draw)
    else:
        log(looks, lambda seen: show([[Span(time.strftime("%H:%M:%S"), "dim")], *draw(seen, Page()), []]))


def log(looks: Iterable[Look[T]], put: Callable[[T], None]) -> None:
    """Put out each look that differs from the one before; troubles go to the standard error stream."""
    seen = trouble = None
    for look in looks:
        check_interrupted()
        if look.trouble is not None and trouble is None:
            print(f"{plain(look.trouble)}, trying again", file=sys.stderr, flush=True)
        if look.trouble is None and look.seen != seen:
            put(look.seen)
        seen, trouble = look.seen, look.trouble


def _on_terminal(looks: Iterable[Look[T]], draw: Callable[[T, Page], list[Line]]) -> None:
    with _own_screen(sys.stdout):
        body, frame, changed = list[Line](), "", 0.0
        for look in looks:
            check_interrupted()
            size = os.get_terminal_size(sys.stdout.fileno())
            page = Page(max(size.columns, 1), max(size.lines - 1, 1))
            before, body = body, draw(look.seen, page)
            changed = changed if body == before else look.at
            # The same frame again, on a window of the same size, is not worth a flicker.
            before_frame, frame = frame, _frame(body, _footer(look, changed), page)
            if frame != before_frame:
                sys.stdout.write(frame)
                sys.stdout.flush()


def _frame(body: list[Line], footer: Line, page: Page) -> str:
    """Return what fills the window, each line in the place of the one before it, so that nothing is ever empty."""
    assert page.width is not None
    assert page.height is not None
    lines = body
    if len(body) > page.height:
        hidden = len(body) - page.height + 1
        lines = [*body[: page.height - 1], [Span(f"… {hidden} more lines", "dim")]]
    lines = [*lines, *([[]] * (page.height - len(lines))), footer]
    colour = wants_colour(sys.stdout)
    text = "\r\n".join(inked(cut(line, page.width), colour=colour) + _REST_OF_LINE for line in lines)
    return f"{_BEGIN}\x1b[H{text}{_REST_OF_SCREEN}{_END}"


def _footer(look: Look[T], changed: float) -> Line:
    when = time.strftime("%H:%M:%S", time.localtime(changed))
    if look.trouble is not None:
        return [Span(f"as of {when}, trying again: {plain(look.trouble)}", "red bold")]
    return [Span(f"changed {when}, Ctrl-C ends", "dim")]


@contextmanager
def _own_screen(stream: TextIO) -> Iterator[None]:
    """Show on the terminal's other screen, and give back the first one as it was."""
    stream.write(_ENTER)
    stream.flush()
    try:
        yield
    finally:
        stream.write(_LEAVE)
        stream.flush()
