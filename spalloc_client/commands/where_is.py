"""``spalloc-where-is``: where a board or chip is."""

from collections.abc import Sequence

from spalloc_client import geometry
from spalloc_client.commands.errors import NoBoardsError, NoJobError, NoPlaceError
from spalloc_client.commands.machine import find_machine
from spalloc_client.commands.queries import BoardQuery, ChipQuery, JobChipQuery, PhysicalQuery, Query
from spalloc_client.records import Board, JobRecord, Location, MachineRecord
from spalloc_client.server import Server


def where_is(server: Server, query: Query) -> Location:
    """Return where a board or chip is; keeps nobody's job alive.

    Numbers are checked here, because some servers wrap those that are out of range, and find some other board.

    Parameters
    ----------
    server
        The server.
    query
        What is looked for.

    Raises
    ------
    NoMachineError
        If there is no such machine.
    NoJobError, NoBoardsError
        If there is no such job, or if it has no boards yet.
    NoPlaceError
        If there is no such board or chip.
    """
    _check(server, query)
    location = server.where_is(**query._asdict())
    if location is None:
        raise NoPlaceError(f"{_machine_of(query)} has no {_place(query)}")
    return location


def _check(server: Server, query: Query) -> None:
    machines = server.machines()
    if isinstance(query, JobChipQuery):
        _check_job_chip(server.jobs(), machines, query)
        return
    machine = find_machine(machines, query.machine)
    if isinstance(query, PhysicalQuery):
        return  # only the server knows how boards are bolted in
    width, height = machine.width, machine.height
    if isinstance(query, BoardQuery) and not geometry.is_board(Board(query.x, query.y, query.z), width, height):
        raise NoPlaceError(
            f"{machine.name} has no {_place(query)}: x is 0 to {width - 1}, y is 0 to {height - 1}, z is 0 to 2"
        )
    if isinstance(query, ChipQuery):
        _check_chip(query, geometry.TRIAD_CHIPS * width, geometry.TRIAD_CHIPS * height)


def _check_job_chip(jobs: Sequence[JobRecord], machines: Sequence[MachineRecord], query: JobChipQuery) -> None:
    job = next((job for job in jobs if job.id == query.job_id), None)
    if job is None:
        raise NoJobError(f"there is no job {query.job_id}, or it has ended; spalloc-ps lists the jobs")
    if job.machine_name is None or not job.boards:
        raise NoBoardsError(f"job {job.id} has no boards yet")
    machine = find_machine(machines, job.machine_name)
    _check_chip(query, *geometry.size_in_chips(job.boards, machine.width, machine.height))


def _check_chip(query: ChipQuery | JobChipQuery, width: int, height: int) -> None:
    if query.chip_x >= width or query.chip_y >= height or min(query.chip_x, query.chip_y) < 0:
        raise NoPlaceError(
            f"{_machine_of(query)} has no {_place(query)}: x is 0 to {width - 1}, y is 0 to {height - 1}"
        )


def _machine_of(query: Query) -> str:
    return f"job {query.job_id}" if isinstance(query, JobChipQuery) else query.machine


def _place(query: Query) -> str:
    if isinstance(query, BoardQuery):
        return f"board ({query.x}, {query.y}, {query.z})"
    if isinstance(query, PhysicalQuery):
        return f"board in cabinet {query.cabinet}, frame {query.frame}, slot {query.board}"
    return f"chip ({query.chip_x}, {query.chip_y})"
