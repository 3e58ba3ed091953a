"""What a notebook's kernel does: loading the extension, and drawing maps."""

import statistics
import subprocess
from contextlib import ExitStack

from measure import HERE, Row, Settings, Worker, at_most, interleaved, medians, on_one_core


def rows(settings: Settings) -> list[Row]:
    return [_loading(settings), *_maps(settings)]


def _loading(settings: Settings) -> Row:
    words = [str(settings.ours), str(HERE / "probes" / "loading.py")]
    found = [
        float(subprocess.run(words, check=True, capture_output=True, text=True, cwd="/", preexec_fn=on_one_core).stdout)
        for _ in range(settings.rounds(11))
    ]
    milliseconds = 1e3 * statistics.median(found)
    return Row(
        "%load_ext spalloc_jupyter in a fresh kernel",
        "ms",
        None,
        None,
        milliseconds,
        **at_most(milliseconds, 40, "at most 40 ms"),
    )


def _maps(settings: Settings) -> list[Row]:
    with ExitStack() as stack:
        kinds = ("floor", "picture", "live", "bytes")
        workers = {kind: stack.enter_context(Worker(settings.ours, "drawing", kind)) for kind in kinds}
        found = medians(interleaved({kind: worker.measure for kind, worker in workers.items()}, settings.rounds(30)))
    ratio = found["picture"] / found["floor"]
    milliseconds, sent = 1e3 * found["live"], found["bytes"]
    return [
        Row(
            "map of 1,200 boards as PNG; floor: matplotlib, one PolyCollection",
            "ms",
            1e3 * found["floor"],
            None,
            1e3 * found["picture"],
            **at_most(ratio, 1.3, "at most 1.3 of the floor"),
            notes=f"{ratio:.2f} of the floor",
        ),
        Row(
            "live map of 1,200 boards, every board changes: kernel time",
            "ms",
            None,
            None,
            milliseconds,
            **at_most(milliseconds, 2, "at most 2 ms"),
        ),
        Row(
            "live map of 1,200 boards, every board changes: state sent",
            "bytes",
            None,
            None,
            sent,
            **at_most(sent, 2048, "at most 2 KiB"),
        ),
    ]
