"""What differs between servers, all of it; and the one place where JSON becomes records.

Two families are in the field: the classic Python server (0.1 to 1!7.0.0) and the Java server that took over its
protocol. They disagree about what is null, what is an error, what ``keepalive`` means and how links are numbered.
Nobody above this module knows.
"""

from collections.abc import Mapping
from operator import itemgetter
from typing import Any

from spalloc_client.exceptions import SpallocServerException, UnexpectedAnswerError
from spalloc_client.records import (
    Allocation,
    Board,
    Chip,
    DeadLink,
    JobRecord,
    JobStatus,
    Location,
    MachineRecord,
    PhysicalLocation,
)
from spalloc_client.states import JobState

# What JSON gives is Any by nature; nothing in this module hands it on.
Json = Any


class Dialect:
    """How the classic server says things; the base of other dialects."""

    def status(self, answer: Json) -> JobStatus:
        """Decode the answer to ``get_job_state``; older servers leave out the last keys."""
        try:
            fields = (
                _state(answer["state"]),
                _power(answer),
                self.interval_in_status(answer.get("keepalive")),
                answer.get("reason") or None,
                _number(answer.get("start_time")),
                answer.get("keepalivehost") or None,
            )
            return _new(JobStatus, fields)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise _senseless("get_job_state", answer) from error

    def interval_in_status(self, keepalive: Json) -> float | None:
        """Return the keepalive interval in seconds, where the server tells it here."""
        return _number(keepalive)

    def interval_in_list(self, entry: Json) -> float | None:
        """Return the keepalive interval in seconds, as a line of ``list_jobs`` tells it."""
        return _number(entry.get("keepalive"))

    def interval_to_keep(self, keepalive: float | None) -> float | None:
        """Return the interval at which the server expects keepalives of a job made with `keepalive`."""
        return keepalive

    def allocation(self, answer: Json) -> Allocation | None:
        """Decode the answer to ``get_job_machine_info``; None for a job without boards."""
        try:
            if not answer or answer.get("machine_name") is None or not answer.get("connections"):
                return None
            return Allocation(
                width=int(answer["width"]),
                height=int(answer["height"]),
                connections={Chip(*chip): str(host) for chip, host in answer["connections"]},
                machine_name=str(answer["machine_name"]),
                boards=tuple(Board(*board) for board in answer.get("boards") or ()),
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise _senseless("get_job_machine_info", answer) from error

    def jobs(self, answer: Json) -> list[JobRecord]:
        """Decode the answer to ``list_jobs``, oldest job first."""
        try:
            return sorted(map(self._job, answer), key=_first)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise _senseless("list_jobs", answer) from error

    def _job(self, entry: Json) -> JobRecord:
        # There may be thousands, so this takes few steps; the fields are in the order of the record.
        get = entry.get
        boards = get("boards")
        args = get("args")
        fields = (
            int(entry["job_id"]),
            str(get("owner") or ""),
            _state(entry["state"]),
            _power(entry),
            _number(get("start_time")),
            self.interval_in_list(entry),
            tuple(map(int, args)) if args else (),
            get("kwargs") or {},
            get("allocated_machine_name") if boards else None,
            tuple([_new(Board, (x, y, z)) for x, y, z in boards]) if boards else (),
            get("keepalivehost") or None,
            get("reason") or None,
        )
        return _new(JobRecord, fields)

    def machines(self, answer: Json) -> list[MachineRecord]:
        """Decode the answer to ``list_machines``, in the server's order, which is that of preference."""
        try:
            return [
                MachineRecord(
                    name=str(entry["name"]),
                    tags=tuple(str(tag) for tag in entry.get("tags") or ()),
                    width=int(entry["width"]),
                    height=int(entry["height"]),
                    dead_boards=frozenset(Board(*board) for board in entry.get("dead_boards") or ()),
                    dead_links=frozenset(
                        DeadLink(x, y, z, self.link(number)) for x, y, z, number in entry.get("dead_links") or ()
                    ),
                )
                for entry in answer
            ]
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise _senseless("list_machines", answer) from error

    def link(self, number: Json) -> int:
        """Return a link as :class:`spalloc_client.records.DeadLink` counts it."""
        return int(number)

    def location(self, answer: Json) -> Location | None:
        """Decode the answer to ``where_is``; None for a place that does not exist."""
        if not answer:
            return None
        try:
            job_chip = answer.get("job_chip")
            return Location(
                machine=str(answer["machine"]),
                board=Board(*answer["logical"]),
                physical=PhysicalLocation(*answer["physical"]),
                chip=Chip(*answer["chip"]),
                board_chip=Chip(*answer["board_chip"]),
                job_id=None if answer.get("job_id") is None else int(answer["job_id"]),
                job_chip=Chip(*job_chip) if job_chip else None,
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise _senseless("where_is", answer) from error

    def is_no_answer(self, command: str, error: SpallocServerException) -> bool:
        """True if an error only says that there is nothing to be told: no such job, no boards, no such place."""
        del command, error
        return False

    def failed_to_power_on(self, status: JobStatus) -> bool:
        """True if a job was destroyed because its boards could not be switched on."""
        return status.state is JobState.destroyed and (status.reason or "").startswith("Machine configuration failed")

    def creation_arguments(self, requirements: Mapping[str, object]) -> dict[str, object]:
        """Return the keyword arguments of ``create_job``.

        What is None is left out, because the classic server fails on it, and keeps a job that nobody can destroy;
        ``keepalive`` alone is always told, as None is not its default.
        """
        return {name: value for name, value in requirements.items() if value is not None or name == "keepalive"}


class JavaDialect(Dialect):
    """How the Java server says things."""

    _NO_SUCH_PLACE = ("get_board_position", "get_board_at_position", "where_is")
    _NO_SUCH_JOB = (
        *("get_job_state", "get_job_machine_info", "notify_job"),
        *("power_on_job_boards", "power_off_job_boards"),
    )
    _NOTHING_TO_TELL = ("no such job", "boards not allocated", "no boards currently allocated")

    def interval_in_status(self, keepalive: Json) -> None:
        """Return None: here the Java server tells when the job was last kept alive, not how often it has to be."""
        del keepalive

    def interval_in_list(self, entry: Json) -> float | None:
        """Return the interval; some versions tell the time of the last keepalive here, too, and a few no request."""
        keepalive = _number(entry.get("keepalive"))
        if keepalive is not None and keepalive > _LONGEST_INTERVAL:
            return _number((entry.get("kwargs") or {}).get("keepalive"))
        return keepalive

    def interval_to_keep(self, keepalive: float | None) -> float | None:
        """Return the interval; the Java server expects a keepalive within 60 s of a job that was to need none."""
        return 60.0 if keepalive is None else keepalive

    def link(self, number: Json) -> int:
        """Return the link; the Java server counts clockwise from north."""
        return (2 - int(number)) % 6

    def is_no_answer(self, command: str, error: SpallocServerException) -> bool:
        """True where the Java server answers an error, and the classic one null."""
        if command in self._NO_SUCH_PLACE:
            return True
        return command in self._NO_SUCH_JOB and any(text in str(error).lower() for text in self._NOTHING_TO_TELL)

    def creation_arguments(self, requirements: Mapping[str, object]) -> dict[str, object]:
        """Return the keyword arguments; to the Java server, no number of dead boards means none, and not any."""
        arguments = super().creation_arguments(requirements)
        if requirements.get("max_dead_boards", 0) is None:
            arguments["max_dead_boards"] = _ANY_NUMBER
        return arguments


_ANY_NUMBER = 2**31 - 1
_LONGEST_INTERVAL = 1e8  # seconds, three years; what is more is a moment, counted from 1970

CLASSIC = Dialect()
JAVA = JavaDialect()


def dialect_of(*, carriage_returns: bool) -> Dialect:
    """Return the dialect of a server; the Java one is known by the carriage returns that end its lines."""
    return JAVA if carriage_returns else CLASSIC


_new = tuple.__new__  # what the constructors of named tuples call
_first = itemgetter(0)  # of a record of a job, its number
_WITHOUT_BOARDS = frozenset(map(int, (JobState.unknown, JobState.queued, JobState.destroyed)))
_STATES = {int(state): state for state in JobState}


def _state(number: Json) -> JobState:
    return _STATES.get(number) or JobState(number)


def _power(entry: Json) -> bool | None:
    """Return whether boards are on; None without boards, for which some servers say False."""
    power = entry.get("power")
    return None if power is None or entry["state"] in _WITHOUT_BOARDS else bool(power)


def _number(value: Json) -> float | None:
    if type(value) is float:
        return value
    return None if value is None or isinstance(value, bool) or value == "" else float(value)


def _senseless(command: str, answer: Json) -> UnexpectedAnswerError:
    return UnexpectedAnswerError(f"the server's answer to {command} makes no sense: {str(answer)[:120]!r}")
