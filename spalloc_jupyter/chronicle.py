"""Writes down what becomes of a job, as it is heard from the server."""

import time
from collections.abc import Sequence

from spalloc_client.job import Job
from spalloc_client.queue_position import QueuePosition, queue_position
from spalloc_client.records import Allocation, Chip, JobRecord, JobStatus, MachineRecord
from spalloc_client.server import Server
from spalloc_client.states import JobState
from spalloc_jupyter.job_story import Change, EthernetChip, JobStory, state_word

__all__ = ["Chronicle", "tell"]

_LONGEST = 60  # changes that are kept


class Chronicle:
    """What is known about a job. Not safe to share by threads: its owner has a lock.

    Parameters
    ----------
    job
        The job.
    name
        The variable that it is bound to; empty for none.
    """

    def __init__(self, job: Job, name: str) -> None:
        self.job = job
        self._name = name
        self._id = job.id
        self._record: JobRecord | None = None
        self._machines: tuple[MachineRecord, ...] = ()
        self._queue: QueuePosition | None = None
        self._allocation: Allocation | None = None
        self._chips: tuple[EthernetChip, ...] = ()
        self._end: JobStatus | None = None
        self._changes = [Change(time.time(), None, "Asked for" if job.request else "Taken over")]

    # ---- what is heard

    def hear(self, jobs: Sequence[JobRecord], machines: tuple[MachineRecord, ...], at: float) -> bool:
        """Take in what the server says; False if the job is not in it, so that its end has to be asked for.

        Parameters
        ----------
        jobs, machines
            All of the server's.
        at
            When it said so, in seconds since 1970 (UTC).
        """
        self._machines = machines
        if self._end is not None:
            return True
        if self._id != self.job.id:
            self._begin_again(at)
        record = next((job for job in jobs if job.id == self._id), None)
        if record is None:
            return False
        self._note(record.state, record.power, at)
        self._record = record
        self._queue = queue_position(record.id, jobs, machines)
        if record.state is JobState.queued:
            self._allocation, self._chips = None, ()
        return True

    def _begin_again(self, at: float) -> None:
        self._changes.append(Change(at, None, f"Boards of job {self._id} given back; asked again as job {self.job.id}"))
        self._id = self.job.id
        self._record, self._allocation, self._chips = None, None, ()

    def _note(self, state: JobState, power: bool | None, at: float) -> None:
        word = state_word(state, power)
        last = next((change for change in reversed(self._changes) if change.state is not None), None)
        if last is None or (last.state, last.words) != (state, word):
            self._changes.append(Change(at, state, word))
            del self._changes[1 : -_LONGEST + 1]

    def note(self, words: str) -> None:
        """Write down something that was done."""
        self._changes.append(Change(time.time(), None, words))

    @property
    def wants_boards(self) -> bool:
        """True if the job has boards that are not known yet."""
        record = self._record
        if self._end is not None or record is None or not record.boards:
            return False
        return self._allocation is None or set(self._allocation.boards) != set(record.boards)

    def learn_boards(self, allocation: Allocation | None, chips: tuple[EthernetChip, ...]) -> None:
        """Take in what the job was given."""
        if self._end is None and allocation is not None:
            self._allocation, self._chips = allocation, chips

    def learn_end(self, status: JobStatus) -> None:
        """Take in how the job ended; nothing if it has not."""
        if self._end is not None or status.state not in (JobState.destroyed, JobState.unknown):
            return
        self._end = status
        self._note(status.state, None, time.time())

    # ---- what is told

    @property
    def over(self) -> bool:
        """True once the end is known."""
        return self._end is not None

    def tell(self) -> JobStory:
        """Return all that is known now."""
        record, end, server = self._record, self._end, self.job.server
        state = end.state if end else record.state if record else JobState.queued
        asked = self.job.request
        return JobStory(
            id=self._id,
            name=self._name,
            server=f"{server.hostname}:{server.port}",
            state=state,
            power=record.power if record and not end else None,
            asked=asked,
            owner=record.owner if record else asked.owner if asked else "",
            keepalive=record.keepalive if record else asked.keepalive if asked else None,
            kept_alive=self.job.last_kept_alive,
            machine=self._machine(),
            allocation=self._allocation,
            chips=self._chips,
            queue=self._queue if state is JobState.queued else None,
            changes=tuple(self._changes),
            reason=end.reason if end else None,
            ended_here=self.job.end is not None,
            released=self.job.end is None and server.closed,
            told_at=time.time(),
        )

    def _machine(self) -> MachineRecord | None:
        given = self._allocation
        if given is None:
            return None
        return next((machine for machine in self._machines if machine.name == given.machine_name), None)


def boards_of(job: Job, server: Server) -> tuple[Allocation | None, tuple[EthernetChip, ...]]:
    """Ask for what a job was given, and where its Ethernet chips are.

    Parameters
    ----------
    job
        The job.
    server
        The connection to ask on.
    """
    allocation = server.allocation(job.id)
    if allocation is None:
        return None, ()
    chips = (locate(job.id, chip, host, server) for chip, host in sorted(allocation.connections.items()))
    return allocation, tuple(chips)


def locate(job_id: int, chip: Chip, hostname: str, server: Server) -> EthernetChip:
    """Ask where an Ethernet chip of a job is."""
    place = server.where_is(job_id=job_id, chip_x=chip.x, chip_y=chip.y)
    if place is None:
        return EthernetChip(chip, hostname)
    return EthernetChip(chip, hostname, place.board, place.physical)


def end_of(job: Job, server: Server) -> JobStatus:
    """Ask how a job that is in no list any more has ended."""
    return job.end or server.status(job.id)


def tell(job: Job, name: str = "") -> JobStory:
    """Ask the server once, and return the story of a job as it is now.

    Parameters
    ----------
    job
        The job.
    name
        The variable that it is bound to; empty for none.

    Raises
    ------
    ProtocolError, ProtocolTimeoutError
        If the server cannot be reached, or does not answer.
    """
    chronicle = Chronicle(job, name)
    server = job.server
    if job.end is not None:
        chronicle.learn_end(job.end)
    elif not chronicle.hear(server.jobs(), tuple(server.machines()), time.time()):
        chronicle.learn_end(end_of(job, server))
    if chronicle.wants_boards:
        chronicle.learn_boards(*boards_of(job, server))
    return chronicle.tell()
