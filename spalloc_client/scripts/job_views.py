"""How one job is shown."""

from collections.abc import Iterator, Sequence

from spalloc_client import geometry
from spalloc_client.commands.job import JobReport
from spalloc_client.queue_position import QueuePosition
from spalloc_client.records import JobRecord
from spalloc_client.scripts.hexagons import Mark, drawing
from spalloc_client.scripts.ink import Line, Span, plain
from spalloc_client.scripts.job_table import interval, moment, power, state, style_of_job
from spalloc_client.scripts.layout import Page, facts
from spalloc_client.scripts.showing import Face
from spalloc_client.states import JobState


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
        yield "Allocation", drawing({place: Mark(".", style, style) for place in places.values()}, (), room)
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


JOB_REPORT: Face[JobReport] = Face(job_page, _job_as_json)
"""How ``spalloc-job`` shows a job."""
