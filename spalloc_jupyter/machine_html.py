"""A machine and who is on it as parts of a page: the same for the live view and for what stays in the notebook."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from spalloc_client.queue_position import QueuePosition, queue_position
from spalloc_client.records import JobRecord, Location, MachineRecord
from spalloc_client.states import JobState
from spalloc_jupyter.job_story import state_word
from spalloc_jupyter.markup import chart, facts_list, plain, text
from spalloc_jupyter.words import clock, count, listed, ordinal

__all__ = ["PARTS", "MachineStory", "located", "machine_parts", "machine_text", "tell"]

PARTS = ("head", "load", "map", "jobs", "queue", "notice")
"""The parts, from top to bottom."""


class Waiting(NamedTuple):
    """A queued job that could get boards of the machine."""

    job: JobRecord
    place: QueuePosition


class MachineStory(NamedTuple):
    """A machine at one moment."""

    machine: MachineRecord
    jobs: tuple[JobRecord, ...]
    """Those that have boards of it, the oldest first."""
    queue: tuple[Waiting, ...]
    owner: str
    """Whose jobs are marked; empty for nobody's."""
    told_at: float
    """In seconds since 1970 (UTC)."""

    @property
    def used(self) -> int:
        """How many boards belong to jobs."""
        return sum(len(job.boards) for job in self.jobs)

    @property
    def occupation(self) -> object:
        """All that a map of it shows, to be compared."""
        return self.machine, [(job.id, job.owner, job.boards) for job in self.jobs]

    @property
    def own(self) -> tuple[int, ...]:
        """The marked jobs."""
        return tuple(job.id for job in self.jobs if self.owner and job.owner == self.owner)


def tell(
    name: str, jobs: Sequence[JobRecord], machines: Sequence[MachineRecord], owner: str, at: float
) -> MachineStory | None:
    """Return what is known about a machine; None if there is none of that name.

    Parameters
    ----------
    name
        The machine.
    jobs, machines
        All of the server's.
    owner
        Whose jobs are to be marked; empty for nobody's.
    at
        When all this was so, in seconds since 1970 (UTC).
    """
    machine = next((machine for machine in machines if machine.name == name), None)
    if machine is None:
        return None
    places = [(job, queue_position(job.id, jobs, machines)) for job in jobs if job.state is JobState.queued]
    queue = tuple(Waiting(job, place) for job, place in places if place is not None and name in place.machines)
    return MachineStory(machine, tuple(job for job in jobs if job.machine_name == name), queue, owner, at)


def machine_parts(story: MachineStory, colours: Mapping[int, int], board_map: str, notice: str) -> dict[str, str]:
    """Return the parts of a machine's view as HTML.

    Parameters
    ----------
    story
        The machine.
    colours
        Which of the map's colours each job has.
    board_map
        Its map: as HTML, or, for the live view, which widget it is.
    notice
        What else is to be said, as HTML.
    """
    return {
        "head": _head(story),
        "load": _load(story, colours),
        "map": board_map,
        "jobs": _jobs(story, colours),
        "queue": _queue(story),
        "notice": notice,
    }


def _head(story: MachineStory) -> str:
    return (
        f'<strong class="spalloc-name">{text(story.machine.name)}</strong>'
        f'<span class="spalloc-title">{text(_title(story))}</span>'
        f'<span class="spalloc-pulse">{text(f"as of {clock(story.told_at, 0)}")}</span>'
    )


def _title(story: MachineStory) -> str:
    machine = story.machine
    size = f"{machine.width} × {machine.height} triads · {count(machine.size, 'board')}"
    return f"{size} · tags: {', '.join(machine.tags)}" if machine.tags else size


def _load_words(story: MachineStory) -> str:
    machine = story.machine
    free = max(0, machine.working - story.used)
    words = f"{count(story.used, 'board')} in {count(len(story.jobs), 'job')} · {free:,} free"
    dead = f" · {len(machine.dead_boards):,} dead" if machine.dead_boards else ""
    links = f" · {count(len(machine.dead_links), 'dead link')} listed" if machine.dead_links else ""
    return words + dead + links


def _load(story: MachineStory, colours: Mapping[int, int]) -> str:
    jobs = sorted(story.jobs, key=lambda job: (-len(job.boards), job.id))
    bars = "".join(
        f'<i class="spalloc-colour-{colours.get(job.id, 0)}" style="flex-grow:{len(job.boards)}"></i>' for job in jobs
    )
    free = max(0, story.machine.working - story.used)
    rest = f'<i class="spalloc-free" style="flex-grow:{free}"></i>'
    share = len(story.machine.dead_boards)
    dead = f'<i class="spalloc-dead-share" style="flex-grow:{share}"></i>' if share else ""
    words = text(_load_words(story))
    return f'<div class="spalloc-bars" role="img" aria-label="{words}">{bars}{rest}{dead}</div><p>{words}</p>'


def _jobs(story: MachineStory, colours: Mapping[int, int]) -> str:
    if not story.jobs:
        return '<p class="spalloc-hint">Nobody is on it.</p>'
    own = set(story.own)
    rows = (
        (
            f'<i class="spalloc-swatch spalloc-colour-{colours.get(job.id, 0)}" aria-hidden="true"></i>'
            + (f"<b>{job.id}</b>" if job.id in own else str(job.id)),
            f"{len(job.boards):,}",
            f"<b>{text(job.owner)} (yours)</b>" if job.id in own else text(job.owner),
            text(state_word(job.state, job.power)),
            "" if job.start_time is None else clock(job.start_time, story.told_at),
        )
        for job in sorted(story.jobs, key=lambda job: (-len(job.boards), job.id))
    )
    return chart(("Job", "Boards", "Owner", "State", "Since"), rows, "Jobs on this machine")


def _queue(story: MachineStory) -> str:
    if not story.queue:
        return ""
    rows = (
        (ordinal(place.position), str(job.id), text(wanted(job)), text(job.owner), _since(job, story.told_at))
        for job, place in story.queue
    )
    table = chart(("Place", "Job", "Wants", "Owner", "Since"), rows, "Queued jobs")
    return f'<details open data-key="queue"><summary>Waiting for boards ({len(story.queue)})</summary>{table}</details>'


def _since(job: JobRecord, now: float) -> str:
    return "" if job.start_time is None else clock(job.start_time, now)


def wanted(job: JobRecord) -> str:
    """Return in words how many boards a job asked for, or which."""
    numbers = job.request
    if len(numbers) == 2:
        return f"{numbers[0]} × {numbers[1]} triads"
    if len(numbers) == 3:
        return "board {} {} {}".format(*numbers)
    return count(numbers[0] if numbers else 1, "board")


def located(place: Location) -> str:
    """Return where a board is as HTML."""
    return facts_list(
        {
            "Board": text("{} {} {}".format(*place.board)),
            "Place": text("cabinet {}, frame {}, board {}".format(*place.physical)),
            "First chip": text("({}, {}) of the machine".format(*place.chip)),
            "Job": "none" if place.job_id is None else str(place.job_id),
        }
    )


def machine_text(story: MachineStory) -> str:
    """Return the facts as plain text."""
    lines = [f"{plain(story.machine.name)}: {plain(_title(story))}", _load_words(story)]
    lines += [f"  job {job.id}: {count(len(job.boards), 'board')}, {plain(job.owner)}" for job in story.jobs]
    if story.queue:
        waiting = listed((f"{job.id} ({wanted(job)})" for job, _ in story.queue), most=8)
        lines.append(f"Waiting for boards: {waiting}")
    return "\n".join(lines)
