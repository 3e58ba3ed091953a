"""How machines are shown."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, count, product
from string import ascii_lowercase, ascii_uppercase, digits

from spalloc_client import geometry
from spalloc_client.commands.machine import MachineLoad
from spalloc_client.records import Board, JobRecord, MachineRecord
from spalloc_client.scripts.hexagons import Cut, Mark, drawing
from spalloc_client.scripts.ink import Line, Span, plain
from spalloc_client.scripts.job_table import owner, power, state, style_of_job
from spalloc_client.scripts.layout import Page, cells, facts, table
from spalloc_client.scripts.showing import Face

_FREE = Mark(".", "dim", "dim")
_SINGLE_KEYS = ascii_uppercase + ascii_lowercase.replace("x", "") + digits  # x is what dead boards are
_DEAD = Mark("x", "red", "dim")


def _machine_table(loads: Sequence[MachineLoad], page: Page) -> list[Line]:
    head = ("Name", ">Num boards", ">In-use", ">Jobs", "Tags")
    rows = (
        (
            Span(plain(load.machine.name)),
            Span(str(load.machine.working)),
            Span(str(load.in_use)),
            Span(str(len(load.jobs))),
            Span(plain(", ".join(sorted(load.machine.tags)))),
        )
        for load in loads
    )
    return table(head, rows, page)


def _machines_as_csv(loads: Sequence[MachineLoad]) -> Iterator[Sequence[object]]:
    yield ("name", "boards", "in_use", "jobs", "tags")
    for load in loads:
        yield load.machine.name, load.machine.working, load.in_use, len(load.jobs), " ".join(sorted(load.machine.tags))


def _machines_as_json(loads: Sequence[MachineLoad]) -> object:
    from spalloc_client.scripts import as_json

    return {"machines": [as_json.machine(load) for load in loads]}


MACHINES: Face[list[MachineLoad]] = Face(_machine_table, _machines_as_json, _machines_as_csv)
"""How ``spalloc-machine`` shows all machines."""


def _machine_page(load: MachineLoad, page: Page) -> list[Line]:
    keys = _keys(load.jobs)
    items = [[Span(keys[job.id], style_of_job(job.id)), Span(f":{job.id}")] for job in load.jobs]
    return _with_map(load, cells(items, page), page)


def _detailed_page(load: MachineLoad, page: Page) -> list[Line]:
    keys = _keys(load.jobs)
    head = ("Key", ">Job ID", "State", "Power", ">Num boards", "Owner (Host)")
    rows = (
        (
            Span(keys[job.id], style_of_job(job.id)),
            Span(str(job.id)),
            state(job),
            power(job),
            Span(str(len(job.boards))),
            Span(owner(job)),
        )
        for job in load.jobs
    )
    return _with_map(load, table(head, rows, page), page)


def _with_map(load: MachineLoad, jobs: list[Line], page: Page) -> list[Line]:
    """Return a machine's facts, its drawing in the room that is left, and its jobs."""
    about = facts(_facts(load), page)
    room = page
    if page.height is not None:
        # What does not fit is cut off at the end, so a long list of jobs takes no more than half of the window.
        room = page._replace(height=page.height - len(about) - min(len(jobs), page.height // 2) - 2)
    drawn = drawing(_marks(load), _dead_links(load.machine), room)
    return [*about, [], *drawn, [], *jobs] if jobs else [*about, [], *drawn]


def _facts(load: MachineLoad) -> Iterator[tuple[str, Sequence[Line]]]:
    machine = load.machine
    yield "Name", [[Span(plain(machine.name), "bold")]]
    yield "Tags", [[Span(plain(", ".join(sorted(machine.tags))))]]
    dead = f", {len(machine.dead_boards)} dead (x)" if machine.dead_boards else ""
    yield "In-use", [[Span(f"{load.in_use} of {machine.working}{dead}")]]
    yield "Jobs", [[Span(str(len(load.jobs)))]]


def _marks(load: MachineLoad) -> Mapping[Board, Mark]:
    machine = load.machine
    marks = dict.fromkeys(geometry.all_boards(machine.width, machine.height), _FREE)
    marks.update(dict.fromkeys(machine.dead_boards, _DEAD))
    keys = _keys(load.jobs)
    for job in load.jobs:
        style = style_of_job(job.id)
        marks.update(dict.fromkeys(job.boards, Mark(keys[job.id], style, style, job.id)))
    return marks


def _dead_links(machine: MachineRecord) -> set[Cut]:
    """Return the dead links, each from both of its ends; links to dead boards go without saying."""
    found = set[Cut]()
    for link in machine.dead_links:
        ends = (link, geometry.other_end(link, machine.width, machine.height))
        boards = {Board(end.x, end.y, end.z) for end in ends}
        if not boards & machine.dead_boards:
            found.update((Board(end.x, end.y, end.z), end.link) for end in ends)
    return found


def _keys(jobs: Sequence[JobRecord]) -> Mapping[int, str]:
    """Return what each job is called in the drawing: one letter as long as there are any, then AA to ZZ and so on."""
    pairs = ("".join(letters) for length in count(2) for letters in product(ascii_uppercase, repeat=length))
    names = chain(_SINGLE_KEYS, pairs)
    return {job.id: name for job, name in zip(jobs, names, strict=False)}


def _machine_as_json(load: MachineLoad) -> object:
    from spalloc_client.scripts import as_json

    return as_json.machine_with_jobs(load)


def _boards_as_csv(load: MachineLoad) -> Iterator[Sequence[object]]:
    """Yield one row a board."""
    yield ("x", "y", "z", "state", "job_id", "owner")
    machine = load.machine
    owners = {board: job for job in load.jobs for board in job.boards}
    for board in geometry.all_boards(machine.width, machine.height):
        job = owners.get(board)
        if job is None:
            yield (*board, "dead" if board in machine.dead_boards else "free", None, None)
        else:
            yield (*board, "used", job.id, job.owner)


MACHINE_LOAD: Face[MachineLoad] = Face(_machine_page, _machine_as_json, _boards_as_csv)
"""How ``spalloc-machine`` shows one machine."""

MACHINE_DETAILS: Face[MachineLoad] = Face(_detailed_page, _machine_as_json, _boards_as_csv)
"""How ``spalloc-machine --detailed`` shows one machine."""
