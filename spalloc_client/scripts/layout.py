"""Tables and lists of facts, laid out for a terminal, or for a program that reads them from a pipe."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from spalloc_client.scripts.ink import Line, Span, cut, width_of


class Page(NamedTuple):
    """What is shown on, as far as the layout depends on it.

    Parameters
    ----------
    width
        Columns of the window; None for a pipe, where nothing is padded, cut or folded.
    height
        Lines that there is room for; None for any number.
    """

    width: int | None = None
    height: int | None = None


def table(head: Sequence[str], rows: Iterable[Sequence[Span]], page: Page) -> list[Line]:
    """Return the lines of a table.

    On a terminal columns are aligned, and numbers to the right; the last column is cut where the window ends. On a
    pipe there is a tab between cells.

    Parameters
    ----------
    head
        The names of the columns; those that begin with ``>`` are of numbers.
    rows
        Cells; an empty one is shown as a dash.
    page
        Where it is shown.
    """
    names = [Span(name.removeprefix(">"), "bold underlined") for name in head]
    cells = [[span if span.text else Span("-", "dim") for span in row] for row in rows]
    if page.width is None:
        return [_with_tabs(row) for row in ([Span(name.text, "bold") for name in names], *cells)]
    everything = [names, *cells]
    widths = [max(width_of(row[column].text) for row in everything) for column in range(len(head))]
    right = [name.startswith(">") for name in head]
    return [cut(_aligned(row, widths, right), page.width) for row in everything]


def _with_tabs(row: Sequence[Span]) -> Line:
    line = Line()
    for number, span in enumerate(row):
        line += [Span("\t"), span] if number else [span]
    return line


def _aligned(row: Sequence[Span], widths: Sequence[int], right: Sequence[bool]) -> Line:
    line = Line()
    for number, (span, width) in enumerate(zip(row, widths, strict=True)):
        padding = Span(" " * (width - width_of(span.text)))
        is_last = number == len(row) - 1
        line += [padding, span] if right[number] else [span] if is_last else [span, padding]
        if not is_last:
            line.append(Span("  "))
    return line


def facts(pairs: Iterable[tuple[str, Sequence[Line]]], page: Page) -> list[Line]:
    """Return the lines of a list of facts: a label, a colon, and a value of one or more lines.

    Parameters
    ----------
    pairs
        Labels and values.
    page
        Where it is shown; only on a terminal labels are aligned.
    """
    pairs = list(pairs)
    widest = max((width_of(label) for label, _ in pairs), default=0) if page.width is not None else 0
    lines = []
    for label, values in pairs:
        if page.width is None and len(values) > 1:
            lines += [[Span(f"{label}:", "bold")], *values]
            continue
        for number, value in enumerate(values):
            name = f"{label}:" if number == 0 else ""
            lines.append([Span(f"{name:>{widest + 1}}" if widest else name, "bold"), Span(" "), *value])
    return lines if page.width is None else [cut(line, page.width) for line in lines]


def cells(items: Sequence[Line], page: Page) -> list[Line]:
    """Return short items side by side, in columns that fill the window; on a pipe one a line."""
    if page.width is None:
        return list(items)
    widest = max((_width(item) for item in items), default=0)
    across = max(1, (page.width + 2) // (widest + 2))
    lines = []
    for start in range(0, len(items), across):
        line = Line()
        for item in items[start : start + across]:
            line += [*item, Span(" " * (widest - _width(item) + 2))]
        lines.append(cut(line[:-1], page.width))
    return lines


def _width(line: Line) -> int:
    return sum(width_of(span.text) for span in line)
