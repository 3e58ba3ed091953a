"""Machines and jobs that several tests draw."""

from spalloc_client.geometry import all_boards, wrap
from spalloc_client.records import Board, DeadLink, JobRecord, MachineRecord
from spalloc_client.states import JobState

HOSTILE = "</script><img src=x onerror=alert(1)>&\"'{0}%s$\\frac{\x00\x1b[31m\ud800\U0001f600\u202e"
"""What a server may call anybody, if it wants."""


def region(place, size, torus):
    """All boards of a rectangle of triads on a torus."""
    return tuple(wrap(Board(place[0] + x, place[1] + y, z), *torus) for x, y, z in all_boards(*size))


def job(number, boards, machine="m", owner="alice@example.org", state=JobState.ready):
    return JobRecord(number, owner, state, machine_name=machine, boards=tuple(map(Board._make, boards)))


TORUS = (4, 2)
MACHINE = MachineRecord(
    "m",
    ("default",),
    *TORUS,
    dead_boards=frozenset({Board(3, 1, 2)}),
    dead_links=frozenset({DeadLink(0, 0, 0, 0), DeadLink(1, 1, 0, 1)}),
)
JOBS = (
    job(31, region((0, 0), (2, 1), TORUS)),
    job(33, region((2, 0), (1, 1), TORUS), owner="bob"),
    job(39, region((1, 1), (1, 1), TORUS), owner=HOSTILE),
    job(1037, [(3, 0, 0)]),
)
LARGE = MachineRecord("million", (), 20, 20)
LARGE_JOBS = (
    *(job(100 + n, region((2 * (n % 10), 4 * (n // 10)), (2, 3), (20, 20)), "million") for n in range(39)),
    job(999, [(19, 19, 2)], "million"),
)
