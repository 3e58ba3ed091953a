"""How the wait for boards is told."""

from spalloc_client.commands.alloc import Progress
from spalloc_client.scripts.status_line import StatusLine
from spalloc_client.states import JobState

_USUALLY = "usually 5 to 20 s"  # a BMP takes seconds, and the server waits some more for the boards


def show(progress: Progress, line: StatusLine) -> None:
    """Show how far the wait has come."""
    waited = duration(progress.seconds)
    if progress.state is JobState.queued:
        line.show(f"Job {progress.job_id}: queued{_queue(progress)}", waited, "blue")
    elif progress.state is JobState.power:
        line.show(f"Job {progress.job_id}: its boards are being switched on", f"{waited}, {_USUALLY}", "yellow")
    else:
        line.show(f"Job {progress.job_id}: {progress.state.name}", waited)


def _queue(progress: Progress) -> str:
    queue = progress.queue
    if queue is None:
        return ""
    if not queue.machines:
        return ", but no machine fits the request"
    wants = "" if progress.boards is None else f", wants {progress.boards} board{'' if progress.boards == 1 else 's'}"
    where = ", ".join(queue.machines)
    return f", number {queue.position}{wants}, {queue.boards_free} of {queue.boards_working} free on {where}"


def duration(seconds: float) -> str:
    """Return a span of time in words."""
    whole = int(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
