"""A job's story as parts of a page: the same for the live panel and for what stays in the notebook."""

from functools import lru_cache

from spalloc_client.records import Board, MachineRecord
from spalloc_client.states import JobState
from spalloc_jupyter.ip_table import chips_html
from spalloc_jupyter.job_story import Change, JobStory, Step, advice, state_word, steps
from spalloc_jupyter.markup import ago, chart, elapsed, facts_list, plain, text
from spalloc_jupyter.words import clock, duration, listed, ordinal

__all__ = ["PARTS", "job_parts", "kind_of"]

PARTS = ("head", "steps", "facts", "map", "chips", "changes")
"""The parts, from top to bottom."""

_KINDS = {JobState.queued: "queued", JobState.power: "switching", JobState.ready: "ready"}


def kind_of(story: JobStory) -> str:
    """Return the style of a state: queued, switching, ready, off or ended."""
    if story.state is JobState.ready and story.power is False:
        return "spalloc-off"
    return f"spalloc-{_KINDS.get(story.state, 'ended')}"


def job_parts(story: JobStory, board_map: str = "") -> dict[str, str]:
    """Return the parts of a job's view as HTML.

    Parameters
    ----------
    story
        The job.
    board_map
        Its map: as HTML, or, for the live view, which widget it is.
    """
    return {
        "head": _head(story),
        "steps": "" if story.over else _steps(story),
        "facts": _facts(story),
        "map": board_map,
        "chips": chips_html(story.chips, "" if story.over else story.name),
        "changes": _changes(story.changes, int(story.told_at // 86400)),
    }


def _head(story: JobStory) -> str:
    word = state_word(story.state, story.power)
    return (
        f'<span class="spalloc-state {kind_of(story)}"><span class="spalloc-icon" aria-hidden="true"></span>'
        f"<span>{text(word)}</span></span>"
        f'<strong class="spalloc-name">Job {story.id}</strong>'
        f'<span class="spalloc-title">{text(story.title)}</span>'
        f'<span class="spalloc-pulse">{text(f"as of {clock(story.told_at, 0)}")}</span>'
    )


def _steps(story: JobStory) -> str:
    passed = steps(story)
    reached = max((place for place, step in enumerate(passed) if step.since is not None), default=0)
    items = (_step(step, place, reached, story.told_at) for place, step in enumerate(passed))
    return f'<ol class="spalloc-steps">{"".join(items)}</ol>'


def _step(step: Step, place: int, reached: int, now: float) -> str:
    name = f"<b>{text(step.name)}</b>"
    if place > reached:
        return f'<li class="spalloc-later">{name}<span>&nbsp;</span></li>'
    if step.since is None:
        return f'<li class="spalloc-done">{name}<span>not seen</span></li>'
    if step.until is not None:
        return f'<li class="spalloc-done">{name}<span>{duration(step.until - step.since)}</span></li>'
    if place == 2:
        return f'<li class="spalloc-done" aria-current="step">{name}<span>since {clock(step.since, now)}</span></li>'
    lasting = elapsed(step.since, duration(now - step.since))
    return f'<li class="spalloc-now" aria-current="step">{name}<span>{lasting} so far</span></li>'


def _facts(story: JobStory) -> str:
    if story.over:
        return facts_list(_ended(story))
    if story.allocation is None:
        return facts_list({**_queue(story), **_common(story)})
    return facts_list({**_given(story), **_common(story)})


def _given(story: JobStory) -> dict[str, str]:
    given = story.allocation
    assert given is not None
    boards = f"{len(given.boards):,} given"
    if story.asked is not None:
        boards += f", {story.asked.boards if len(story.asked.what) < 2 else story.asked} asked for"
    return {
        "Host name": _code(given.hostname or "none known"),
        "Size": f"{given.width} × {given.height} chips",
        "Boards": text(boards),
        "Machine": text(given.machine_name),
    }


def _queue(story: JobStory) -> dict[str, str]:
    place = story.queue
    if place is None:
        return {}
    after = f" – after {'job' if len(place.ahead) == 1 else 'jobs'} {listed(place.ahead)}" if place.ahead else ""
    where = listed(place.machines) or "any machine"
    return {
        "Place in queue": f"<b>{ordinal(place.position)}</b>{after}",
        "Boards wanted": text(story.asked_words),
        "Boards free": text(f"{place.boards_free:,} of {place.boards_working:,} on {where}"),
    }


def _common(story: JobStory) -> dict[str, str]:
    return {
        "Owner": text(story.owner),
        "Kept alive": _kept_alive(story),
        "Variable": _code(story.name) if story.name else "",
        "Server": text(story.server),
    }


def _kept_alive(story: JobStory) -> str:
    if story.released:
        return "no longer from here: it ends when its keepalive runs out"
    if story.keepalive is None:
        return "not needed: it runs until somebody destroys it"
    limit = f"needed every {story.keepalive:g} s"
    if story.kept_alive is None:
        return limit
    return f"{ago(story.kept_alive, duration(story.told_at - story.kept_alive))} ago, {limit}"


def _ended(story: JobStory) -> dict[str, str]:
    first, last = story.changes[0].at, story.changes[-1].at
    by = " (from this notebook)" if story.ended_here else ""
    reason = f"“{text(story.reason)}”{by}" if story.reason else f"none given{by}"
    return {
        "Reason": reason,
        "Was on": _was_on(story),
        "Lasted": f"{duration(last - first)}, from {clock(first, story.told_at)} to {clock(last, story.told_at)}",
        "Owner": text(story.owner),
        "What now": text(advice(story)),
    }


def _was_on(story: JobStory) -> str:
    given = story.allocation
    if given is None:
        return "no boards: it was still in the queue"
    boards = listed((" ".join(map(str, board)) for board in given.boards), most=6)
    size = f"{given.width} × {given.height} chips"
    return f"{_code(given.hostname or '')} · {size} · boards {text(boards)} of {text(given.machine_name)}"


def _code(words: str) -> str:
    return f"<code>{text(words)}</code>"


@lru_cache(maxsize=32)
def job_map(machine: MachineRecord, boards: tuple[Board, ...], job: int, owner: str) -> str:
    """Return the map of a job's boards as SVG in the colours of the page."""
    from dataclasses import replace

    from spalloc_jupyter.board_map import LIGHT, draw_boards, map_svg

    style = replace(LIGHT, background="none", foreground="currentColor")
    named = machine._replace(name=plain(machine.name))
    return map_svg(draw_boards(named, boards, job=job, owner=plain(owner)), style=style, width=300)


@lru_cache(maxsize=32)
def _changes(changes: tuple[Change, ...], day: int) -> str:
    if not changes:
        return ""
    now = (day + 0.5) * 86400
    rows = ((clock(change.at, now), text(change.words)) for change in reversed(changes))
    table = chart(("When", "What"), rows, "History of the job")
    return f'<details data-key="changes"><summary>History ({len(changes)})</summary>{table}</details>'
