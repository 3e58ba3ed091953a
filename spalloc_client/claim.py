"""One job on a server, from its making or taking over to its end, kept alive in between."""

from typing import Self

from spalloc_client import guardian, log
from spalloc_client.exceptions import JobDestroyedError, RequestError, SpallocError
from spalloc_client.protocol_client import PendingCall
from spalloc_client.request import JobRequest
from spalloc_client.server import Server
from spalloc_client.states import JobState


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
    """

    def __init__(self, server: Server, job_id: int, ward: guardian.Ward) -> None:
        self.id = job_id
        self._server = server
        self._ward = ward

    @property
    def last_kept_alive(self) -> float | None:
        """When the server last confirmed a keepalive, in seconds since 1970 (UTC); None before the first."""
        return self._ward.last_kept_alive

    @classmethod
    def make(cls, server: Server, request: JobRequest, *, outlives_us: bool) -> Self:
        """Ask for a new job; interrupted at any moment, it leaves none behind."""
        creation = PendingCall("create_job")
        try:
            server.begin_creation(request, creation)
            job_id = server.finish_creation(creation)
            return cls(server, job_id, _keep(server, job_id, request.keepalive, outlives_us=outlives_us))
        except SpallocError:
            raise
        except BaseException:
            _undo(server, creation)
            raise

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
                return cls(server, job_id, _keep(server, job_id, job.keepalive, outlives_us=outlives_us))
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
            self._ward.destroy(reason)
        else:
            self._ward.release()

    def release(self) -> None:
        """Stop keeping the job alive, and leave it to itself."""
        self._ward.release()


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


def _undo(server: Server, creation: PendingCall) -> None:
    """Destroy a job whose making was interrupted, even if its id is still on the way."""
    if creation.connection is None:
        return
    try:
        server.destroy_job(server.finish_creation(creation), "interrupted while it was made")
    except SpallocError as error:
        log.warning("the job that was being made may live until its keepalive runs out: %s", error)
