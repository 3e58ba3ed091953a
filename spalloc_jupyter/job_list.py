"""All jobs of a server as a live view, with filters, and a button to destroy one's own."""

import time
from collections.abc import Sequence
from typing import Final

import ipywidgets

from spalloc_client.config import Config
from spalloc_client.exceptions import SpallocError
from spalloc_client.records import JobRecord
from spalloc_client.server import Server
from spalloc_client.states import JobState
from spalloc_jupyter.job_story import state_word
from spalloc_jupyter.live_panel import LivePanel
from spalloc_jupyter.machine_html import wanted
from spalloc_jupyter.markup import chart, plain, static_document, text
from spalloc_jupyter.parts_view import JobListView
from spalloc_jupyter.presses import close_widget, work
from spalloc_jupyter.words import clock, count

__all__ = ["JobList"]

_SECOND_THOUGHT: Final = 0.6
"""Seconds after which a second press counts; presses that were queued while the kernel was busy come all at once."""


class JobList(LivePanel):
    """All jobs, live.

    Jobs of others can be destroyed, too, once the switch for that is set.

    Parameters
    ----------
    where
        The settings that name the server, and whose jobs are marked and may be destroyed; or the server.
    owner
        Show the jobs of this owner only; empty for all.
    machine
        Show the jobs on this machine only; empty for all.
    """

    def __init__(self, where: Config | Server, *, owner: str = "", machine: str = "") -> None:
        super().__init__()
        server = Server.from_config(where) if isinstance(where, Config) else where
        self._me = (where.owner or "") if isinstance(where, Config) else ""
        self._armed: tuple[int, float] | None = None
        self._notice = ""
        self._owner = ipywidgets.Text(value=owner, description="Owner", placeholder="all", continuous_update=False)
        self._machine = ipywidgets.Text(
            value=machine, description="Machine", placeholder="all", continuous_update=False
        )
        self._others = ipywidgets.Checkbox(description="Destroy jobs of others, too", indent=False)
        self._which = ipywidgets.Dropdown(description="Job", options=[("none", None)])
        self._reason = ipywidgets.Text(description="Reason", placeholder="told to whoever asks")
        make = self._buttons
        self._destroy = make.button(
            "Destroy…", "destroy", "End the job; asks once more", self._pressed, "spalloc-danger"
        )
        filters = make.row([self._owner, self._machine], "spalloc-bar")
        actions = make.row([self._which, self._reason, self._others, self._destroy], "spalloc-bar")
        for one in (self._owner, self._machine, self._others, self._which):
            one.observe(self._changed, "value")
            self._let_presses_through(one)
        self._let_presses_through(self._reason)
        self._assemble(server, JobListView(parts=["head", "jobs", "notice"], layout=self._layout), [filters, actions])

    # ---- what is shown

    def _shown(self) -> list[JobRecord]:
        owner, machine = self._owner.value.strip(), self._machine.value.strip()
        return [
            job
            for job in self._live.jobs
            if (not owner or job.owner == owner) and (not machine or job.machine_name == machine)
        ]

    def _may_destroy(self, job: JobRecord) -> bool:
        return bool(self._others.value) or (bool(self._me) and job.owner == self._me)

    def _paint(self) -> None:
        jobs = self._shown()
        with self._view.hold_sync():  # one message
            self._view.show({**_parts(jobs, self._live.jobs, self._me, time.time()), "notice": self._notice})
            self._beat()
        if self._stage == "live":
            self._offer([job for job in jobs if self._may_destroy(job)])

    def _offer(self, jobs: Sequence[JobRecord]) -> None:
        options: list[tuple[str, int | None]] = [(f"{job.id} – {plain(job.owner)}", job.id) for job in jobs]
        options = options or [("none", None)]
        if tuple(options) != tuple(self._which.options):
            chosen = self._which.value
            self._which.options = options
            self._which.value = chosen if chosen in {number for _, number in options} else options[0][1]
        armed = self._armed is not None and self._armed[0] == self._which.value
        if not armed:
            self._armed = None
        self._destroy.description = f"Destroy job {self._which.value}?" if armed else "Destroy…"
        self._destroy.disabled = self._which.value is None
        (self._destroy.add_class if armed else self._destroy.remove_class)("spalloc-armed")

    def _facts(self, *, picture: bool) -> dict[str, str]:
        del picture  # there is none
        jobs = self._shown()
        parts = _parts(jobs, self._live.jobs, self._me, time.time())
        lines = [f"{job.id}  {state_word(job.state, job.power)}  {wanted(job)}  {plain(job.owner)}" for job in jobs]
        return {
            "text/html": static_document(parts, "Jobs", "spalloc-jobs"),
            "text/plain": "\n".join([_title(jobs, self._live.jobs), *lines]),
        }

    def _drop_controls(self) -> None:
        super()._drop_controls()
        for one in (self._owner, self._machine, self._which, self._reason, self._others):
            close_widget(one)

    # ---- what is pressed

    def _changed(self, change: object) -> None:
        del change
        with self._lock:
            if self._stage == "live":
                self._paint()

    def _pressed(self) -> None:
        self._take()
        with self._lock:
            number = self._which.value
            if number is None or self._stage != "live":
                return
            if self._armed is None:
                self._armed = number, time.monotonic()
            elif time.monotonic() - self._armed[1] > _SECOND_THOUGHT:
                self._armed = None
                reason = self._reason.value.strip() or f"destroyed by {self._me or 'somebody'} from a notebook"
                self._notice = text(f"Destroying job {number} …")
                work(lambda: self._carry_out(number, reason), f"destroys job {number}")
            self._paint()

    def _carry_out(self, number: int, reason: str) -> None:
        job = next((job for job in self._live.jobs if job.id == number), None)
        notice = text(f"Job {number} had ended before.")
        if job is not None and not self._may_destroy(job):
            notice = text(f"Job {number} is not yours; the switch for jobs of others is off.")
        elif job is not None:
            try:
                self._live.server.destroy_job(number, reason)
                notice = text(f"Job {number} was destroyed.")
            except SpallocError as error:
                notice = f'<span class="spalloc-error">{text(f"Job {number} could not be destroyed: {error}")}</span>'
        with self._lock:
            self._notice = notice
            if self._stage == "live":
                self._paint()


def _title(jobs: Sequence[JobRecord], all_jobs: Sequence[JobRecord]) -> str:
    queued = sum(job.state is JobState.queued for job in jobs)
    words = f"{count(len(jobs), 'job')}, {queued:,} in the queue" if queued else count(len(jobs), "job")
    hidden = len(all_jobs) - len(jobs)
    return f"{words} ({hidden:,} more not shown)" if hidden else words


def _parts(jobs: Sequence[JobRecord], all_jobs: Sequence[JobRecord], me: str, now: float) -> dict[str, str]:
    rows = (_row(job, me, now) for job in jobs)
    headings = ("Job", "Owner", "State", "Wants", "Has", "Machine", "Since", "Keepalive", "Kept alive from")
    return {
        "head": f'<strong class="spalloc-name">Jobs</strong><span class="spalloc-title">'
        f"{text(_title(jobs, all_jobs))}</span>"
        f'<span class="spalloc-pulse">{text(f"as of {clock(now, 0)}")}</span>',
        "jobs": chart(headings, rows, "Jobs") if jobs else '<p class="spalloc-hint">There are none.</p>',
    }


def _row(job: JobRecord, me: str, now: float) -> list[str]:
    mine = bool(me) and job.owner == me
    return [
        f"<b>{job.id}</b>" if mine else str(job.id),
        f"<b>{text(job.owner)} (you)</b>" if mine else text(job.owner),
        text(state_word(job.state, job.power)),
        text(wanted(job)),
        count(len(job.boards), "board") if job.boards else "",
        text(job.machine_name or ""),
        "" if job.start_time is None else clock(job.start_time, now),
        "none" if job.keepalive is None else f"{job.keepalive:g} s",
        text(job.keepalive_host or ""),
    ]
