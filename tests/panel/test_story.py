"""A job's story, and how it is told as HTML and as text."""

import re
import time
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from spalloc_client.queue_position import QueuePosition
from spalloc_client.records import Allocation, Board, Chip, MachineRecord, PhysicalLocation
from spalloc_client.request import JobRequest
from spalloc_client.states import JobState
from spalloc_jupyter.chronicle import Chronicle, tell
from spalloc_jupyter.ip_table import chips_csv
from spalloc_jupyter.job_story import Change, EthernetChip, JobStory, advice, state_word, steps
from spalloc_jupyter.markup import plain
from spalloc_jupyter.snapshot import job_bundle, job_html, job_text

HOSTILE = "<img src=x onerror='window.hit=1'></script>\x1b[31m\u202ebad\n\"quoted\""
BOARDS = tuple(Board(0, 0, z) for z in range(3))
GIVEN = Allocation(16, 16, {Chip(0, 0): "127.0.0.1"}, "m", BOARDS)
CHIPS = (EthernetChip(Chip(0, 0), "127.0.0.1", Board(0, 0, 0), PhysicalLocation(1, 2, 3)),)
READY = JobStory(
    id=7,
    name="job",
    server="server:22244",
    state=JobState.ready,
    power=True,
    asked=JobRequest((3,), "me"),
    owner="me",
    keepalive=60.0,
    kept_alive=1000.0,
    machine=MachineRecord("m", ("default",), 4, 2),
    allocation=GIVEN,
    chips=CHIPS,
    changes=(
        Change(1000.0, None, "Asked for"),
        Change(1002.0, JobState.power, "Powering on"),
        Change(1005.5, JobState.ready, "Ready"),
    ),
    told_at=1010.0,
)
ENDED = replace(
    READY,
    state=JobState.destroyed,
    power=None,
    reason="Job timed out.",
    changes=(*READY.changes, Change(1009.0, JobState.destroyed, "Destroyed")),
)


class Tags(HTMLParser):
    """The tags and attributes of a document."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.attributes, self.words = set(), set(), []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        self.attributes.update(name for name, _ in attributes)

    def handle_data(self, data):
        self.words.append(data)


def test_states_are_called_by_what_a_person_sees():
    """Boards that are off are not ready, and a number that nobody knows is no error."""
    assert state_word(JobState.ready, True) == "Ready"
    assert state_word(JobState.ready, False) == "Powered off"
    assert state_word(JobState.power, False) == "Powering off"
    assert state_word(JobState(9), None) == "State 9"


def test_the_steps_say_where_the_time_went():
    """A state too fast to be seen took the time until the next one; the last one lasts."""
    queued, switching, ready = steps(READY)
    assert (queued.since, queued.until) == (1000.0, 1002.0)
    assert (switching.since, switching.until) == (1002.0, 1005.5)
    assert (ready.since, ready.until) == (1005.5, None)


def test_a_reset_goes_through_the_last_two_steps_again():
    """What was ready before is not any more."""
    again = replace(READY, changes=(*READY.changes, Change(1008.0, JobState.power, "Powering on")))
    queued, switching, ready = steps(again)
    assert queued.until == 1002.0
    assert (switching.since, switching.until) == (1008.0, None)
    assert ready.since is None


def test_a_job_put_back_into_the_queue_begins_anew():
    """Some servers do that when boards fail to power on."""
    again = replace(READY, changes=(*READY.changes[:2], Change(1003.0, JobState.queued, "Queued")))
    assert [step.since for step in steps(again)] == [1003.0, None, None]


def test_a_job_that_was_taken_over_was_in_the_queue_unseen():
    """Nobody claims to know how long."""
    assert steps(replace(READY, asked=None))[0].since is None
    assert "not seen" in job_html(replace(READY, asked=None))


@pytest.mark.parametrize("picture", [False, True])
def test_html_has_the_facts_and_needs_nothing(picture):
    """No script, no address of any network, and the map as drawing or as picture."""
    html = job_html(READY, picture=picture)
    words = " ".join(Tags(html).words)
    for fact in ("Ready", "Job 7", "127.0.0.1", "16 × 16 chips", "3 given, 3 asked for", "1 / 2 / 3", "me"):
        assert fact in words
    assert "script" not in Tags(html).tags
    assert not re.search(r"(?:src|href|url\()\s*=?\s*[\"']?https?:", html)
    assert ("<svg" in html, "data:image/png" in html) == (not picture, picture)


def test_text_has_the_facts():
    """A terminal, or a page without HTML, is told the same."""
    words = job_text(READY)
    for fact in ("Job 7: Ready", "127.0.0.1", "16 × 16 chips", "board (0, 0, 0)", "cabinet 1, frame 2, board 3"):
        assert fact in words
    assert "queued 2.0 s, powering on 3.5 s, ready since" in words


@pytest.mark.parametrize("story", [READY, ENDED, replace(READY, allocation=None, state=JobState.queued)])
def test_what_a_server_tells_is_never_markup(story):
    """An owner, a reason, a machine and host names of the worst kind are letters, in HTML and in text."""
    given = (
        None if story.allocation is None else GIVEN._replace(machine_name=HOSTILE, connections={Chip(0, 0): HOSTILE})
    )
    bad = replace(
        story,
        owner=HOSTILE,
        reason=HOSTILE,
        name=HOSTILE,
        server=HOSTILE,
        allocation=given,
        chips=(EthernetChip(Chip(0, 0), HOSTILE),),
        machine=MachineRecord(HOSTILE, (HOSTILE,), 4, 2),
        queue=QueuePosition(2, (5,), 1, 24, (HOSTILE,)),
    )
    for picture in (False, True):
        bundle = job_bundle(bad, picture=picture)
        read = Tags(bundle["text/html"])
        assert "script" not in read.tags
        assert not {name for name in read.attributes if name.startswith("on")}
        assert plain(HOSTILE) in "".join(read.words)
        assert "\x1b" not in "".join(bundle.values())
        assert "\u202e" not in "".join(bundle.values())


def test_an_end_says_why_where_and_what_now():
    """The reason, the boards it had, and what can be done about it."""
    for told in (job_html(ENDED), job_text(ENDED)):
        assert "Job timed out." in told
        assert "0 0 0, 0 0 1 and 0 0 2" in told
        assert "--keepalive" in told
    assert "4" not in steps(ENDED)[0].name


@pytest.mark.parametrize(
    ("state", "reason", "words"),
    [
        (JobState.unknown, None, "has forgotten it"),
        (JobState.destroyed, "Cancelled: No suitable machines available.", "--max-dead-boards"),
        (JobState.destroyed, "Machine configuration failed, please try again later.", "administrator"),
        (JobState.destroyed, "enough", "%spalloc 3"),
        (JobState.destroyed, None, "%spalloc 3"),
    ],
)
def test_advice(state, reason, words):
    """Each kind of end has its own."""
    assert words in advice(replace(ENDED, state=state, reason=reason))


def test_the_table_as_csv():
    """One line a chip; what is not known is left out."""
    assert chips_csv([*CHIPS, EthernetChip(Chip(4, 8), 'a,"b')]) == (
        'x,y,hostname,board_x,board_y,board_z,cabinet,frame,board\n0,0,127.0.0.1,0,0,0,1,2,3\n4,8,"a,""b",,,,,,\n'
    )


def test_a_story_asked_for_once(make_job):
    """Without any panel, the facts are those of the server now."""
    job = make_job(3)
    job.wait_until_ready()
    story = tell(job, "mine")
    assert story.state is JobState.ready
    assert story.allocation == job.allocation
    assert [(chip.chip, chip.hostname) for chip in story.chips] == sorted(job.connections.items())
    assert all(chip.physical == job.where_is_machine(*chip.chip) for chip in story.chips)
    waiting = make_job(24)
    assert tell(waiting).queue == waiting.queue_position
    assert "1st" in job_text(tell(waiting))
    job.destroy("enough")
    story = tell(job)
    assert (story.over, story.reason, story.ended_here) == (True, "enough", True)
    assert story.told_at == pytest.approx(time.time(), abs=30)


def test_a_chronicle_notes_each_state_once(sandbox, make_job):
    """What was heard twice happened once; a job given back and asked for again goes on under its new number."""
    job = make_job(1)
    chronicle = Chronicle(job, "job")
    job.wait_until_ready()
    machines = tuple(job.server.machines())
    for _ in range(3):
        assert chronicle.hear(job.server.jobs(), machines, time.time())
    assert [change.words for change in chronicle.tell().changes] == ["Asked for", "Ready"]
    assert chronicle.wants_boards
    assert not chronicle.hear([], machines, time.time())
    assert chronicle.tell().server == f"{sandbox.hostname}:{sandbox.port}"
