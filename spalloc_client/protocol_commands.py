"""The commands of the protocol, each as a typed method that sends its arguments as they are."""

from typing import Any, Protocol


class _Caller(Protocol):
    # Any, because a call's timeout is among them, and has a type of its own.
    def call(self, name: str, /, *args: object, **kwargs: Any) -> object: ...


class ProtocolCommands:
    """The commands that servers are known to have.

    Each returns what the server answered, as JSON gives it, and takes a ``timeout`` (seconds; None for no limit) among
    its keyword arguments. Servers differ in what they answer; :mod:`spalloc_client.dialect` knows how.
    """

    def version(self: _Caller, **kwargs: object) -> object:
        """Return the server's version."""
        return self.call("version", **kwargs)

    def create_job(self: _Caller, *what: int, owner: str, **requirements: object) -> object:
        """Ask for boards; return the id of the new job.

        Parameters
        ----------
        *what
            Nothing, BOARDS, WIDTH and HEIGHT in triads, or X, Y and Z.
        owner
            Whose job it is.
        **requirements
            ``keepalive`` (seconds), ``machine`` or ``tags``, ``min_ratio``, ``max_dead_boards``, ``max_dead_links``,
            ``require_torus``. What is None is better left out: some servers fail on it.
        """
        return self.call("create_job", *what, owner=owner, **requirements)

    def job_keepalive(self: _Caller, job_id: int, **kwargs: object) -> object:
        """Keep a job alive for another interval."""
        return self.call("job_keepalive", job_id, **kwargs)

    def get_job_state(self: _Caller, job_id: int, **kwargs: object) -> object:
        """Return a job's state, power, keepalive, reason and start time. Keeps the job alive."""
        return self.call("get_job_state", job_id, **kwargs)

    def get_job_machine_info(self: _Caller, job_id: int, **kwargs: object) -> object:
        """Return a job's width and height in chips, connections, machine and boards. Keeps the job alive."""
        return self.call("get_job_machine_info", job_id, **kwargs)

    def power_on_job_boards(self: _Caller, job_id: int, **kwargs: object) -> object:
        """Begin to switch a job's boards on, or off and on again if they are on. Keeps the job alive."""
        return self.call("power_on_job_boards", job_id, **kwargs)

    def power_off_job_boards(self: _Caller, job_id: int, **kwargs: object) -> object:
        """Begin to switch a job's boards off. Keeps the job alive."""
        return self.call("power_off_job_boards", job_id, **kwargs)

    def destroy_job(self: _Caller, job_id: int, reason: str | None = None, **kwargs: object) -> object:
        """End a job; `reason` is told to whoever asks for its fate."""
        return self.call("destroy_job", job_id, reason=reason, **kwargs)

    def notify_job(self: _Caller, *job_id: int | None, **kwargs: object) -> object:
        """Be notified of changes of one job, or of all of them."""
        return self.call("notify_job", *_without_none(job_id), **kwargs)

    def no_notify_job(self: _Caller, *job_id: int | None, **kwargs: object) -> object:
        """Stop being notified of changes of one job, or of all of them."""
        return self.call("no_notify_job", *_without_none(job_id), **kwargs)

    def notify_machine(self: _Caller, *machine_name: str | None, **kwargs: object) -> object:
        """Be notified of changes of one machine, or of all of them."""
        return self.call("notify_machine", *_without_none(machine_name), **kwargs)

    def no_notify_machine(self: _Caller, *machine_name: str | None, **kwargs: object) -> object:
        """Stop being notified of changes of one machine, or of all of them."""
        return self.call("no_notify_machine", *_without_none(machine_name), **kwargs)

    def list_jobs(self: _Caller, **kwargs: object) -> object:
        """Return all jobs that are queued or running. Keeps nobody's job alive."""
        return self.call("list_jobs", **kwargs)

    def list_machines(self: _Caller, **kwargs: object) -> object:
        """Return all machines with their tags, size in triads, dead boards and dead links."""
        return self.call("list_machines", **kwargs)

    def get_board_position(self: _Caller, machine_name: str, x: int, y: int, z: int, **kwargs: object) -> object:
        """Return the cabinet, frame and board of a board's coordinate."""
        return self.call("get_board_position", machine_name=machine_name, x=x, y=y, z=z, **kwargs)

    def get_board_at_position(self: _Caller, machine_name: str, x: int, y: int, z: int, **kwargs: object) -> object:
        """Return the coordinate of the board in cabinet `x`, frame `y`, place `z`."""
        return self.call("get_board_at_position", machine_name=machine_name, x=x, y=y, z=z, **kwargs)

    def where_is(self: _Caller, **query: object) -> object:
        """Return all that is known about one place.

        Parameters
        ----------
        **query
            One of: machine, x, y, z; machine, cabinet, frame, board; machine, chip_x, chip_y; job_id, chip_x, chip_y.
        """
        return self.call("where_is", **query)

    def report_problem(
        self: _Caller, ip: str, x: int | None, y: int | None, p: int | None, description: str, **kwargs: object
    ) -> object:
        """Report a faulty board, chip or core (Java servers only; a classic one hangs up)."""
        place = {name: number for name, number in (("x", x), ("y", y), ("p", p)) if number is not None}
        return self.call("report_problem", ip, **place, description=description, **kwargs)


def _without_none(key: tuple[object, ...]) -> tuple[object, ...]:
    """Return what a subscription names; for all of them nothing, because a null ends a Java server's connection."""
    return tuple(part for part in key if part is not None)
