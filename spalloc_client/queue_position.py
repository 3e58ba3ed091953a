"""What a queued job waits for, worked out from the lists of jobs and machines."""

from collections.abc import Sequence
from typing import NamedTuple

from spalloc_client.records import JobRecord, MachineRecord
from spalloc_client.states import JobState


class QueuePosition(NamedTuple):
    """Where a queued job stands.

    Parameters
    ----------
    position
        1 for the job that is next.
    ahead
        Ids of the queued jobs before it that compete for the same machines, the oldest first.
    boards_free
        Boards that work and belong to no job, on all machines that could serve it.
    boards_working
        Boards that work on those machines.
    machines
        Their names.
    """

    position: int
    ahead: tuple[int, ...]
    boards_free: int
    boards_working: int
    machines: tuple[str, ...]


def queue_position(job_id: int, jobs: Sequence[JobRecord], machines: Sequence[MachineRecord]) -> QueuePosition | None:
    """Return where a job stands in the queue; None if it is not queued.

    Parameters
    ----------
    job_id
        The job.
    jobs
        All jobs of the server.
    machines
        All machines of the server.
    """
    queued = sorted((job for job in jobs if job.state is JobState.queued), key=lambda job: job.id)
    own = next((job for job in queued if job.id == job_id), None)
    if own is None:
        return None
    suitable = _suitable(own, machines)
    ahead = tuple(job.id for job in queued if job.id < job_id and suitable & _suitable(job, machines))
    working = sum(machine.working for machine in machines if machine.name in suitable)
    used = sum(len(job.boards) for job in jobs if job.machine_name in suitable)
    return QueuePosition(len(ahead) + 1, ahead, max(0, working - used), working, tuple(sorted(suitable)))


def _suitable(job: JobRecord, machines: Sequence[MachineRecord]) -> set[str]:
    """Return the names of the machines that a job accepts; all of them if the server hides what it asked for."""
    wanted = job.requirements.get("machine")
    if wanted:
        return {machine.name for machine in machines if machine.name == wanted}
    tags = job.requirements.get("tags") or ["default"]
    if not isinstance(tags, list):
        return {machine.name for machine in machines}
    return {machine.name for machine in machines if set(tags) <= set(machine.tags)}
