"""A job: boards that are asked for, used and given back."""

import os
import threading
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, TypedDict, Unpack

from spalloc_client import log
from spalloc_client.avoidance import Avoidance
from spalloc_client.claim import Claim
from spalloc_client.config import Config
from spalloc_client.deadline import Deadline
from spalloc_client.exceptions import (
    JobDestroyedError,
    ProtocolError,
    ProtocolTimeoutError,
    StateChangeTimeoutError,
)
from spalloc_client.forking import in_forked_child
from spalloc_client.job_facts import JobFacts
from spalloc_client.job_scope import JobScope
from spalloc_client.records import JobStatus
from spalloc_client.request import JobRequest
from spalloc_client.server import POLL, Server
from spalloc_client.states import JobState

_ENDED: Final = (JobState.destroyed, JobState.unknown)
_CONNECTION_OPTIONS: Final = ("hostname", "port", "timeout", "reconnect_delay")
_LAST_LOOK: Final = 0.1  # seconds that a look at the state may take although the deadline has passed


class JobOptions(TypedDict, total=False):
    """The options of a job that can be set elsewhere, too; see :class:`Job`."""

    hostname: str
    port: int | str
    reconnect_delay: float
    timeout: float | None
    owner: str
    keepalive: float | None
    machine: str | None
    tags: Iterable[str] | None
    min_ratio: float
    max_dead_boards: int | None
    max_dead_links: int | None
    require_torus: bool


class Job(JobScope, JobFacts):
    """Boards of a SpiNNaker machine, asked for when this is made and kept until it is destroyed.

    Used in a ``with`` statement, the block begins when the boards are on, and the job ends with it::

        with Job(3) as job:
            boot(job.hostname, job.width, job.height)

    The job is kept alive by a process beside this one, also while this one is busy, and let go when this one ends.
    A job can be shared by threads.

    Parameters
    ----------
    *what
        Nothing or 1 for one board; BOARDS for that many or more; WIDTH, HEIGHT in triads; X, Y, Z for one certain
        board.
    hostname, port
        The spalloc server.
    reconnect_delay
        Seconds between attempts to connect again when the connection was lost.
    timeout
        Seconds to wait for an answer of the server; None for no limit.
    config_filenames
        Config files to read instead of the usual ones; empty for none.
    resume_job_id
        An existing job to take over, instead of asking for boards; all requirements are ignored then.
    owner
        Whose job it is, by convention an email address.
    keepalive
        Seconds without a sign of life after which the server destroys the job; None to let it run until somebody
        destroys it.
    machine
        The machine it must be on; None for any that has the tags.
    tags
        Tags that the machine must have; None for the tag “default”. Not together with `machine`.
    min_ratio
        How square boards asked for by number must lie: 1 for a square, 0 for any shape.
    max_dead_boards, max_dead_links
        How many may be dead within the allocation; None for any number.
    require_torus
        Whether wrap-around links are needed, which mostly means a whole machine.
    no_destroy
        Whether the job outlives the ``with`` block and this process, until its keepalive has run out.
    avoid
        Boards that are not wanted, as host names or as (x, y, z).
    retries
        How often :meth:`wait_until_ready` gives back boards to avoid, or whose power-on failed, and asks again.

    Raises
    ------
    ConfigError
        If no server or no owner is set, or a setting cannot be used.
    RequestError
        If no server could fulfil the request; nothing is sent then. Both are ValueErrors.
    ProtocolError, ProtocolTimeoutError
        If the server cannot be reached or does not answer.
    SpallocServerException
        If the server refuses.
    JobDestroyedError
        If the job to resume has ended, or never was.

    Notes
    -----
    What is left out comes from environment variables and config files, then from defaults; see
    :class:`spalloc_client.config.Config`. Each attribute asks the server, and may raise ProtocolError or
    ProtocolTimeoutError, both only after `timeout`.
    """

    def __init__(
        self,
        *what: int,
        config_filenames: Iterable[str | os.PathLike[str]] | None = None,
        resume_job_id: int | None = None,
        no_destroy: bool = False,
        avoid: Iterable[str | Sequence[int]] = (),
        retries: int = 3,
        **options: Unpack[JobOptions],
    ) -> None:
        given: dict[str, object] = {**options}
        if resume_job_id is not None:
            given = {name: value for name, value in given.items() if name in _CONNECTION_OPTIONS}
        config = Config.load(config_filenames, arguments=given)
        self._no_destroy = no_destroy
        self._avoidance = Avoidance.of(avoid, retries)
        self._retries_left = self._avoidance.retries
        self._claim_is_checked = False
        self._ending = threading.Lock()
        self._renewal = in_forked_child(self._renew)
        request = None if resume_job_id is not None else JobRequest.from_config(what, config)
        server = Server.from_config(config)
        claim = None
        try:
            server.connect()
            if request is not None:
                claim = Claim.make(server, request, outlives_us=no_destroy)
            else:
                claim = Claim.take_over(server, resume_job_id, outlives_us=no_destroy)
            super().__init__(server, claim, request)
        except BaseException:
            if claim is not None:
                claim.abandon()
            server.close()
            raise

    def _renew(self) -> None:
        self._ending = threading.Lock()

    # ---- what is done with it

    def set_power(self, power: bool) -> None:
        """Begin to switch the boards on or off; nothing happens without boards.

        :meth:`wait_until_ready` waits for the end of it.

        Parameters
        ----------
        power
            True for on, which resets boards that are on already.
        """
        self._server.set_power(self.id, power)

    def reset(self) -> None:
        """Begin to power-cycle the boards; nothing happens without boards."""
        self.set_power(True)

    def destroy(self, reason: str | None = None) -> None:
        """Give the boards back and disconnect; may be called again, and from any thread.

        It raises nothing: where the server cannot be reached within `timeout`, destroying goes on in the background.

        Parameters
        ----------
        reason
            What the server is to tell others who ask.
        """
        with self._ending:
            if self._end is not None:
                return
            self._claim.destroy(reason)
            self._end = JobStatus(JobState.destroyed, None, None, reason, None, None)
            self._server.close()

    def close(self) -> None:
        """Disconnect, and leave the job to itself: it lives on until its keepalive runs out."""
        with self._ending:
            self._claim.release()
            self._server.close()

    # ---- waiting

    def wait_for_state_change(self, old_state: JobState, timeout: float | None = None) -> JobState:
        """Wait until the state is another one.

        A lost connection is made again meanwhile, and no change is missed.

        Parameters
        ----------
        old_state
            The state that is known.
        timeout
            Seconds to wait; None for no limit.

        Returns
        -------
        JobState
            The new state, or `old_state` if the time was over first.

        Raises
        ------
        ProtocolError
            If the job was closed.
        """
        state = self._next_state(old_state, Deadline.after(timeout))
        return old_state if state is None else state

    def wait_until_ready(self, timeout: float | None = None, queue_timeout: float | None = None) -> None:
        """Wait until the boards are given and switched, and are not boards to avoid.

        Parameters
        ----------
        timeout
            Seconds to wait; None for no limit.
        queue_timeout
            Seconds of these to wait in the queue; None for no limit.

        Raises
        ------
        StateChangeTimeoutError
            If the time was over first. The job lives on.
        JobDestroyedError
            If the job was destroyed; its message is the reason.
        ProtocolError
            If the job was closed.
        """
        deadline, in_queue = Deadline.after(timeout), Deadline.after(queue_timeout)
        state = self._next_state(None, deadline)
        while True:
            unwanted = self._unwanted(state)
            if unwanted is not None:
                self._ask_again(unwanted)
                state = self._next_state(None, deadline)
                continue
            if self._claim_is_checked or state is JobState.queued:
                self._claim.let_go_of_rejected("other boards were given, or are waited for")
            if state is JobState.ready:
                return
            limit = deadline.earlier(in_queue) if state is JobState.queued else deadline
            if limit.expired:
                was = "out of reach" if state is None else f"in state “{state.name}”"
                raise StateChangeTimeoutError(f"job {self.id} was still {was} when the time to wait was over")
            state = self._next_state(state, limit) or state

    def events(self, timeout: float | None = None) -> Iterator[JobState]:
        """Yield the state as it is, then each new one, until the job has ended or the time is over.

        Parameters
        ----------
        timeout
            Seconds to go on; None for no limit.
        """
        deadline = Deadline.after(timeout)
        old = None
        state = self._next_state(None, deadline)
        while state is not None and state != old:
            yield state
            if state in _ENDED:
                return
            old, state = state, self._next_state(state, deadline)

    def _next_state(self, old_state: JobState | None, deadline: Deadline) -> JobState | None:
        """Wait for a state other than `old_state`; None if the deadline comes first and the server was silent."""
        while True:
            state = None
            news = None
            # A last look is worth its moment even if there is no time left.
            look = deadline.no_sooner_than(_LAST_LOOK)
            try:
                self._server.subscribe("notify_job", self.id, deadline=look)
                news = self._server.news()
                state = self.status(look).state
            except (ProtocolError, ProtocolTimeoutError) as error:
                end = self._ended()
                if end is not None:
                    return end.state
                if self._server.closed:
                    raise
                log.info("waiting for job %d goes on: %s", self.id, error)
            if (state is not None and state != old_state) or deadline.expired:
                return state
            if news is not None:
                self._server.wait_for_news(news, deadline.sooner(POLL))

    # ---- second thoughts

    def _unwanted(self, state: JobState | None) -> str | None:
        """Return why other boards have to be asked for, None if they need not.

        Raises
        ------
        JobDestroyedError
            If the job has ended, or unwanted boards came too often.
        """
        if state in _ENDED:
            return self._why_it_failed()
        if state not in (JobState.power, JobState.ready) or self._claim_is_checked:
            return None
        allocation = self.allocation
        found = () if allocation is None else self._avoidance.found_in(allocation)
        if not found or self._request is None:
            self._claim_is_checked = allocation is not None
            return None
        why = f"given boards to avoid: {', '.join(found)}"
        if self._retries_left == 0:
            self.destroy(why)
            raise JobDestroyedError(f"job {self.id} was {why}, {self._avoidance.retries + 1} times in a row")
        return why

    def _why_it_failed(self) -> str:
        status = self.status()
        if self._retries_left and self._request is not None and self._server.failed_to_power_on(status):
            return status.reason or "its boards failed to power on"
        self._claim.let_go_of_rejected("its successor ended")
        if status.state is JobState.unknown:
            raise JobDestroyedError(f"the server does not know job {self.id}")
        raise JobDestroyedError(status.reason or f"job {self.id} was destroyed, and the server gives no reason")

    def _ask_again(self, why: str) -> None:
        """Ask for other boards; the unwanted ones are held meanwhile, so that they are not given again."""
        log.warning("job %d gives its boards back and asks again: %s", self.id, why)
        assert self._request is not None  # a job that was taken over is never given back
        self._retries_left -= 1
        self._allocation = None
        self._claim_is_checked = False
        self._claim = self._claim.instead(self._request, why, outlives_us=self._no_destroy)
