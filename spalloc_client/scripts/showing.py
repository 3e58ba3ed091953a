"""Showing what a command found: drawn for a person, or as JSON or CSV for a program."""

import sys
from collections.abc import Callable, Iterable
from typing import Generic, NamedTuple, TypeVar

from spalloc_client.commands.watching import Look
from spalloc_client.scripts.ink import Line
from spalloc_client.scripts.layout import Page
from spalloc_client.scripts.screen import log, page_of, show, watch
from spalloc_client.scripts.shell import Output
from spalloc_client.scripts.signals import Interrupted

T = TypeVar("T")


class Face(NamedTuple, Generic[T]):
    """The ways in which a kind of value is shown.

    Parameters
    ----------
    draw
        Draws it for a page.
    as_json
        Returns what is printed as JSON.
    as_csv
        Returns the rows of a table, its head first; None where there is none.
    """

    draw: Callable[[T, Page], list[Line]]
    as_json: Callable[[T], object]
    as_csv: Callable[[T], Iterable[Iterable[object]]] | None = None


def show_once(value: T, face: Face[T], output: Output) -> None:
    """Show a value."""
    if output.json:
        _put_json(value, face)
    elif output.csv and face.as_csv is not None:
        put_csv(face.as_csv(value))
    else:
        show(face.draw(value, page_of(sys.stdout)))


def keep_showing(looks: Iterable[Look[T]], face: Face[T], output: Output) -> None:
    """Show each look that differs from the one before, until there are no more, or somebody presses Ctrl-C."""
    try:
        if output.json:
            log(looks, lambda value: _put_json(value, face))
        else:
            watch(looks, face.draw)
    except Interrupted as signal:
        if not signal.is_ctrl_c:
            raise


def put_csv(rows: Iterable[Iterable[object]]) -> None:
    """Print rows as CSV; a null is an empty cell."""
    import csv

    from spalloc_client.scripts.ink import plain

    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerows(["" if cell is None else plain(cell) for cell in row] for row in rows)


def _put_json(value: T, face: Face[T]) -> None:
    from spalloc_client.scripts.as_json import put

    put(face.as_json(value))
