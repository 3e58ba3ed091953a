"""Several records as one value: a sequence that a notebook shows as a table."""

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Generic, NamedTuple, Protocol, TypeVar, overload

from spalloc_jupyter.markup import chart, plain, static_document, text
from spalloc_jupyter.words import count

if TYPE_CHECKING:
    from pandas import DataFrame  # pyright: ignore[reportMissingImports] - it may be missing

T = TypeVar("T")


class _Printer(Protocol):
    """What IPython hands over to be written on."""

    def text(self, words: str, /) -> None:
        """Write words."""


class Table(NamedTuple, Generic[T]):
    """How records of one kind are shown.

    Parameters
    ----------
    what
        What one of them is.
    columns
        The heading of each column, and what stands in it, as text.
    fields
        Returns a record's values by name, for calculations.
    """

    what: str
    columns: tuple[tuple[str, Callable[[T], str]], ...]
    fields: Callable[[T], dict[str, object]]


def name_of(words: str) -> str:
    """Return the heading of a view as HTML."""
    return f'<strong class="spalloc-name">{text(words)}</strong>'


class Records(Sequence[T]):
    """Records that a magic returned, in order.

    Parameters
    ----------
    records
        The records.
    table
        How they are shown.
    """

    def __init__(self, records: Iterable[T], table: Table[T]) -> None:
        self._records = tuple(records)
        self._table = table

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> "Records[T]": ...
    def __getitem__(self, index: int | slice) -> "T | Records[T]":
        """Return one of the records, or some of them."""
        if isinstance(index, slice):
            return Records(self._records[index], self._table)
        return self._records[index]

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._records)

    def __eq__(self, other: object) -> bool:
        """Compare with other records, or any sequence of such."""
        return isinstance(other, Sequence) and self._records == tuple(other)

    __hash__ = None  # type: ignore[assignment]  # as lists have it

    def __repr__(self) -> str:
        return f"<{count(len(self), self._table.what)}>"

    def to_dataframe(self) -> "DataFrame":
        """Return the records as a pandas DataFrame, a row a record.

        Raises
        ------
        ModuleNotFoundError
            If pandas is not installed, which nothing else here needs.
        """
        try:
            import pandas as pd  # pyright: ignore[reportMissingImports] - it may be missing
        except ModuleNotFoundError:
            raise ModuleNotFoundError("pandas is not installed: pip install pandas", name="pandas") from None
        return pd.DataFrame([self._table.fields(record) for record in self._records])

    def _rows(self) -> list[list[str]]:
        return [[words(record) for _, words in self._table.columns] for record in self._records]

    def _repr_html_(self) -> str:
        title = name_of(count(len(self), self._table.what))
        if not self._records:
            return static_document({"head": title}, self._table.what, "")
        headings = [heading for heading, _ in self._table.columns]
        rows = ([text(cell) for cell in row] for row in self._rows())
        return static_document({"head": title, "jobs": chart(headings, rows, repr(self)[1:-1])}, self._table.what, "")

    def _repr_pretty_(self, printer: _Printer, cycle: bool) -> None:
        del cycle  # records hold no records
        printer.text(self.as_text())

    def as_text(self) -> str:
        """Return the table as plain text, columns in line."""
        headings = [heading for heading, _ in self._table.columns]
        rows = [headings, *([plain(cell) for cell in row] for row in self._rows())]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = ("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)
        return "\n".join(lines) if self._records else f"no {self._table.what}s"
