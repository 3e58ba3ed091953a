"""Measures maps of 1,200 boards: ``drawing.py KIND`` prints seconds per order (bytes, for KIND ``bytes``)."""

import io
import json
import sys
import time
from collections.abc import Callable
from typing import Any

from spalloc_client.geometry import all_boards, wrap
from spalloc_client.records import Board, JobRecord, MachineRecord
from spalloc_client.states import JobState

SIZE = (20, 20)
MACHINE = MachineRecord("million", (), *SIZE)


def jobs(shift: int) -> list[JobRecord]:
    """Forty jobs on most of the boards; with another `shift`, each board has another job."""
    return [
        JobRecord(
            100 + number,
            f"owner{number}",
            JobState.ready,
            machine_name="million",
            boards=tuple(
                wrap(Board(shift + 2 * (number % 10) + x, 5 * (number // 10) + y, z), *SIZE)
                for x, y, z in all_boards(2, 4)
            ),
        )
        for number in range(40)
    ]


def floor() -> Callable[[int], object]:
    """One PolyCollection of as many hexagons, as PNG."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.collections import PolyCollection
    from matplotlib.figure import Figure

    corners = [(0.0, 0.0), (1.0, 0.5), (1.0, 1.5), (0.0, 2.0), (-1.0, 1.5), (-1.0, 0.5)]
    places = [(2.0 * (n % 40) + n // 40 % 2, 1.5 * (n // 40)) for n in range(1200)]

    def draw(_turn: int) -> object:
        figure = Figure(figsize=(9, 7), dpi=144)
        FigureCanvasAgg(figure)
        axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
        axes.add_collection(
            PolyCollection([[(x + a, y + b) for a, b in corners] for x, y in places], facecolors="grey", edgecolors="w")
        )
        axes.autoscale_view()
        figure.savefig(io.BytesIO(), format="png")
        return None

    return draw


def picture() -> Callable[[int], object]:
    from spalloc_jupyter.board_map import draw_machine, map_png

    return lambda turn: map_png(draw_machine(MACHINE, jobs=jobs(2 * (turn % 2))))


def live() -> Callable[[int], object]:
    return _updated()[1]


def _updated() -> tuple[Any, Callable[[int], object]]:
    """Return a live map, and what gives its boards to others."""
    from spalloc_jupyter.board_map import draw_machine
    from spalloc_jupyter.live_map import LiveMap

    shown = LiveMap(draw_machine(MACHINE, jobs=jobs(0)))
    states = [jobs(0), jobs(2)]

    def update(turn: int) -> object:
        shown.show(draw_machine(MACHINE, jobs=states[(turn + 1) % 2], keep=shown.colours))
        return None

    return shown, update


def sent() -> Callable[[int], object]:
    """How many bytes of state an update changes, which is what is sent."""
    shown, update = _updated()

    def measure(turn: int) -> object:
        before = shown.get_state()
        update(turn)
        changed = {name: value for name, value in shown.get_state().items() if before[name] != value}
        return sum(
            len(bytes(value)) if isinstance(value, bytes | memoryview) else len(json.dumps(value))
            for value in changed.values()
        )

    return measure


def main() -> None:
    run = {"floor": floor, "picture": picture, "live": live, "bytes": sent}[sys.argv[1]]()
    run(0)
    run(1)
    for turn, _ in enumerate(sys.stdin):
        begun = time.perf_counter()
        value = run(turn)
        # A picture is bytes, too; only numbers are measurements of another kind.
        print(value if isinstance(value, int) else time.perf_counter() - begun, flush=True)


if __name__ == "__main__":
    main()
