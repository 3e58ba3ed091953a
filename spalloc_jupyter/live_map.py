"""The live board map: the same drawing in the browser, recoloured by a byte a board.

The drawing goes there once, as SVG. After that, one byte a board (two, if there are more than 255 jobs) says who
has it; ``static/live_map.js`` colours and labels the boards, tells about the one pointed at or focused, and selects.
"""

import struct
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, replace
from itertools import chain
from pathlib import Path
from typing import Final

import anywidget
import traitlets

from spalloc_client.records import Board, PhysicalLocation
from spalloc_jupyter.colours import DARK, LIGHT, Style, text_on
from spalloc_jupyter.map_drawing import Drawing, Layout, bounds
from spalloc_jupyter.map_ink import MARGIN
from spalloc_jupyter.map_labels import job_labels
from spalloc_jupyter.map_svg import UNIT, letters, map_svg

__all__ = ["LiveMap"]

_STATIC: Final = Path(__file__).parent / "static"
_WIDEST: Final = 1100.0  # pixels; a map of 1,200 boards can be read from about 600 on


class LiveMap(anywidget.AnyWidget):
    """A map that follows its machine.

    Pointing at a board, or reaching it by Tab and the arrow keys, tells what is known of it; a click or Enter selects
    it, and once more lets it go.

    Parameters
    ----------
    drawing
        What :func:`~spalloc_jupyter.board_map.draw_machine` or ``draw_boards`` returned; see :meth:`show`.
    outline_means
        What the legend calls boards with a line around them.
    """

    _esm = "\n".join((_STATIC / name).read_text(encoding="utf-8") for name in ("map_parts.js", "live_map.js"))
    _css = _STATIC / "live_map.css"

    svg = traitlets.Unicode().tag(sync=True)
    """The boards, without jobs."""
    cells = traitlets.Bytes().tag(sync=True)
    """For each board: 0 if nobody has it, else its job, counted from 1; unsigned numbers of 8 or of 16 bits."""
    jobs = traitlets.Unicode().tag(sync=True)
    """For each job, as decimal numbers: its number, its owner's place in `owners`, its colour."""
    owners = traitlets.List(traitlets.Unicode()).tag(sync=True)
    labels = traitlets.Bytes().tag(sync=True)
    """The numbers on a map too small to label each board, four unsigned numbers of 16 bits for each: its job, counted
    from 1, x and y in the SVG's units, and its size in hundredths of a hexagon's side."""
    outlined = traitlets.List(traitlets.List(traitlets.Int())).tag(sync=True)
    """Groups of boards, as numbers from 0, to draw a line around."""
    outline_means = traitlets.Unicode("highlighted").tag(sync=True)
    physical = traitlets.Dict().tag(sync=True)
    addresses = traitlets.Dict().tag(sync=True)
    machine = traitlets.Unicode().tag(sync=True)
    """The machine's name."""
    styles = traitlets.Dict().tag(sync=True)
    selected = traitlets.List(traitlets.Int(), allow_none=True, default_value=None).tag(sync=True)
    """The selected board, [x, y, z]; None if there is none. To be observed, and to be set."""

    def __init__(self, drawing: Drawing, *, outline_means: str = "highlighted") -> None:
        self._layout: Layout | None = None
        state = self._state(drawing)
        styles = {"light": _style(LIGHT), "dark": _style(DARK)}
        super().__init__(styles=styles, outline_means=outline_means, **state)

    @property
    def colours(self) -> dict[int, int]:
        """The colours that the jobs have now, for :func:`~spalloc_jupyter.board_map.draw_machine` to keep."""
        numbers = list(map(int, self.jobs.split()))
        return dict(zip(numbers[::3], numbers[2::3], strict=True))

    def show(self, drawing: Drawing) -> None:
        """Show another drawing; what did not change is not sent again.

        Parameters
        ----------
        drawing
            Usually of the same machine: then about one byte a board is sent. Of another one, or if boards or links
            have died or recovered, the whole map is sent anew.
        """
        with self.hold_sync():
            for name, value in self._state(drawing).items():
                self.set_trait(name, value)

    def tell(
        self,
        *,
        physical: Mapping[Board, PhysicalLocation] | None = None,
        addresses: Mapping[Board, str] | None = None,
    ) -> None:
        """Set what is known of boards beside their jobs.

        Parameters
        ----------
        physical
            Where boards are bolted in; None leaves what was said before.
        addresses
            The host names of their Ethernet chips; None leaves what was said before.
        """
        if physical is not None:
            self.physical = {_name(board): list(place) for board, place in physical.items()}
        if addresses is not None:
            self.addresses = {_name(board): letters(address) for board, address in addresses.items()}

    def _state(self, drawing: Drawing) -> dict[str, object]:
        owners = {letters(job.owner): None for job in drawing.jobs}
        numbers = {owner: number for number, owner in enumerate(owners)}
        jobs = (f"{job.id} {numbers[letters(job.owner)]} {job.colour}" for job in drawing.jobs)
        state: dict[str, object] = {
            "cells": _packed("B" if len(drawing.jobs) < 256 else "H", drawing.cells),
            "jobs": " ".join(jobs),
            "owners": list(owners),
            "labels": _packed("H", chain.from_iterable(_labels(drawing))),
            "outlined": [sorted(group) for group in drawing.outlined],
        }
        if drawing.layout is not self._layout:
            bare = replace(drawing, jobs=(), cells=(0,) * len(drawing.cells), outlined=())
            state["svg"] = map_svg(bare, width=_WIDEST)
            state["machine"] = letters(drawing.layout.name)
            self._layout = drawing.layout
        return state


def _labels(drawing: Drawing) -> Iterator[tuple[int, int, int, int]]:
    left, _, _, top = bounds(drawing.layout)
    for label in job_labels(drawing):
        x, y = label.x - left + MARGIN, top + MARGIN - label.y
        yield label.cell, round(UNIT * x), round(UNIT * y), round(100 * label.size)


def _packed(kind: str, numbers: Iterable[int]) -> bytes:
    """Return unsigned numbers of 8 (kind B) or 16 bits (kind H), the low byte first."""
    values = tuple(numbers)
    return struct.pack(f"<{len(values)}{kind}", *values)


def _style(style: Style) -> dict[str, object]:
    return {**asdict(style), "inks": [text_on(colour) for colour in style.jobs]}


def _name(board: Board) -> str:
    return f"{board.x} {board.y} {board.z}"
