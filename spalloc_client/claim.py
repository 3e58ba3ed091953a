"""One job on a server, from its making or taking over to its end, kept alive in between."""

import threading
from typing import Final, Self

from spalloc_client import guardian, log
from spalloc_client.exceptions import JobDestroyedError, RequestError, SpallocError
from spalloc_client.protocol_client import PendingCall
from spalloc_client.request import JobRequest
from spalloc_client.server import Server
from spalloc_client.states import JobState

_INTERRUPTED: Final = "interrupted while it was asked for"
_LAST_TRY: Final = 60.0  # seconds for which the end of a job that was released is sought
_PATIENCE: Final = 5.0  # seconds for which Ctrl-C waits for a server that may be given any time


class Claim:
    """A job of ours on a server.

    Made by :meth:`make` or :meth:`take_over`.

    Parameters
    ----------
    server
        Where the job is.
    job_id
        Its id there.
    ward
        What keeps it alive.
    taken_over
        True if the job was there before.
    """

    def __init__(self, server: Server, job_id: int, ward: guardian.Ward, *, taken_over: bool = False) -> None:
        self.id = job_id
        self._server = server
        self._ward = ward
        self._taken_over = taken_over
        self._rejected: list[Claim] = []

    @property
    def last_kept_alive(self) -> float | None:
        """When the server last confirmed a keepalive, in seconds since 1970 (UTC); None before the first."""
        return self._ward.last_kept_alive

    @classmethod
    def make(cls, server: Server, request: JobRequest, *, outlives_us: bool) -> Self:
        """Ask for a new job; interrupted at any moment, it leaves none behind."""
        making = _Making(server, request, outlives_us=outlives_us)
        try:
            return cls._made_by(making)
        except BaseException:
            making.abandon()
            raise

    @classmethod
    def _made_by(cls, making: "_Making") -> Self:
        threading.Thread(target=making.work, name="spalloc-create", daemon=True).start()
        making.done.wait()
        if making.error is not None:
            raise making.error
        assert isinstance(making.claim, cls)
        return making.claim

    def instead(self, request: JobRequest, why: str, *, outlives_us: bool) -> "Claim":
        """Ask for another job; this one is held meanwhile, so that its boards are not given again."""
        claim = Claim.make(self._server, request, outlives_us=outlives_us)
        claim._rejected = [*self._rejected, self]  # noqa: SLF001 - of this very class
        log.info("job %d stands in for job %d: %s", claim.id, self.id, why)
        return claim

    def let_go_of_rejected(self, why: str) -> None:
        """Give back the boards that were held while others were asked for."""
        while self._rejected:
            self._rejected[-1].destroy(why)
            self._rejected.pop()

    @classmethod
    def take_over(cls, server: Server, job_id: object, *, outlives_us: bool) -> Self:
        """Take over an existing job.

        Raises
        ------
        RequestError
            If `job_id` is no job id.
        JobDestroyedError
            If the job has ended, or never was.
        """
        if isinstance(job_id, bool) or not isinstance(job_id, int) or job_id < 0:
            raise RequestError(f"{job_id!r} is not a job id; expected a whole number from 0")
        # The interval stands in the list alone on every server.
        for job in server.jobs():
            if job.id == job_id:
                ward = _keep(server, job_id, job.keepalive, outlives_us=outlives_us)
                return cls(server, job_id, ward, taken_over=True)
        status = server.status(job_id)
        if status.state is JobState.destroyed:
            raise JobDestroyedError(f"job {job_id} has ended: {status.reason or 'the server gives no reason'}")
        raise JobDestroyedError(f"the server does not know job {job_id}")

    def destroy(self, reason: str | None) -> None:
        """End the job; if the server cannot be reached in time, the guardian goes on trying."""
        try:
            self._server.destroy_job(self.id, reason)
        except SpallocError as error:
            log.warning("job %d is being destroyed in the background: %s", self.id, error)
            self._destroy_in_background(reason)
        except BaseException:
            self._destroy_in_background(reason)  # Ctrl-C ends our waiting for the server, and not the wish
            raise
        else:
            self._ward.release()
        self.let_go_of_rejected("its successor ended")

    def _destroy_in_background(self, reason: str | None) -> None:
        if not self._ward.kept:
            self._ward = _keep(self._server, self.id, _LAST_TRY, outlives_us=True)  # it was released before
        self._ward.destroy(reason)

    def release(self) -> None:
        """Stop keeping the job alive, and leave it to itself."""
        self._ward.release()
        self.let_go_of_rejected("its successor was left to itself")

    def abandon(self) -> None:
        """Undo what :meth:`make` or :meth:`take_over` did, because Ctrl-C came before anybody had the job in hand."""
        if self._taken_over:
            self.release()
        else:
            self.destroy(_INTERRUPTED)


class _Making:
    """The making of a job, in a thread of its own.

    Ctrl-C reaches the main thread alone. So the id of a job that was made is never lost half-read, and the job of a
    making that was abandoned is destroyed when its id arrives.

    Parameters
    ----------
    server, request, outlives_us
        As in :meth:`Claim.make`.
    """

    def __init__(self, server: Server, request: JobRequest, *, outlives_us: bool) -> None:
        self.claim: Claim | None = None
        self.error: Exception | None = None
        self.done = threading.Event()
        self._server = server
        self._request = request
        self._outlives_us = outlives_us
        self._lock = threading.Lock()
        self._begun = self._abandoned = False

    def work(self) -> None:
        """Make the job, unless it is abandoned by now."""
        with self._lock:
            if self._abandoned:
                return
            self._begun = True
        try:
            self._make()
        except Exception as error:  # noqa: BLE001 - raised again by the thread that waits
            self.error = error
        finally:
            self.done.set()

    def _make(self) -> None:
        creation = PendingCall("create_job")
        self._server.begin_creation(self._request, creation)
        job_id = self._server.finish_creation(creation)
        ward = _keep(self._server, job_id, self._request.keepalive, outlives_us=self._outlives_us)
        claim = Claim(self._server, job_id, ward)
        with self._lock:
            self.claim = claim
            abandoned = self._abandoned
        if abandoned:
            claim.abandon()

    def abandon(self) -> None:
        """Have no job: destroy it, wait a while until it is destroyed, or see to it that it is never made."""
        with self._lock:
            self._abandoned = True
            claim = self.claim
        if claim is not None:
            claim.abandon()
        elif self._begun:
            self.done.wait(_PATIENCE if self._server.timeout is None else self._server.timeout)


def _keep(server: Server, job_id: int, keepalive: float | None, *, outlives_us: bool) -> guardian.Ward:
    return guardian.keep(
        server.hostname,
        server.port,
        job_id,
        keepalive=server.interval_to_keep(keepalive),
        reconnect_delay=server.reconnect_delay,
        timeout=server.timeout,
        # Without a keepalive a job runs until somebody destroys it: that is what was asked for.
        destroy_at_exit=not outlives_us and keepalive is not None,
    )
