"""What stays in a notebook: the facts about a job as HTML and as plain text, without kernel, script or network."""

import base64
from dataclasses import replace

from spalloc_jupyter.colours import LIGHT
from spalloc_jupyter.ip_table import chips_text
from spalloc_jupyter.job_html import job_map, job_parts, kind_of
from spalloc_jupyter.job_story import JobStory, advice, state_word, steps
from spalloc_jupyter.markup import plain, static_document, text
from spalloc_jupyter.words import clock, count, duration, listed, ordinal

__all__ = ["job_bundle", "job_html", "job_text"]

_ON_ANY_PAGE = replace(LIGHT, background="none", foreground="#6e7681")  # a picture can't know the page's theme
_INCHES = 3.5  # how wide a picture of a map is at most
_PIXELS = 84.0  # of the page, in each inch


def job_bundle(story: JobStory, *, picture: bool = False) -> dict[str, str]:
    """Return all that can be displayed of a job without widgets, by MIME type.

    Parameters
    ----------
    story
        The job.
    picture
        Whether the map is to be a picture (PNG), which also those pages show that allow no SVG; it takes matplotlib,
        and its time.
    """
    return {"text/html": job_html(story, picture=picture), "text/plain": job_text(story)}


def job_html(story: JobStory, *, picture: bool = False) -> str:
    """Return the facts about a job as HTML that stands by itself."""
    parts = job_parts(story, _picture(story) if picture else _drawing(story))
    return static_document(parts, f"Job {story.id}", kind_of(story))


def _drawing(story: JobStory) -> str:
    if story.machine is None or story.allocation is None:
        return ""
    return job_map(story.machine, story.allocation.boards, story.id, story.owner)


def _picture(story: JobStory) -> str:
    if story.machine is None or story.allocation is None:
        return ""
    from spalloc_jupyter.board_map import draw_boards, map_png

    drawing = draw_boards(story.machine, story.allocation.boards, job=story.id, owner=story.owner)
    png = map_png(drawing, style=_ON_ANY_PAGE, width=_INCHES, dpi=2 * _PIXELS)
    wide = int.from_bytes(png[16:20], "big") // 2  # where the PNG specification has an image's width
    words = f"Map of the {count(len(story.allocation.boards), 'board')} of job {story.id}"
    data = base64.b64encode(png).decode("ascii")
    return f'<img alt="{text(words)}" width="{wide}" src="data:image/png;base64,{data}">'


def job_text(story: JobStory) -> str:
    """Return the facts about a job as plain text."""
    lines = [f"Job {story.id}: {state_word(story.state, story.power)} – {plain(story.title)}"]
    if story.over:
        lines += _end(story)
    elif story.allocation is None:
        lines += _queue(story)
    else:
        lines += _given(story)
    if story.owner:
        lines.append(f"Owner: {plain(story.owner)}")
    if not story.over:
        lines.append(f"Steps: {_steps(story)}")
    if story.chips:
        lines.append(f"Ethernet chips ({len(story.chips)}):")
        lines += chips_text(story.chips)
    return "\n".join(lines)


def _given(story: JobStory) -> list[str]:
    given = story.allocation
    assert given is not None
    return [
        f"Host name: {plain(given.hostname)}",
        f"Size: {given.width} × {given.height} chips",
        f"Boards: {len(given.boards)} given, {plain(story.asked_words)} asked for",
    ]


def _queue(story: JobStory) -> list[str]:
    place = story.queue
    if place is None:
        return [f"Asked for: {plain(story.asked_words)}"]
    after = f", after {listed(place.ahead)}" if place.ahead else ""
    where = plain(listed(place.machines)) or "any machine"
    return [
        f"Place in queue: {ordinal(place.position)}{after}",
        f"Boards: {plain(story.asked_words)} wanted, {place.boards_free} of {place.boards_working} free on {where}",
    ]


def _end(story: JobStory) -> list[str]:
    lines = [f"Reason: {plain(story.reason) if story.reason else 'none given'}"]
    given = story.allocation
    if given is not None:
        boards = listed((" ".join(map(str, board)) for board in given.boards), most=6)
        lines.append(f"Was on: {plain(given.hostname)}, boards {boards} of {plain(given.machine_name)}")
    return [*lines, f"What now: {advice(story)}"]


def _steps(story: JobStory) -> str:
    words = []
    for step in steps(story):
        if step.since is not None and step.until is not None:
            words.append(f"{step.name.lower()} {duration(step.until - step.since)}")
        elif step.since is not None:
            words.append(f"{step.name.lower()} since {clock(step.since, story.told_at)}")
    return ", ".join(words)
