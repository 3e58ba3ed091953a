"""The kernel's jobs by name: made, reused, replaced, let go."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from spalloc_client.commands.alloc import ask_for_boards
from spalloc_client.commands.arguments import AllocArguments
from spalloc_client.config import Config
from spalloc_client.exceptions import SpallocError
from spalloc_client.job import Job
from spalloc_client.request import JobRequest
from spalloc_client.states import JobState

_CONNECTION = ("hostname", "port", "timeout", "reconnect_delay")
_ENDED = (JobState.destroyed, JobState.unknown)


@dataclass(frozen=True, slots=True)
class Wish:
    """What a magic's line asks for; two that are equal ask for the same job. Made by :meth:`of`."""

    request: JobRequest | None
    """None for a job to take over."""
    server: tuple[str | None, int]
    """Host name and port."""
    resume: int | None
    no_destroy: bool
    arguments: AllocArguments = field(compare=False)
    """The words that it was made of."""

    @classmethod
    def of(cls, arguments: AllocArguments, options: Mapping[str, object]) -> "Wish":
        """Return a wish that was checked.

        Parameters
        ----------
        arguments
            The words of the line.
        options
            The options of the line and of the notebook.

        Raises
        ------
        RequestError, ConfigError
            If no server could fulfil it.
        """
        if arguments.resume is not None:
            options = {name: value for name, value in options.items() if name in _CONNECTION}
        config = Config.load(arguments=options)
        request = JobRequest.from_config(arguments.what, config) if arguments.resume is None else None
        server = (config.hostname, config.port)
        return cls(request, server, arguments.resume, arguments.no_destroy, arguments._replace(options=options))


@dataclass(frozen=True, slots=True)
class Held:
    """A job that a magic made, and what was asked for then."""

    job: Job
    wish: Wish


class Jobs:
    """The jobs that magics made in this kernel, by the name of the variable that each is bound to."""

    def __init__(self) -> None:
        self._held: dict[str, Held] = {}

    def __iter__(self) -> Iterator[Job]:
        return iter([held.job for held in self._held.values()])

    def names(self) -> tuple[str, ...]:
        """Return the variables."""
        return tuple(self._held)

    def name_of(self, job: Job) -> str:
        """Return the variable of a job; empty if it has none."""
        return next((name for name, held in self._held.items() if held.job is job), "")

    def get(self, name: str) -> Held | None:
        """Return the job of that name, whether or not it lives; None if there is none."""
        return self._held.get(name)

    def living(self, name: str) -> Held | None:
        """Return the job of that name; None if there is none, or if it has ended.

        A server that cannot be reached says nothing: the job is taken to live.
        """
        held = self._held.get(name)
        if held is not None and (held.job.server.closed or _state(held.job) in _ENDED):
            del self._held[name]
            held.job.close()
            return None
        return held

    def make(self, name: str, wish: Wish) -> Job:
        """Ask for a job and keep it under a name.

        Returns
        -------
        Job
            As yet without boards.
        """
        assert name not in self._held
        self._held[name] = Held(ask_for_boards(wish.arguments), wish)
        return self._held[name].job

    def let_go(self, name: str, reason: str | None = None) -> Held | None:
        """Destroy the job of that name, or leave it to itself if it was to outlive us; and return it.

        Parameters
        ----------
        name
            The variable.
        reason
            What the server is to tell others who ask.
        """
        held = self._held.pop(name, None)
        if held is None:
            return None
        if held.wish.no_destroy:
            held.job.close()
        else:
            held.job.destroy(reason)
        return held


def _state(job: Job) -> JobState | None:
    try:
        return job.state
    except SpallocError:
        return None


JOBS = Jobs()
"""This kernel's jobs; they stay when the extension is loaded again."""
