"""What the magics return, and how a notebook shows it."""

import time
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from spalloc_client.commands.job import JobReport
from spalloc_client.commands.machine import MachineLoad
from spalloc_client.records import Chip, JobRecord, Location
from spalloc_jupyter.job_story import state_word
from spalloc_jupyter.markup import facts_list, plain, static_document, text
from spalloc_jupyter.tables import Records, Table, name_of
from spalloc_jupyter.words import clock, count, listed, ordinal


class EthernetIp(NamedTuple):
    """How one board of a job is reached."""

    x: int
    """Of its Ethernet chip, as the job counts its chips."""
    y: int
    hostname: str


def _since(job: JobRecord) -> str:
    try:
        return "" if job.start_time is None else clock(job.start_time, time.time())
    except (OverflowError, ValueError, OSError):
        return ""  # what a server says need not be a date


_JOBS: Table[JobRecord] = Table(
    "job",
    (
        ("Job", lambda job: str(job.id)),
        ("Owner", lambda job: job.owner),
        ("State", lambda job: state_word(job.state, job.power)),
        ("Asked for", lambda job: " ".join(map(str, job.request)) or "1"),
        ("Boards", lambda job: str(len(job.boards)) if job.boards else ""),
        ("Machine", lambda job: job.machine_name or ""),
        ("Since", _since),
        ("Keepalive", lambda job: "none" if job.keepalive is None else f"{job.keepalive:g} s"),
        ("Kept alive by", lambda job: job.keepalive_host or ""),
    ),
    lambda job: job._asdict(),
)

_MACHINES: Table[MachineLoad] = Table(
    "machine",
    (
        ("Machine", lambda load: load.machine.name),
        ("Tags", lambda load: ", ".join(load.machine.tags)),
        ("Triads", lambda load: f"{load.machine.width} × {load.machine.height}"),
        ("Boards", lambda load: str(load.machine.size)),
        ("Working", lambda load: str(load.machine.working)),
        ("In use", lambda load: str(load.in_use)),
        ("Jobs", lambda load: str(len(load.jobs))),
    ),
    lambda load: {**load.machine._asdict(), "in_use": load.in_use, "jobs": tuple(job.id for job in load.jobs)},
)

_IPS: Table[EthernetIp] = Table(
    "Ethernet chip",
    (("x", lambda ip: str(ip.x)), ("y", lambda ip: str(ip.y)), ("hostname", lambda ip: ip.hostname)),
    lambda ip: ip._asdict(),
)


def jobs_table(jobs: Iterable[JobRecord]) -> Records[JobRecord]:
    """Return jobs as a table."""
    return Records(jobs, _JOBS)


def machines_table(loads: Iterable[MachineLoad]) -> Records[MachineLoad]:
    """Return machines as a table."""
    return Records(loads, _MACHINES)


def ips_table(connections: Mapping[Chip, str]) -> Records[EthernetIp]:
    """Return host names by Ethernet chip as a table."""
    return Records((EthernetIp(*chip, hostname) for chip, hostname in connections.items()), _IPS)


def location_bundle(place: Location) -> dict[str, str]:
    """Return where something is, by MIME type."""
    return _facts(
        f"On {place.machine}",
        {
            "Machine": place.machine,
            "Bolted in": "cabinet {}, frame {}, board {}".format(*place.physical),
            "Board": _in_brackets(place.board),
            "Machine's chip": _in_brackets(place.chip),
            "Board's chip": _in_brackets(place.board_chip),
            "Job": "none" if place.job_id is None else str(place.job_id),
            "Job's chip": "" if place.job_chip is None else _in_brackets(place.job_chip),
        },
    )


def report_bundle(report: JobReport) -> dict[str, str]:
    """Return what is known of a job, by MIME type."""
    job, queue = report.job, report.queue
    size = "" if report.width is None else f"{report.width} × {report.height} chips"
    place = ""
    if queue is not None:
        free = f"{queue.boards_free} of {count(queue.boards_working, 'board')} free on {listed(queue.machines)}"
        place = f"{ordinal(queue.position)}, {free}"
    boards = listed((_in_brackets(board) for board in job.boards), most=6)
    return _facts(
        f"Job {job.id}: {state_word(job.state, job.power)}",
        {
            "Owner": job.owner,
            "Host name": report.hostname or "",
            "Size": size,
            "Machine": job.machine_name or "",
            "Boards": f"{len(job.boards)}: {boards}" if job.boards else "",
            "Asked for": " ".join(map(str, job.request)),
            "In the queue": place,
            "Since": _since(job),
            "Keepalive": "" if job.keepalive is None else f"{job.keepalive:g} s",
            "Kept alive by": job.keepalive_host or "",
            "Reason": job.reason or "",
        },
    )


def machine_bundle(load: MachineLoad) -> dict[str, str]:
    """Return a machine and the jobs on it, by MIME type."""
    from spalloc_jupyter.board_map import draw_machine, map_svg
    from spalloc_jupyter.machine_html import MachineStory, machine_parts, machine_text

    story = MachineStory(load.machine, load.jobs, (), "", time.time())
    drawing = draw_machine(load.machine, jobs=load.jobs)
    parts = machine_parts(story, {job.id: job.colour for job in drawing.jobs}, map_svg(drawing), "")
    html = static_document(parts, f"Machine {load.machine.name}", "spalloc-machine")
    return {"text/html": html, "text/plain": machine_text(story)}


def _facts(title: str, facts: Mapping[str, str]) -> dict[str, str]:
    known = {name: words for name, words in facts.items() if words}
    listing = facts_list({name: text(words) for name, words in known.items()})
    html = static_document({"head": name_of(title), "facts": listing}, title, "")
    wide = max(map(len, known))
    lines = [plain(title), *(f"  {name:<{wide}}  {plain(words)}" for name, words in known.items())]
    return {"text/html": html, "text/plain": "\n".join(lines)}


def _in_brackets(numbers: Iterable[int]) -> str:
    return f"({', '.join(map(str, numbers))})"
