"""What servers need not tell, or tell oddly, and how it is shown."""

import contextlib
import io
import time

import pytest

from spalloc_client.commands.alloc import Progress
from spalloc_client.commands.job import JobReport
from spalloc_client.commands.machine import MachineLoad
from spalloc_client.queue_position import QueuePosition
from spalloc_client.records import Board, DeadLink, JobRecord, MachineRecord
from spalloc_client.scripts import progress
from spalloc_client.scripts.ink import inked
from spalloc_client.scripts.job_table import moment
from spalloc_client.scripts.job_views import job_page
from spalloc_client.scripts.layout import Page
from spalloc_client.scripts.machine_views import MACHINE_LOAD
from spalloc_client.scripts.screen import page_of
from spalloc_client.scripts.status_line import StatusLine
from spalloc_client.states import JobState


class Terminal(io.StringIO):
    """A terminal that does not know how wide it is."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def local_time_is_utc(monkeypatch):
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "UTC")
        time.tzset()
        yield
    time.tzset()


@pytest.mark.usefixtures("local_time_is_utc")
@pytest.mark.parametrize(
    ("seconds", "shown"), [(None, ""), (0, "1970-01-01 00:00:00"), (1e30, ""), (float("nan"), ""), (float("inf"), "")]
)
def test_a_moment_need_not_be_a_date(seconds, shown):
    assert moment(seconds) == shown


def shown(lines) -> list[str]:
    return [inked(line, colour=False) for line in lines]


def test_a_job_of_which_little_is_known():
    """A server of long ago says neither who keeps a job nor how it is powered, and its machine may be gone since."""
    job = JobRecord(5, "me", JobState.ready, machine_name="gone", boards=(Board(0, 0, 2),))
    assert shown(job_page(JobReport(job), Page())) == [
        *("Job ID: 5", "State: ready", "Owner: me", "Keepalive: never", "Request: Job()"),
        *("Boards: (0, 0, 2)", "Num boards: 1", "Running on: gone"),
    ]


def test_a_long_request_has_one_requirement_a_line_in_a_window():
    job = JobRecord(5, "", JobState.queued, request=(3,), requirements={"tags": ["a"], "min_ratio": 0.5})
    lines = shown(job_page(JobReport(job), Page(80)))
    assert [line.strip() for line in lines[lines.index("  Request: Job(3,") :]] == [
        *("Request: Job(3,", "min_ratio=0.5,", "tags=['a'])"),
    ]


def test_the_links_of_a_dead_board_go_without_saying():
    dead_links = frozenset({DeadLink(0, 0, 0, 2)})
    machine = MachineRecord("m", (), 1, 1, dead_links=dead_links)
    for dead, is_drawn in (((), True), ((0, 0, 1), True), ((0, 0, 0), False), ((0, 0, 2), False)):
        assert ("xxx" in drawn(machine, *([Board(*dead)] if dead else []))) is is_drawn


def drawn(machine: MachineRecord, *dead: Board) -> str:
    load = MachineLoad(machine._replace(dead_boards=frozenset(dead)), ())
    return "\n".join(shown(MACHINE_LOAD.draw(load, Page())))


QUEUED = Progress(7, JobState.queued, 65.0, 3, None)


@pytest.mark.parametrize(
    ("seen", "says"),
    [
        (QUEUED, "Job 7: queued"),
        (QUEUED._replace(queue=QueuePosition(1, (), 0, 0, ())), "Job 7: queued, but no machine fits the request"),
        (
            QUEUED._replace(boards=None, queue=QueuePosition(2, (6,), 1, 24, ("m", "n"))),
            "Job 7: queued, number 2, 1 of 24 free on m, n",
        ),
        (QUEUED._replace(state=JobState(17)), "Job 7: state_17"),
    ],
)
def test_how_far_a_wait_has_come(monkeypatch, seen, says):
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    for stream, expected in (
        (io.StringIO(), f"{says}\n"),
        (Terminal(), f"\r{says} (1 min 5 s)\x1b[K\r\x1b[K"),
    ):
        with contextlib.redirect_stderr(stream), StatusLine() as line:
            progress.show(seen, line)
            progress.show(seen, line)
        assert stream.getvalue() == expected


def test_a_terminal_that_does_not_know_its_width_has_the_usual_one():
    assert page_of(Terminal()) == Page(80)
    assert page_of(io.StringIO()) == Page()
