"""The table of jobs, and how parts of jobs look wherever they are shown."""

import time
from collections.abc import Iterator, Mapping, Sequence

from spalloc_client.records import JobRecord
from spalloc_client.scripts.ink import Line, Span, plain
from spalloc_client.scripts.layout import Page, table
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


def owner(job: JobRecord) -> str:
    """Return who owns a job, and from where it was kept alive last."""
    return plain(job.owner if job.keepalive_host is None else f"{job.owner} ({job.keepalive_host})")


def _job_table(jobs: Sequence[JobRecord], page: Page) -> list[Line]:
    """Return the table of ``spalloc-ps``."""
    head = (">ID", "State", "Power", ">Boards", "Machine", "Created at", ">Keepalive", "Owner (Host)")
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
        Span(owner(job)),
    )


def jobs_as_csv(jobs: Sequence[JobRecord]) -> Iterator[Sequence[object]]:
    """Yield the rows of the table for programs."""
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


JOBS: Face[list[JobRecord]] = Face(_job_table, _jobs_as_json, jobs_as_csv)
"""How ``spalloc-ps`` shows jobs."""
