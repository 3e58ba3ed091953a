"""What the commands cannot do, each in one sentence that says what to do next.

The tree, from the root down::

    SpallocError
    └── CommandError
        ├── NoJobError           there is no such job, or the owner has none
        ├── AmbiguousOwnerError  the owner has several jobs
        ├── NoMachineError       there is no such machine
        ├── NoPlaceError         there is no board or chip at the place asked for
        ├── PowerError           the job has no boards to switch, or lost them meanwhile
        ├── NoBoardsError        the job has no boards yet
        └── WrappingError        the command to run cannot be made or started
"""

from collections.abc import Iterable, Sequence

from spalloc_client.exceptions import SpallocError
from spalloc_client.records import JobRecord


class CommandError(SpallocError):
    """The root of what the commands raise beside the errors of the server and the connection."""


class NoJobError(CommandError):
    """There is no such job, or the owner has none."""


class AmbiguousOwnerError(CommandError):
    """The owner has several jobs.

    Parameters
    ----------
    owner
        Who.
    jobs
        All of the owner's jobs.
    """

    def __init__(self, owner: str, jobs: Sequence[JobRecord]) -> None:
        listed = ", ".join(f"{job.id} ({job.state.name})" for job in jobs)
        super().__init__(f"{owner} has {len(jobs)} jobs, say which one is meant: {listed}")
        self.owner = owner
        self.jobs = tuple(jobs)


class NoMachineError(CommandError):
    """There is no such machine.

    Parameters
    ----------
    name
        What was asked for.
    names
        The machines that there are.
    """

    def __init__(self, name: str, names: Iterable[str]) -> None:
        import difflib

        self.near = tuple(difflib.get_close_matches(name, tuple(names), n=3, cutoff=0.5))
        did_you_mean = f"did you mean {' or '.join(self.near)}?" if self.near else "spalloc-machine lists them"
        super().__init__(f"there is no machine {name}; {did_you_mean}")


class NoPlaceError(CommandError):
    """There is no board or chip at the place asked for."""


class PowerError(CommandError):
    """The job has no boards to switch, or lost them meanwhile."""


class NoBoardsError(CommandError):
    """The job has no boards yet."""


class WrappingError(CommandError):
    """The command to run cannot be made or started."""
