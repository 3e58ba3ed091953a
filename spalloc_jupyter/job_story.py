"""What is known about a job at one moment, and how it came to that: what every view of a job shows.

Plain values; nothing here asks a server or knows of HTML.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from spalloc_client.queue_position import QueuePosition
from spalloc_client.records import Allocation, Board, Chip, MachineRecord, PhysicalLocation
from spalloc_client.request import JobRequest
from spalloc_client.states import JobState
from spalloc_jupyter.words import count

__all__ = ["Change", "EthernetChip", "JobStory", "Step", "advice", "state_word", "steps"]


class Change(NamedTuple):
    """Something that happened to the job."""

    at: float
    """In seconds since 1970 (UTC)."""
    state: JobState | None
    """The state it was in from then on; None for what changed no state."""
    words: str


class EthernetChip(NamedTuple):
    """A chip that can be reached by its host name, and where it is."""

    chip: Chip
    hostname: str
    board: Board | None = None
    physical: PhysicalLocation | None = None


class Step(NamedTuple):
    """One of the steps from asking for boards to having them."""

    name: str
    since: float | None
    """When it began, in seconds since 1970 (UTC); None if it has not."""
    until: float | None
    """When it was over; None while it lasts."""


@dataclass(frozen=True, slots=True)
class JobStory:
    """A job at one moment."""

    id: int
    name: str
    """The variable that it is bound to; empty for none."""
    server: str
    """Host name and port."""
    state: JobState
    power: bool | None
    asked: JobRequest | None
    """None for a job that was taken over."""
    owner: str = ""
    keepalive: float | None = None
    kept_alive: float | None = None
    """When the server last confirmed it, in seconds since 1970 (UTC)."""
    machine: MachineRecord | None = None
    allocation: Allocation | None = None
    """What the job has, or had when it ended."""
    chips: tuple[EthernetChip, ...] = ()
    queue: QueuePosition | None = None
    changes: tuple[Change, ...] = field(default=())
    reason: str | None = None
    """Why it was destroyed."""
    ended_here: bool = False
    """This notebook ended it."""
    released: bool = False
    """This notebook let go of it, and does not keep it alive any more."""
    told_at: float = 0.0
    """When all this was so, in seconds since 1970 (UTC)."""

    @property
    def over(self) -> bool:
        """True if it has ended."""
        return self.state in (JobState.destroyed, JobState.unknown)

    @property
    def asked_words(self) -> str:
        """What was asked for."""
        return "boards, by somebody else" if self.asked is None else str(self.asked)

    @property
    def title(self) -> str:
        """What it is, in one line."""
        if self.allocation is None:
            return f"asked for {self.asked_words}"
        boards = count(len(self.allocation.boards), "board")
        return f"{boards} on {self.allocation.machine_name}"


def state_word(state: JobState, power: bool | None) -> str:
    """Return how a state is called, boards that are being switched off and boards that are off included."""
    if state is JobState.power:
        return "Powering off" if power is False else "Powering on"
    if state is JobState.ready:
        return "Powered off" if power is False else "Ready"
    words = {JobState.unknown: "Unknown", JobState.queued: "Queued", JobState.destroyed: "Destroyed"}
    return words.get(state, state.name.replace("_", " ").capitalize())


def steps(story: JobStory) -> tuple[Step, Step, Step]:
    """Return the steps, the last time the job went through them: queued, switching, ready.

    A job may pass through a state too fast to be seen in it; a job that was taken over was in the queue unseen.
    """
    began: dict[JobState, Change] = {}
    ended: dict[JobState, float] = {}
    states = [(change.state, change) for change in story.changes if change.state is not None]
    until = [*(change.at for _, change in states[1:]), math.inf]
    for (state, change), end in zip(states, until, strict=False):
        for later in _LATER.get(state, ()):
            began.pop(later, None)
        began[state], ended[state] = change, end
    if states and story.asked is not None and JobState.queued not in began:
        began[JobState.queued] = Change(story.changes[0].at, JobState.queued, "Queued")
        ended[JobState.queued] = states[0][1].at
    switching = began.get(JobState.power)
    last = began.get(JobState.ready)
    return (
        _step("Queued", began.get(JobState.queued), ended),
        _step(switching.words if switching else "Powering on", switching, ended),
        _step(last.words if last else "Ready", last, ended),
    )


_LATER = {JobState.queued: (JobState.power, JobState.ready), JobState.power: (JobState.ready,)}


def _step(name: str, change: Change | None, ended: Mapping[JobState, float]) -> Step:
    if change is None or change.state is None:
        return Step(name, None, None)
    until = ended[change.state]
    return Step(name, change.at, None if until == math.inf else until)


def advice(story: JobStory) -> str:
    """Return what can be done about the end of a job."""
    reason = (story.reason or "").lower()
    again = f"%spalloc {command_words(story.asked)}"
    if story.state is JobState.unknown:
        return f"The server has forgotten it. Ask for boards anew: {again}"
    if "timed out" in reason:
        return (
            "The server heard nothing from here for longer than the job's keepalive: this computer slept, or could not "
            f"reach it. Ask for boards anew: {again}; a longer --keepalive bridges longer pauses."
        )
    if "no suitable machine" in reason:
        return (
            "No machine there can ever fulfil this. Ask for fewer boards, allow more dead ones (--max-dead-boards), or "
            "look for other machines: %spalloc_machine"
        )
    if "configuration failed" in reason:
        return f"Boards there could not be switched on; tell the server's administrator. Ask for others: {again}"
    return f"Ask for boards anew: {again}"


def command_words(asked: JobRequest | None) -> str:
    """Return a request as the arguments of the command."""
    return "" if asked is None else " ".join(map(str, asked.what))
