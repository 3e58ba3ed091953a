"""How jobs are shown."""

import time
from collections.abc import Iterator, Mapping, Sequence

from spalloc_client import geometry
from spalloc_client.commands.job import JobReport
from spalloc_client.queue_position import QueuePosition
from spalloc_client.records import JobRecord
from spalloc_client.scripts.hexagons import Mark, drawing
from spalloc_client.scripts.ink import Line, Span, plain
from spalloc_client.scripts.layout import Page, facts, table
from spalloc_client.scripts.showing import Face
from spalloc_client.states import JobState

_STATE_STYLES: Mapping[JobState, str] = {
    JobState.queued: "blue",
    JobState.power: "yellow",
    JobState.ready: "green",
    JobState.destroyed: "red",
}
_JOB_STYLES = ("green", "blue", "magenta", "yellow", "cyan")


def style_of_job(job_id: int) -> str:
    """Return the style that a job has in every drawing."""
    style = _JOB_STYLES[job_id % len(_JOB_STYLES)]
    return style if job_id // len(_JOB_STYLES) % 2 else f"{style} bold"


def state(job: JobRecord) -> Span:
    """Return a job's state."""
    return Span(job.state.name, _STATE_STYLES.get(job.state, ""))


def power(job: JobRecord) -> Span:
    """Return whether a job's boards are on."""
    if job.power is None:
        return Span("")
    style = "yellow" if job.state is JobState.power else "green" if job.power else "red"
    return Span("on" if job.power else "off", style)


def moment(seconds: float | None) -> str:
    """Return a moment in local time; nothing if it is not known."""
    if seconds is None:
        return ""
    try:
        return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(seconds))
    except (OverflowError, ValueError, OSError):
        return ""  # what a server says need not be a date


def interval(job: JobRecord) -> str:
    """Return how often a job needs a sign of life."""
    return "never" if job.keepalive is None else f"{job.keepalive:g} s"


def job_table(jobs: Sequence[JobRecord], page: Page) -> list[Line]:
    """Return the table of ``spalloc-ps``."""
    head = (">ID", "State", "Power", ">Boards", "Machine", "Created at", ">Keepalive", "Owner", "Host")
    return table(head, (_row(job) for job in jobs), page)


def _row(job: JobRecord) -> Sequence[Span]:
    return (
        Span(str(job.id)),
        state(job),
        power(job),
        Span(str(len(job.boards)) if job.boards else ""),
        Span(plain(job.machine_name or "")),
        Span(moment(job.start_time)),
        Span(interval(job)),
        Span(plain(job.owner)),
        Span(plain(job.keepalive_host or "")),
    )


def _jobs_as_csv(jobs: Sequence[JobRecord]) -> Iterator[Sequence[object]]:
    yield ("id", "state", "power", "boards", "machine", "start_time", "keepalive", "owner", "keepalive_host")
    for job in jobs:
        power = {True: "on", False: "off"}.get(job.power) if job.power is not None else None
        boards = len(job.boards)
        where = job.machine_name
        yield (
            job.id,
            job.state.name,
            power,
            boards,
            where,
            job.start_time,
            job.keepalive,
            job.owner,
            job.keepalive_host,
        )


def _jobs_as_json(jobs: Sequence[JobRecord]) -> object:
    from spalloc_client.scripts import as_json

    return {"jobs": [as_json.job(job) for job in jobs]}


JOBS: Face[list[JobRecord]] = Face(job_table, _jobs_as_json, _jobs_as_csv)
"""How ``spalloc-ps`` shows jobs."""


def job_page(report: JobReport, page: Page) -> list[Line]:
    """Return all that is known of a job."""
    return facts(_facts(report, page), page)


def _facts(report: JobReport, page: Page) -> Iterator[tuple[str, Sequence[Line]]]:
    job = report.job
    yield "Job ID", [[Span(str(job.id))]]
    yield "State", [[state(job)]]
    if job.reason is not None:
        yield "Reason", [[Span(plain(job.reason))]]
    if job.owner:
        yield "Owner", [[Span(plain(job.owner))]]
    if job.start_time is not None:
        yield "Start time", [[Span(moment(job.start_time))]]
    if job.state is JobState.destroyed:
        return
    yield "Keepalive", [[Span(interval(job))]]
    if job.keepalive_host is not None:
        yield "Owner host", [[Span(plain(job.keepalive_host))]]
    yield "Request", _request(job, page)
    if report.queue is not None:
        yield "Queue", [[Span(plain(queue_words(report.queue)))]]
    if job.boards:
        yield from _allocation(report, page)


def _request(job: JobRecord, page: Page) -> Sequence[Line]:
    """Return what was asked for as a call of Job; on a terminal one requirement a line."""
    words = [str(number) for number in job.request]
    words += [f"{plain(name)}={plain(repr(value))}" for name, value in sorted(job.requirements.items())]
    if page.width is None or len(words) < 2:
        return [[Span(f"Job({', '.join(words)})")]]
    lines = [f"Job({words[0]},", *(f"    {word}," for word in words[1:-1]), f"    {words[-1]})"]
    return [[Span(line)] for line in lines]


def _allocation(report: JobReport, page: Page) -> Iterator[tuple[str, Sequence[Line]]]:
    job, machine = report.job, report.machine
    if machine is not None:
        places = geometry.unwrap(job.boards, machine.width, machine.height)
        style = style_of_job(job.id)
        room = Page(None if page.width is None else max(page.width - 15, 10))
        yield "Allocation", drawing({place: Mark(".", style) for place in places.values()}, (), room)
    if report.connections is not None:
        yield "Hostname", [[Span(plain(report.hostname or ""), "bold")]]
    if report.width is not None:
        yield "Width", [[Span(str(report.width))]]
        yield "Height", [[Span(str(report.height))]]
    yield "Boards", [[Span(", ".join("({}, {}, {})".format(*board) for board in job.boards))]]
    yield "Num boards", [[Span(str(len(job.boards)))]]
    if job.power is not None:
        yield "Board power", [[power(job)]]
    yield "Running on", [[Span(plain(job.machine_name or ""))]]


def queue_words(queue: QueuePosition) -> str:
    """Return where a job stands in the queue, in words."""
    where = ", ".join(queue.machines) or "no machine at all"
    return f"number {queue.position}, {queue.boards_free} of {queue.boards_working} boards free on {where}"


def _job_as_json(report: JobReport) -> object:
    from spalloc_client.scripts import as_json

    return as_json.report(report)


def _job_as_csv(report: JobReport) -> Iterator[Sequence[object]]:
    return _jobs_as_csv([report.job])


JOB_REPORT: Face[JobReport] = Face(job_page, _job_as_json, _job_as_csv)
"""How ``spalloc-job`` shows a job."""
