"""What the Java server answers ("v1 compat" port)."""

import json

from scripted_server.classic import Classic, CommandError, HangUpError, Watches
from scripted_server.model import Job, Model


class Java(Classic):
    """The dialect of today's production server: exceptions where the classic server has nulls.

    Attributes
    ----------
    shroud
        True: owners are ``<Hidden>``, and requests null, as a user sees them who is nobody special.
    keepalive_in_list
        ``"interval"`` or ``"timestamp"``: what ``list_jobs`` tells as ``keepalive``; versions differ.
    problems
        What ``report_problem`` was told.
    """

    newline = "\r\n"
    stall_limit = 2.0
    commands = Classic.commands | {"report_problem"}

    def __init__(self, model: Model, version: object) -> None:
        super().__init__(model, version)
        model.requeues_on_failure = True
        self.shroud = True
        self.keepalive_in_list = "interval"
        self.problems: list[dict[str, object]] = []

    def blank_line(self) -> None:
        raise HangUpError

    def answer(self, line: bytes, watches: Watches, host: str) -> bytes | None:
        try:
            return super().answer(line, watches, host)
        except json.JSONDecodeError as error:
            return self.refuse(f"Unexpected character at {error.pos}")

    def parse(self, line: bytes) -> tuple[str, list, dict]:
        message = json.loads(line.decode(errors="replace"))
        if not isinstance(message, dict) or not isinstance(message.get("command"), str):
            raise HangUpError
        return message["command"], message.get("args") or [], message.get("kwargs") or {}

    def run(self, command: str, args: list, kwargs: dict, watches: Watches, host: str) -> object:
        if command not in self.commands:
            raise CommandError(f"unknown command: {command}")
        if command == "destroy_job":
            args, kwargs = args[:1], {"reason": kwargs.get("reason")}
        if command.startswith("get_board_"):
            args = []
        return super().run(command, args, kwargs, watches, host)

    def known(self, job_id: object) -> Job:
        job = self.model.jobs.get(job_id if isinstance(job_id, int) else -1)
        if job is None:
            raise CommandError("no such job")
        return job

    def touched(self, job_id: int, host: str) -> Job:
        self.known(job_id)
        return super().touched(job_id, host) or self.known(job_id)

    def create_job(self, args: list, kwargs: dict, host: str) -> int:
        if not isinstance(kwargs.get("owner"), str) or not kwargs["owner"]:
            raise CommandError("owner must be supplied as a string")
        if any(not 0x21 <= ord(letter) <= 0x7E for letter in kwargs["owner"]):
            raise CommandError("invalid owner identifier; must be printable ASCII")
        if len(args) > 3:
            raise CommandError(f"unsupported number of arguments: {len(args)}")
        keepalive = kwargs.get("keepalive")
        job = self.model.create(args, kwargs, 60.0 if keepalive is None else float(keepalive), host)
        if not self.model.possible(job):
            del self.model.jobs[job.id]
            raise CommandError("no machine available which could satisfy the request")
        self.model.advance(job)
        return job.id

    def get_job_state(self, job: Job | None) -> dict[str, object]:
        assert job is not None
        return {
            "state": job.state,
            "power": bool(job.power),
            "keepalive": job.kept_alive_at,
            "reason": job.reason or "",
            "start_time": job.start_time,
            "keepalivehost": job.host,
        }

    def get_job_machine_info(self, job: Job | None) -> dict[str, object]:
        if job is None or job.machine is None:
            raise CommandError("boards not allocated")
        return super().get_job_machine_info(job)

    def power_on_job_boards(self, job: Job | None) -> None:
        self.need_boards(job)
        super().power_on_job_boards(job)

    def power_off_job_boards(self, job: Job | None) -> None:
        self.need_boards(job)
        super().power_off_job_boards(job)

    def need_boards(self, job: Job | None) -> None:
        if job is None or job.machine is None:
            raise CommandError("no boards currently allocated")

    def destroy_job(self, job_id: int, reason: str | None = None) -> None:
        self.model.destroy(self.known(job_id).id, reason)

    def watch(self, command: str, args: list, watches: Watches) -> None:
        if args and args[0] is None:
            raise HangUpError
        if args and command == "notify_job":
            self.model.touch(self.known(args[0]), "")
        if args and command == "notify_machine" and self.model.machine(args[0]) is None:
            raise CommandError("no such machine")
        super().watch(command, args, watches)

    def list_jobs(self) -> list[dict[str, object]]:
        return super().list_jobs()[::-1]

    def describe(self, job: Job) -> dict[str, object]:
        by_interval = self.keepalive_in_list == "interval"
        return {
            **super().describe(job),
            "owner": "<Hidden>" if self.shroud else job.owner,
            "args": None if self.shroud else job.args,
            "kwargs": None if self.shroud else job.kwargs,
            "keepalive": job.keepalive if by_interval else job.kept_alive_at,
            "allocated_machine_name": job.machine.name if job.machine else self.model.machines[0].name,
            "boards": job.boards,
            "reason": "",
        }

    def link_number(self, link: int) -> int:
        return (2 - link) % 6

    def get_board_position(self, machine_name: str, x: int, y: int, z: int) -> object:
        return found(super().get_board_position(machine_name, x, y, z))

    def get_board_at_position(self, machine_name: str, x: int, y: int, z: int) -> object:
        return found(super().get_board_at_position(machine_name, x, y, z))

    def where_is(self, **kwargs: object) -> dict[str, object] | None:
        if "job_id" in kwargs:
            self.need_boards(self.known(kwargs["job_id"]))
        machine = self.model.machine(kwargs.get("machine"))
        if "job_id" not in kwargs and machine is None:
            raise CommandError("no such machine")
        if machine is not None and not self.inside(machine.width, machine.height, kwargs):
            raise CommandError("no such board")
        found(location := super().where_is(**kwargs))
        return location

    def inside(self, width: int, height: int, where: dict) -> bool:
        """False for what the classic server would wrap around."""
        chips = 0 <= where.get("chip_x", 0) < 12 * width and 0 <= where.get("chip_y", 0) < 12 * height
        return chips and 0 <= where.get("x", 0) < width and 0 <= where.get("y", 0) < height

    def report_problem(self, ip: str, **kwargs: object) -> None:
        self.problems.append({"ip": ip, **kwargs})


def found(place: object) -> object:
    if place is None:
        raise CommandError("no such board")
    return place
