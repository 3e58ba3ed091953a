"""Keeps jobs alive, and lets them go when their owner dies: the owner's side, that is, this process.

The keeping is done in a process of its own (:mod:`spalloc_client.guardian_process`), one for all jobs of this
process. A thread would starve while a call into C holds the interpreter, and die with the kernel, leaving its
boards to nobody until the keepalive has run out.

In this process, one thread waits for the guardian's news; when that ends, it is started again and told of all jobs.
"""

from spalloc_client.guardian_keeper import Ward, current
from spalloc_client.guardian_link import FOREVER

__all__ = ["Ward", "keep"]


def keep(
    hostname: str,
    port: int | str,
    job_id: int,
    *,
    keepalive: float | None = 60.0,
    reconnect_delay: float = 5.0,
    timeout: float | None = 5.0,
    destroy_at_exit: bool = True,
) -> Ward:
    """Keep a job alive until its ward is released or this process ends, whichever comes first. Waits for nothing.

    Parameters
    ----------
    hostname, port
        The server.
    job_id
        The job.
    keepalive
        The job's interval in seconds; it is kept alive three times in each. None: it needs no keeping, and is only
        destroyed at the end.
    reconnect_delay
        Seconds between two attempts to reach the server; less if the keepalive is short.
    timeout
        Seconds to wait for a connection or an answer, before another connection is tried; less if the keepalive is
        short. None: as the keepalive has it.
    destroy_at_exit
        Destroy the job when this process ends, in whatever way it does; else the job is left to its keepalive.

    Returns
    -------
    Ward
        By which to release the job.
    """
    times = " ".join(
        repr(FOREVER if seconds is None else float(seconds)) for seconds in (keepalive, reconnect_delay, timeout)
    )
    host = hostname.encode(errors="replace").hex()
    order = f"{int(job_id)} {times} {int(destroy_at_exit)} {int(port)} {host}"
    return current().keep(f"job {job_id} on {hostname}:{port}", order)
