"""``spalloc-job``: one job, its boards and its end."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from spalloc_client import geometry
from spalloc_client.commands.errors import AmbiguousOwnerError, NoBoardsError, NoJobError, PowerError
from spalloc_client.deadline import Deadline
from spalloc_client.queue_position import QueuePosition, queue_position
from spalloc_client.records import Chip, JobRecord, MachineRecord
from spalloc_client.server import POLL, Server
from spalloc_client.states import JobState

_HIDDEN = "<Hidden>"  # what some servers say in the place of other people's names


class JobReport(NamedTuple):
    """All that can be told of a job.

    Parameters
    ----------
    job
        The job; one that has ended keeps little more than its id, state and reason.
    machine
        The machine that its boards are part of.
    width, height
        Its size in chips; None without boards.
    connections
        The host names of its Ethernet chips; None without boards. Servers tell them in a way that keeps the job
        alive, so of somebody else's job they are not asked for, and None as well.
    queue
        Where it stands in the queue; None if it is not queued.
    """

    job: JobRecord
    machine: MachineRecord | None = None
    width: int | None = None
    height: int | None = None
    connections: Mapping[Chip, str] | None = None
    queue: QueuePosition | None = None

    @property
    def hostname(self) -> str | None:
        """The host name of chip (0, 0)."""
        return None if self.connections is None else self.connections.get(Chip(0, 0))


class JobReporter:
    """Tells about a job, again and again, and keeps nobody else's job alive.

    Parameters
    ----------
    server
        The server.
    job_id
        The job.
    owner
        Who asks; host names are asked for only if it is this owner's job.
    """

    def __init__(self, server: Server, job_id: int, owner: str | None) -> None:
        self._server = server
        self._id = job_id
        self._owner = owner
        self._known: tuple[JobRecord, Mapping[Chip, str]] | None = None

    def report(self) -> JobReport:
        """Return what can be told now.

        Raises
        ------
        NoJobError
            If the server does not know the job.
        """
        jobs = self._server.jobs()
        job = next((job for job in jobs if job.id == self._id), None)
        if job is None:
            return JobReport(ended_job(self._server, self._id))
        machines = self._server.machines()
        machine = next((machine for machine in machines if machine.name == job.machine_name), None)
        width = height = None
        if machine is not None and job.boards:
            width, height = geometry.size_in_chips(job.boards, machine.width, machine.height)
        return JobReport(job, machine, width, height, self._connections(job), queue_position(self._id, jobs, machines))

    def _connections(self, job: JobRecord) -> Mapping[Chip, str] | None:
        """Return the host names of one's own job; they are asked for once, as long as the boards stay the same."""
        if not job.boards or self._owner is None or job.owner != self._owner:
            return None
        if self._known is None or self._known[0].boards != job.boards:
            allocation = self._server.allocation(job.id)
            if allocation is None:
                return None
            self._known = (job, allocation.connections)
        return self._known[1]


def find_job(server: Server, job_id: int | None, owner: str | None) -> int:
    """Return the id of the job that is meant.

    Parameters
    ----------
    server
        The server.
    job_id
        The job; None for the only one of `owner`.
    owner
        Who asks.

    Raises
    ------
    NoJobError
        If the owner has no job, or nobody says whose it is.
    AmbiguousOwnerError
        If the owner has several.
    """
    if job_id is not None:
        return job_id
    if owner is None:
        raise NoJobError("say which job is meant: give its id, or an owner who has only one (--owner, SPALLOC_OWNER)")
    jobs = server.jobs()
    own = [job for job in jobs if job.owner == owner]
    if len(own) > 1:
        raise AmbiguousOwnerError(owner, own)
    if own:
        return own[0].id
    if any(job.owner == _HIDDEN for job in jobs):
        raise NoJobError("this server hides who owns which job; say which one is meant by its id")
    raise NoJobError(f"{owner} has no jobs; spalloc-ps lists everybody's")


def ended_job(server: Server, job_id: int) -> JobRecord:
    """Return what is left of a job that is not in the server's list any more.

    Raises
    ------
    NoJobError
        If the server does not know it.
    """
    # It has ended, so this keeps nothing alive.
    status = server.status(job_id)
    if status.state is JobState.unknown:
        raise NoJobError(f"the server knows no job {job_id}; spalloc-ps lists the jobs")
    return JobRecord(
        id=job_id,
        owner="",
        state=status.state,
        start_time=status.start_time,
        reason=status.reason,
    )


def ethernet_ips(server: Server, job_id: int) -> Mapping[Chip, str]:
    """Return the host names of a job's Ethernet chips, in the order of the chips; keeps the job alive.

    Raises
    ------
    NoBoardsError
        If it has no boards.
    """
    allocation = server.allocation(job_id)
    if allocation is None:
        raise NoBoardsError(f"job {job_id} has no boards: it is queued, has ended, or never was")
    return dict(sorted(allocation.connections.items()))


def destroy_job(server: Server, job_id: int, reason: str | None) -> bool:
    """End a job, whoever owns it; return False if it had ended before.

    Raises
    ------
    NoJobError
        If the server does not know it.
    """
    if all(job.id != job_id for job in server.jobs()):
        ended_job(server, job_id)
        return False
    server.destroy_job(job_id, reason)
    return True


def switch_job(server: Server, job_id: int, power: bool) -> Iterator[JobRecord]:
    """Switch a job's boards on (which resets boards that are on) or off; ends when they are switched.

    Yields
    ------
    JobRecord
        The job, each time it was looked at while it is not done yet.

    Raises
    ------
    PowerError
        If the job has no boards, or loses them meanwhile.
    """
    server.subscribe("notify_job")
    _switchable(server.jobs(), job_id, power)
    server.set_power(job_id, power)
    while True:
        news = server.news()
        job = _switchable(server.jobs(), job_id, power)
        if job.state is JobState.ready:
            return
        yield job
        server.wait_for_news(news, Deadline.after(POLL))


def _switchable(jobs: Sequence[JobRecord], job_id: int, power: bool) -> JobRecord:
    job = next((job for job in jobs if job.id == job_id), None)
    what = f"the boards of job {job_id} cannot be switched {'on' if power else 'off'}"
    if job is None:
        raise PowerError(f"{what}: there is no such job, or it has ended")
    if job.state not in (JobState.power, JobState.ready):
        raise PowerError(f"{what}: it is {job.state.name}, without boards")
    return job
