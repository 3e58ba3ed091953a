"""``spalloc-machine``: the machines, and the jobs on them."""

from collections.abc import Sequence
from typing import NamedTuple

from spalloc_client.commands.errors import NoMachineError
from spalloc_client.records import JobRecord, MachineRecord
from spalloc_client.server import Server


class MachineLoad(NamedTuple):
    """A machine, and who uses it.

    Parameters
    ----------
    machine
        The machine.
    jobs
        The jobs that have boards of it, the oldest first.
    """

    machine: MachineRecord
    jobs: tuple[JobRecord, ...]

    @property
    def in_use(self) -> int:
        """How many of its boards belong to jobs."""
        return sum(len(job.boards) for job in self.jobs)


def list_machines(server: Server) -> list[MachineLoad]:
    """Return all machines and who uses them, in the order in which the server tries them."""
    jobs = server.jobs()
    return [_load(machine, jobs) for machine in server.machines()]


def show_machine(server: Server, name: str) -> MachineLoad:
    """Return one machine and who uses it.

    Raises
    ------
    NoMachineError
        If there is no such machine.
    """
    return _load(find_machine(server.machines(), name), server.jobs())


def find_machine(machines: Sequence[MachineRecord], name: str) -> MachineRecord:
    """Return the machine of this name.

    Raises
    ------
    NoMachineError
        If there is none; names that are near are offered.
    """
    for machine in machines:
        if machine.name == name:
            return machine
    raise NoMachineError(name, [machine.name for machine in machines])


def _load(machine: MachineRecord, jobs: Sequence[JobRecord]) -> MachineLoad:
    return MachineLoad(machine, tuple(job for job in jobs if job.machine_name == machine.name))
