"""The jobs and machines that a scripted server tells of: few rules, all in the test's hands."""

import math
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

UNKNOWN, QUEUED, POWER, READY, DESTROYED = range(5)
ORDER_WITHIN_TRIAD = {(0, 0): 0, (8, 4): 1, (4, 8): 2}

Board = tuple[int, int, int]


@dataclass
class Machine:
    """One machine of `width` by `height` triads; dead links count as the classic server counts them."""

    name: str = "m"
    width: int = 4
    height: int = 4
    tags: list[str] = field(default_factory=lambda: ["default"])
    dead_boards: set[Board] = field(default_factory=set)
    dead_links: list[tuple[int, int, int, int]] = field(default_factory=list)

    def boards(self) -> list[Board]:
        return [(x, y, z) for x in range(self.width) for y in range(self.height) for z in range(3)]

    def host(self, board: Board) -> str:
        x, y, z = board
        index = (x * self.height + y) * 3 + z
        return f"10.11.{193 + index // 31}.{1 + 8 * (index % 31)}"

    def physical(self, board: Board) -> Board:
        """Return cabinet, frame and board number: 24 boards a frame, 5 frames a cabinet."""
        x, y, z = board
        index = (x * self.height + y) * 3 + z
        return index // 120, index // 24 % 5, index % 24

    def board_at(self, physical: Board) -> Board | None:
        return next((board for board in self.boards() if self.physical(board) == physical), None)

    def ethernet_chip(self, board: Board) -> tuple[int, int]:
        x, y, z = board
        chip_x, chip_y = next(chip for chip, place in ORDER_WITHIN_TRIAD.items() if place == z)
        return (12 * x + chip_x) % (12 * self.width), (12 * y + chip_y) % (12 * self.height)

    def board_of_chip(self, chip: tuple[int, int]) -> tuple[Board, tuple[int, int]] | None:
        """Return the board that holds a chip, and the chip's place on it; coordinates wrap around."""
        for board in self.boards():
            x, y = self.ethernet_chip(board)
            on_x, on_y = (chip[0] - x) % (12 * self.width), (chip[1] - y) % (12 * self.height)
            if on_x < 8 and on_y < 8 and -4 < on_x - on_y < 5:
                return board, (on_x, on_y)
        return None


@dataclass
class Job:
    """One job, with all that happened to it."""

    id: int
    args: list[int]
    kwargs: dict[str, object]
    owner: str
    keepalive: float | None
    host: str
    state: int = QUEUED
    power: bool | None = None
    reason: str | None = None
    machine: Machine | None = None
    boards: list[Board] = field(default_factory=list)
    start_time: float = field(default_factory=time.time)
    history: list[int] = field(default_factory=lambda: [QUEUED])
    keepalives: list[float] = field(default_factory=lambda: [time.monotonic()])
    kept_alive_at: float = field(default_factory=time.time)
    deadly: bool = False
    """A job that the classic server cannot expire: its only thread dies of the attempt."""

    @property
    def overdue(self) -> bool:
        return self.keepalive is not None and time.monotonic() - self.keepalives[-1] > self.keepalive

    @property
    def origin(self) -> Board:
        return min(self.boards)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in chips: 8 by 8 for one board, else triads and, without a torus, a margin."""
        if len(self.boards) == 1 or self.machine is None:
            return 8, 8
        width = 1 + max(x for x, _, _ in self.boards) - self.origin[0]
        height = 1 + max(y for _, y, _ in self.boards) - self.origin[1]
        return (
            12 * width + (0 if width == self.machine.width else 4),
            12 * height + (0 if height == self.machine.height else 4),
        )

    def connections(self) -> Iterator[tuple[tuple[int, int], str]]:
        assert self.machine is not None
        origin_x, origin_y = self.machine.ethernet_chip(self.origin)
        for board in self.boards:
            x, y = self.machine.ethernet_chip(board)
            yield (x - origin_x, y - origin_y), self.machine.host(board)

    def move(self, state: int) -> None:
        self.state = state
        self.history.append(state)


class Model:
    """Jobs and machines, changed by requests and by the test; whoever listens hears of each change.

    Parameters
    ----------
    machines
        In the order in which they are tried.
    pace
        How far a new job gets by itself: ``QUEUED``, ``POWER`` or ``READY`` (given that boards are free).
    """

    def __init__(self, machines: Iterable[Machine], pace: int) -> None:
        self.machines = list(machines)
        self.pace = pace
        self.jobs: dict[int, Job] = {}
        self.lock = threading.RLock()
        self.power_failures = 0
        """How many of the next power-ons fail."""
        self.requeues_on_failure = False
        """True: a failed power-on sends the job back into the queue; False: it ends the job."""
        self.listener: Callable[[set[int], set[str]], None] = lambda _jobs, _machines: None
        self.next_id = 1

    def machine(self, name: object) -> Machine | None:
        return next((machine for machine in self.machines if machine.name == name), None)

    def matching(self, job: Job) -> list[Machine]:
        """Return the machines that the job may have: the one it names, or those with all its tags."""
        name, tags = job.kwargs.get("machine"), job.kwargs.get("tags")
        if name is not None:
            return [machine for machine in self.machines if machine.name == name]
        wanted = set(tags) if isinstance(tags, list) and tags else {"default"}
        return [machine for machine in self.machines if wanted <= set(machine.tags)]

    def create(self, args: list[int], kwargs: dict[str, object], keepalive: float | None, host: str) -> Job:
        with self.lock:
            job = Job(self.next_id, args, kwargs, str(kwargs["owner"]), keepalive, host)
            self.next_id += 1
            self.jobs[job.id] = job
        return job

    def possible(self, job: Job) -> bool:
        """True if the job's machines would do, were they all free."""
        return any(candidate_boards(job.args, machine, set()) for machine in self.matching(job))

    def advance(self, job: Job) -> None:
        """Take a job as far as the pace allows, and tell."""
        with self.lock:
            if self.pace >= POWER and job.state == QUEUED:
                self.allocate(job.id)
            elif self.pace >= READY and job.state == POWER:
                self.make_ready(job.id)
            else:
                self.tell(job)

    def allocate(self, job_id: int) -> bool:
        """Give a queued job free boards and switch them on; False if there are none."""
        with self.lock:
            job = self.jobs[job_id]
            for machine in self.matching(job):
                taken = {b for other in self.live() if other.machine is machine for b in other.boards}
                boards = candidate_boards(job.args, machine, taken)
                if boards:
                    job.machine, job.boards = machine, boards
                    self.switch(job_id, on=True)
                    return True
            self.tell(job)
            return False

    def switch(self, job_id: int, *, on: bool) -> None:
        """Begin to switch a job's boards; they are done when the pace or the test says so."""
        with self.lock:
            job = self.jobs[job_id]
            job.power = on
            job.move(POWER)
            self.tell(job)
            if on and self.power_failures > 0:
                self.power_failures -= 1
                self.fail_power(job_id)
            elif self.pace >= READY:
                self.make_ready(job_id)

    def fail_power(self, job_id: int) -> None:
        """Let the power-on that is under way fail."""
        with self.lock:
            if self.requeues_on_failure:
                self.requeue(job_id)
            else:
                self.destroy(job_id, "Machine configuration failed. Error: board did not answer")

    def make_ready(self, job_id: int) -> None:
        with self.lock:
            self.jobs[job_id].move(READY)
            self.tell(self.jobs[job_id])

    def requeue(self, job_id: int) -> None:
        with self.lock:
            job = self.jobs[job_id]
            machine, job.machine, job.boards, job.power = job.machine, None, [], None
            job.move(QUEUED)
            self.tell(job, machine)

    def destroy(self, job_id: int, reason: str | None = None) -> None:
        """End a job; its boards go to whoever is next in the queue."""
        with self.lock:
            job = self.jobs[job_id]
            if job.state == DESTROYED:
                return
            job.reason = reason
            machine, job.machine, job.boards, job.power = job.machine, None, [], None
            job.move(DESTROYED)
            self.tell(job, machine)
            if self.pace >= POWER:
                for waiting in [other for other in self.live() if other.state == QUEUED]:
                    self.allocate(waiting.id)

    def live(self) -> list[Job]:
        """Return the jobs that have not ended, oldest first."""
        return [job for job in self.jobs.values() if job.state != DESTROYED]

    def touch(self, job: Job, host: str) -> None:
        with self.lock:
            job.keepalives.append(time.monotonic())
            job.kept_alive_at = time.time()
            job.host = host

    def tell(self, job: Job, machine: Machine | None = None) -> None:
        machine = machine or job.machine
        self.listener({job.id}, {machine.name} if machine else set())


def candidate_boards(args: list[int], machine: Machine, taken: set[Board]) -> list[Board]:
    """Return free boards that fulfil a request, or none: the first that are found."""
    free = set(machine.boards()) - machine.dead_boards - taken
    if len(args) == 3:
        board = (args[0], args[1], args[2])
        return [board] if board in free else []
    if len(args) < 2 and (args or [1])[0] == 1:
        return sorted(free)[:1]
    for width, height in shapes(args, machine):
        for x in range(machine.width - width + 1):
            for y in range(machine.height - height + 1):
                block = [b for b in machine.boards() if 0 <= b[0] - x < width and 0 <= b[1] - y < height]
                if free.issuperset(set(block) - machine.dead_boards) and block[0] in free:
                    return [board for board in block if board in free]
    return []


def shapes(args: list[int], machine: Machine) -> Iterator[tuple[int, int]]:
    """Yield the sizes in triads that a request could be given, the smallest first."""
    if len(args) == 2:
        yield args[0], args[1]
        return
    triads = math.ceil(args[0] / 3)
    sizes = [(w, h) for w in range(1, machine.width + 1) for h in range(1, machine.height + 1)]
    yield from sorted((s for s in sizes if s[0] * s[1] >= triads), key=lambda s: (s[0] * s[1], abs(s[0] - s[1])))
