"""``spalloc``: boards that are asked for and waited for."""

import time
from collections.abc import Iterator
from typing import Final, NamedTuple

from spalloc_client.commands.arguments import AllocArguments
from spalloc_client.commands.job import ended_job
from spalloc_client.config import Config
from spalloc_client.exceptions import (
    JobDestroyedError,
    ProtocolError,
    ProtocolTimeoutError,
    StateChangeTimeoutError,
)
from spalloc_client.job import Job, JobOptions
from spalloc_client.queue_position import QueuePosition
from spalloc_client.server import Server
from spalloc_client.states import JobState

_TICK: Final = 1.0  # seconds between looks at the queue
_WAITING: Final = (JobState.queued, JobState.power)


class Progress(NamedTuple):
    """How far the wait for a job has come.

    Parameters
    ----------
    job_id
        The job.
    state
        Its state.
    seconds
        How long it was waited for, in all.
    boards
        How many boards were asked for; None for a job that was taken over.
    queue
        Where it stands in the queue; None if it is not queued, or if the server cannot be asked.
    """

    job_id: int
    state: JobState
    seconds: float
    boards: int | None
    queue: QueuePosition | None


def ask_for_boards(arguments: AllocArguments) -> Job:
    """Return a job as asked for: a new one, or one that was taken over.

    Raises
    ------
    NoJobError
        If the server does not know the job to take over.
    SpallocError
        As :class:`spalloc_client.Job` does.
    """
    config = Config.load(arguments=arguments.options)
    try:
        return Job(
            *arguments.what,
            resume_job_id=arguments.resume,
            no_destroy=arguments.no_destroy,
            **_job_options(config),
        )
    except JobDestroyedError:
        assert arguments.resume is not None  # a new job has no time to end
        with Server.from_config(config) as server:
            ended_job(server, arguments.resume)
        raise


def _job_options(config: Config) -> JobOptions:
    """Return the settings as a job takes them; all of them, so that they are looked up only once."""
    options: JobOptions = {
        "port": config.port,
        "reconnect_delay": config.reconnect_delay,
        "timeout": config.timeout,
        "keepalive": config.keepalive,
        "machine": config.machine,
        "tags": config.tags,
        "min_ratio": config.min_ratio,
        "max_dead_boards": config.max_dead_boards,
        "max_dead_links": config.max_dead_links,
        "require_torus": config.require_torus,
    }
    if config.hostname is not None:
        options["hostname"] = config.hostname
    if config.owner is not None:
        options["owner"] = config.owner
    return options


def waiting(job: Job, begun: float) -> Iterator[Progress]:
    """Wait until the boards are given and on; yield how far that is, about once a second and on each change.

    Parameters
    ----------
    job
        The job.
    begun
        Since when it is waited for, on :func:`time.monotonic`.

    Raises
    ------
    JobDestroyedError
        If the job was destroyed; its message is the reason.
    """
    state = job.wait_for_state_change(JobState.unknown, _TICK)
    while not _is_ready(job, state):
        boards = None if job.request is None else job.request.boards
        queue = _queue(job) if state is JobState.queued else None
        yield Progress(job.id, state, time.monotonic() - begun, boards, queue)
        state = job.wait_for_state_change(state, _TICK)


def _is_ready(job: Job, state: JobState) -> bool:
    if state in _WAITING:
        return False
    try:
        # It has the say on jobs that ended, and on boards that are to be given back.
        job.wait_until_ready(timeout=0)
    except StateChangeTimeoutError:
        return False
    return True


def _queue(job: Job) -> QueuePosition | None:
    try:
        return job.queue_position
    except (ProtocolError, ProtocolTimeoutError):
        return None  # waiting goes on, and so do attempts to connect
