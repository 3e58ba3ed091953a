"""The table of a job's Ethernet chips: their host names, and the boards they are on."""

import csv
import io
from collections.abc import Iterable
from functools import lru_cache

from spalloc_jupyter.job_story import EthernetChip
from spalloc_jupyter.markup import chart, plain, text

__all__ = ["chips_csv", "chips_html", "chips_text"]

_COLUMNS = ("x", "y", "hostname", "board_x", "board_y", "board_z", "cabinet", "frame", "board")


def chips_csv(chips: Iterable[EthernetChip]) -> str:
    """Return the table as CSV, ended by a line feed; its first columns are those of ``spalloc-job --ethernet-ips``."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for chip in chips:
        place = (*(chip.board or ("", "", "")), *(chip.physical or ("", "", "")))
        writer.writerow((*chip.chip, plain(chip.hostname), *place))
    return out.getvalue()


@lru_cache(maxsize=32)
def chips_html(chips: tuple[EthernetChip, ...], variable: str) -> str:
    """Return the table as HTML.

    Parameters
    ----------
    chips
        What is in it.
    variable
        The variable that the job is bound to; empty for none.
    """
    if not chips:
        return ""
    also = f" <span class='spalloc-hint'>also <code>{text(variable)}.connections</code></span>" if variable else ""
    rows = (
        (
            str(chip.chip.x),
            str(chip.chip.y),
            f"<code>{text(chip.hostname)}</code>",
            _spaced(chip.board, " "),
            _spaced(chip.physical, " / "),
        )
        for chip in chips
    )
    table = chart(("x", "y", "Host name", "Board x y z", "Cabinet / frame / board"), rows, "Ethernet chips")
    return (
        f'<details open data-key="chips"><summary>Ethernet chips ({len(chips):,})</summary>'
        f'<div class="spalloc-tools"><button type="button" class="spalloc-copy" data-key="copy"'
        f' data-copy="{_attribute(chips_csv(chips))}"><span class="spalloc-icon spalloc-icon-copy" aria-hidden="true">'
        f"</span><span>Copy as CSV</span></button>{also}</div>{table}</details>"
    )


def chips_text(chips: Iterable[EthernetChip]) -> list[str]:
    """Return the table as lines of text."""
    return [f"  ({chip.chip.x}, {chip.chip.y})  {plain(chip.hostname)}  {_where(chip)}".rstrip() for chip in chips]


def _where(chip: EthernetChip) -> str:
    board = "" if chip.board is None else f"board ({_spaced(chip.board, ', ')})"
    physical = "" if chip.physical is None else "cabinet {}, frame {}, board {}".format(*chip.physical)
    return "  ".join(filter(None, (board, physical)))


def _spaced(numbers: tuple[int, ...] | None, between: str) -> str:
    return "" if numbers is None else between.join(map(str, numbers))


def _attribute(lines: str) -> str:
    return "&#10;".join(text(line) for line in lines.split("\n"))
