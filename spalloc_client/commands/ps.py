"""``spalloc-ps``: the jobs that are queued or running."""

from spalloc_client.commands.machine import find_machine
from spalloc_client.records import JobRecord
from spalloc_client.server import Server


def list_jobs(server: Server, *, owner: str | None = None, machine: str | None = None) -> list[JobRecord]:
    """Return the jobs that are queued or running, the oldest first; keeps nobody's job alive.

    Parameters
    ----------
    server
        The server.
    owner
        Whose jobs; None for everybody's.
    machine
        Jobs that have boards of this machine only; None for all jobs.

    Raises
    ------
    NoMachineError
        If there is no such machine.
    """
    jobs = [job for job in server.jobs() if owner is None or job.owner == owner]
    if machine is None:
        return jobs
    there = [job for job in jobs if job.machine_name == machine]
    if not there:
        find_machine(server.machines(), machine)
    return there
