"""What the classic Python server answers, as it does from version 1.0 on, and before."""

import json
import re
from dataclasses import dataclass, field

from scripted_server.model import DESTROYED, QUEUED, Job, Machine, Model

CREATE_KEYWORDS = {
    "owner",
    "keepalive",
    "machine",
    "tags",
    "min_ratio",
    "max_dead_boards",
    "max_dead_links",
    "require_torus",
}


class HangUpError(Exception):
    """The server ends the connection instead of an answer."""


class CommandError(Exception):
    """The server answers with an exception."""


@dataclass
class Watches:
    """What one connection wants to hear of; None in a set means everything."""

    jobs: set[object] = field(default_factory=set)
    machines: set[object] = field(default_factory=set)


class Classic:
    """Versions 1.0 to 1!7.0.0.

    Parameters
    ----------
    model
        The jobs and machines.
    version
        What ``version`` returns: any JSON value.
    """

    newline = "\n"
    stall_limit: float | None = None
    """Seconds after which an unfinished line is forgotten."""
    commands = frozenset(
        {
            *("version", "create_job", "job_keepalive", "get_job_state", "get_job_machine_info"),
            *("power_on_job_boards", "power_off_job_boards", "destroy_job"),
            *("notify_job", "no_notify_job", "notify_machine", "no_notify_machine"),
            *("list_jobs", "list_machines", "get_board_position", "get_board_at_position", "where_is"),
        }
    )

    def __init__(self, model: Model, version: object) -> None:
        self.model = model
        self.server_version = version

    def encode(self, message: object) -> bytes:
        return (json.dumps(message) + self.newline).encode()

    def answer(self, line: bytes, watches: Watches, host: str) -> bytes | None:
        """Return the reply to one line, or None for no reply; raise HangUpError to hang up."""
        if not line:
            return self.blank_line()
        command, args, kwargs = self.parse(line)
        try:
            return self.encode({"return": self.run(command, args, kwargs, watches, host)})
        except CommandError as error:
            return self.refuse(str(error))
        except (TypeError, ValueError, KeyError, IndexError) as error:
            return self.refuse(str(error))

    def blank_line(self) -> None:
        """Skip it."""

    def refuse(self, text: str) -> bytes:
        return self.encode({"exception": text})

    def parse(self, line: bytes) -> tuple[str, list, dict]:
        try:
            message = json.loads(line)
            command, args, kwargs = message["command"], message.get("args", []), message.get("kwargs", {})
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            raise HangUpError from error
        if command not in self.commands or not isinstance(args, list) or not isinstance(kwargs, dict):
            raise HangUpError
        return command, args, kwargs

    def run(self, command: str, args: list, kwargs: dict, watches: Watches, host: str) -> object:
        with self.model.lock:
            if command.removeprefix("no_") in {"notify_job", "notify_machine"}:
                return self.watch(command, args, watches)
            if command == "create_job":
                return self.create_job(args, kwargs, host)
            method = getattr(self, command)
            if command in {"job_keepalive", "get_job_state", "get_job_machine_info"} or "power_" in command:
                return method(self.touched(args[0], host))
            return method(*args, **kwargs)

    def touched(self, job_id: int, host: str) -> Job | None:
        """Return the job, kept alive by being asked about; None if there is none."""
        job = self.model.jobs.get(job_id)
        if job is not None and job.state != DESTROYED:
            self.model.touch(job, host)
        return job

    def version(self) -> object:
        return self.server_version

    def create_job(self, args: list, kwargs: dict, host: str) -> int | None:
        if kwargs.get("owner") is None:
            raise CommandError("owner must be specified for all jobs")
        keepalive = kwargs.get("keepalive", 60.0)
        job = self.model.create(args, kwargs, None if keepalive is None else float(keepalive), host)
        problem = self.problem_with(args, kwargs)
        if problem:
            job.deadly = True
            raise CommandError(problem)
        if not self.model.possible(job):
            self.model.destroy(job.id, "Cancelled: No suitable machines available.")
        else:
            self.model.advance(job)
        return job.id

    def problem_with(self, args: list, kwargs: dict) -> str | None:
        """Return what the allocator would stumble over; the job it leaves behind kills the server."""
        if kwargs.get("machine") is not None and kwargs.get("tags") is not None:
            return "Only one of machine and tags may be specified for a job."
        unknown = set(kwargs) - CREATE_KEYWORDS
        if unknown:
            return f"got an unexpected keyword argument '{min(unknown)}'"
        if any(name in kwargs and kwargs[name] is None for name in ("require_torus", "min_ratio")):
            return "'<' not supported between instances of 'float' and 'NoneType'"
        return None if len(args) <= 3 and all(n >= 0 for n in args) else "unsupported request"

    def job_keepalive(self, job: Job | None) -> None:
        """Do nothing more: asking has kept the job alive."""

    def get_job_state(self, job: Job | None) -> dict[str, object]:
        live = job is not None and job.state != DESTROYED
        return {
            "state": 0 if job is None else job.state,
            "power": job.power if live else None,
            "keepalive": job.keepalive if live else None,
            "reason": job.reason if job is not None else None,
            "start_time": job.start_time if live else None,
            "keepalivehost": job.host if live else None,
        }

    def get_job_machine_info(self, job: Job | None) -> dict[str, object]:
        if job is None or job.machine is None:
            return dict.fromkeys(("width", "height", "connections", "machine_name", "boards"))
        return {
            "width": job.size[0],
            "height": job.size[1],
            "connections": list(job.connections()),
            "machine_name": job.machine.name,
            "boards": job.boards,
        }

    def power_on_job_boards(self, job: Job | None) -> None:
        if job is not None and job.machine is not None:
            self.model.switch(job.id, on=True)

    def power_off_job_boards(self, job: Job | None) -> None:
        if job is not None and job.machine is not None:
            self.model.switch(job.id, on=False)

    def destroy_job(self, job_id: int, reason: str | None = None) -> None:
        job = self.model.jobs.get(job_id)
        if job is not None:
            queued = job.state == QUEUED
            self.model.destroy(job_id, f"Cancelled: {reason or ''}" if queued else reason)

    def watch(self, command: str, args: list, watches: Watches) -> None:
        wanted = watches.jobs if command.endswith("_job") else watches.machines
        key = args[0] if args else None
        if not command.startswith("no_"):
            wanted.add(key)
        elif key is None:
            wanted.clear()
        else:
            wanted.discard(key)

    def list_jobs(self) -> list[dict[str, object]]:
        return [self.describe(job) for job in self.model.live()]

    def describe(self, job: Job) -> dict[str, object]:
        return {
            "job_id": job.id,
            "owner": job.owner,
            "start_time": job.start_time,
            "keepalive": job.keepalive,
            "state": job.state,
            "power": job.power,
            "args": job.args,
            "kwargs": {k: v for k, v in job.kwargs.items() if k not in {"owner", "keepalive"}},
            "allocated_machine_name": job.machine.name if job.machine else None,
            "boards": job.boards if job.machine else None,
            "keepalivehost": job.host,
        }

    def list_machines(self) -> list[dict[str, object]]:
        return [
            {
                "name": machine.name,
                "tags": machine.tags,
                "width": machine.width,
                "height": machine.height,
                "dead_boards": sorted(machine.dead_boards),
                "dead_links": [(x, y, z, self.link_number(link)) for x, y, z, link in machine.dead_links],
            }
            for machine in self.model.machines
        ]

    def link_number(self, link: int) -> int:
        return link

    def get_board_position(self, machine_name: str, x: int, y: int, z: int) -> object:
        machine = self.model.machine(machine_name)
        known = machine is not None and (x, y, z) in machine.boards()
        return machine.physical((x, y, z)) if machine is not None and known else None

    def get_board_at_position(self, machine_name: str, x: int, y: int, z: int) -> object:
        machine = self.model.machine(machine_name)
        return machine.board_at((x, y, z)) if machine is not None else None

    def where_is(self, **kwargs: object) -> dict[str, object] | None:
        found = self.find(kwargs)
        if found is None:
            return None
        machine, chip = found
        place = machine.board_of_chip(chip)
        assert place is not None
        board, board_chip = place
        job = next((j for j in self.model.live() if j.machine is machine and board in j.boards), None)
        return {
            "machine": machine.name,
            "logical": board,
            "physical": machine.physical(board),
            "chip": [chip[0] % (12 * machine.width), chip[1] % (12 * machine.height)],
            "board_chip": board_chip,
            "job_id": job.id if job else None,
            "job_chip": job_chip(machine, job, board, board_chip) if job else None,
        }

    def find(self, where: dict) -> tuple[Machine, tuple[int, int]] | None:
        """Return the machine, and the chip as if it were booted as one; None if there is no such place."""
        if set(where) == {"job_id", "chip_x", "chip_y"}:
            return find_in_job(self.model.jobs.get(where["job_id"]), where["chip_x"], where["chip_y"])
        machine = self.model.machine(where["machine"])
        if machine is None:
            return None
        if set(where) == {"machine", "chip_x", "chip_y"}:
            return machine, (where["chip_x"], where["chip_y"])
        if set(where) == {"machine", "x", "y", "z"}:
            board = (where["x"] % machine.width, where["y"] % machine.height, where["z"])
        elif set(where) == {"machine", "cabinet", "frame", "board"}:
            board = machine.board_at((where["cabinet"], where["frame"], where["board"]))
        else:
            raise CommandError("Invalid arguments: " + ", ".join(where))
        return (machine, machine.ethernet_chip(board)) if board in machine.boards() else None


def find_in_job(job: Job | None, x: int, y: int) -> tuple[Machine, tuple[int, int]] | None:
    if job is None or job.machine is None or not (0 <= x < job.size[0] and 0 <= y < job.size[1]):
        return None
    origin = job.machine.ethernet_chip(job.origin)
    place = job.machine.board_of_chip((origin[0] + x, origin[1] + y))
    if place is None or place[0] not in job.boards:
        return None
    return job.machine, (origin[0] + x, origin[1] + y)


def job_chip(machine: Machine, job: Job, board: tuple, board_chip: tuple) -> list[int]:
    origin, ethernet = machine.ethernet_chip(job.origin), machine.ethernet_chip(board)
    return [ethernet[i] - origin[i] + board_chip[i] for i in range(2)]


class OldClassic(Classic):
    """Versions 0.1 to 0.5: hang up on any error, insist on args and kwargs, and tell less."""

    def refuse(self, text: str) -> bytes:
        raise HangUpError(text)

    def parse(self, line: bytes) -> tuple[str, list, dict]:
        command, args, kwargs = super().parse(line)
        if not {"args", "kwargs"} <= set(json.loads(line)):
            raise HangUpError
        return command, args, kwargs

    def get_job_state(self, job: Job | None) -> dict[str, object]:
        return self.without_later_keys(super().get_job_state(job))

    def describe(self, job: Job) -> dict[str, object]:
        return self.without_later_keys(super().describe(job))

    def without_later_keys(self, record: dict[str, object]) -> dict[str, object]:
        oldest = re.match(r"0\.[12]\.", str(self.server_version))
        later = {"keepalivehost", "start_time"} if oldest else {"keepalivehost"}
        return {key: value for key, value in record.items() if key not in later}
