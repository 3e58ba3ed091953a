"""What type checkers are to find out about the public interface; never run, only read by them."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import assert_type

from matplotlib.axes import Axes

from spalloc_client import Job, JobDestroyedError, JobState, ProtocolClient, ProtocolError, SpallocError
from spalloc_client.config import Config
from spalloc_client.queue_position import QueuePosition
from spalloc_client.records import (
    Allocation,
    Board,
    Chip,
    ChipLocation,
    DeadLink,
    JobRecord,
    JobStatus,
    Location,
    MachineRecord,
    PhysicalLocation,
)
from spalloc_client.request import JobRequest
from spalloc_client.sandbox import Sandbox
from spalloc_client.server import Server
from spalloc_jupyter.board_map import Drawing, draw_machine, map_png, map_svg, plot_boards, plot_machine


def all_ways_to_ask() -> None:
    Job()
    Job(1)
    Job(4, min_ratio=0.5)
    Job(4, 5)
    Job(4, 2, require_torus=True)
    Job(3, 2, 1, machine="m")
    Job(resume_job_id=123)
    Job(3, hostname="server", port=22244, reconnect_delay=5, timeout=None, config_filenames=[])
    Job(3, hostname="server", port="22244", config_filenames=[Path("a")], owner="me", keepalive=None)
    Job(3, tags=["a", "b"], max_dead_boards=None, max_dead_links=3)
    Job(3, avoid=["10.0.0.1", (0, 0, 1), Board(0, 0, 2)], retries=2, no_destroy=True)


def a_job(job: Job) -> None:
    assert_type(job.id, int)
    assert_type(job.state, JobState)
    assert_type(job.power, bool | None)
    assert_type(job.reason, str | None)
    assert_type(job.hostname, str | None)
    assert_type(job.connections, Mapping[Chip, str] | None)
    assert_type(job.width, int | None)
    assert_type(job.height, int | None)
    assert_type(job.machine_name, str | None)
    assert_type(job.boards, tuple[Board, ...] | None)
    assert_type(job.allocation, Allocation | None)
    assert_type(job.request, JobRequest | None)
    assert_type(job.queue_position, QueuePosition | None)
    assert_type(job.last_kept_alive, float | None)
    assert_type(job.status(), JobStatus)
    assert_type(job.events(), Iterator[JobState])
    assert_type(job.wait_for_state_change(JobState.queued, timeout=5), JobState)
    assert_type(job.where_is_machine(0, 0), PhysicalLocation)
    assert_type(job.chip_location(chip_x=0, chip_y=0), ChipLocation)
    job.wait_until_ready(timeout=None, queue_timeout=1.5)
    job.set_power(False)
    job.reset()
    job.report_problem(0, 0, "silent", processor=3)
    job.close()
    job.destroy(reason="done")


def a_block(job: Job) -> None:
    with job as entered:
        assert_type(entered, Job)
    try:
        job.wait_until_ready()
    except JobDestroyedError as error:
        assert_type(error, JobDestroyedError)


async def awaited() -> None:
    async with Job(3) as entered:
        assert_type(entered, Job)
    assert_type(await Job(3), Job)


def states() -> None:
    assert_type(JobState(3), JobState)
    name: str = JobState.ready.name
    del name


def errors(error: SpallocError, lost: ProtocolError) -> None:
    general: Exception = error
    system: OSError = lost
    assert_type(lost.errno, int | None)
    del general, system


def a_protocol_client() -> None:
    with ProtocolClient("server", 22244, timeout=5) as client:
        assert_type(client, ProtocolClient)
        assert_type(client.version(), object)
        assert_type(client.call("version", timeout=None), object)
        assert_type(client.something_new(1, two=3), object)
        assert_type(client.wait_for_notification(-1), dict[str, object] | None)


def a_server() -> None:
    with Server.from_config(Config.load()) as server:
        assert_type(server.jobs(), list[JobRecord])
        assert_type(server.machines(), list[MachineRecord])
        assert_type(server.where_is(machine="m", x=0, y=0, z=0), Location | None)


def settings() -> None:
    config = Config.load([], environ={}, arguments={"owner": "me"})
    assert_type(config, Config)
    assert_type(config.tags, tuple[str, ...] | None)
    assert_type(config.keepalive, float | None)


def records(machine: MachineRecord, place: Location) -> None:
    x, y, z = place.board
    assert_type(x + y + z, int)
    assert_type(machine.dead_boards, frozenset[Board])
    assert_type(machine.dead_links, frozenset[DeadLink])
    assert_type(place.job_id, int | None)


def maps(machine: MachineRecord, jobs: list[JobRecord]) -> None:
    assert_type(plot_machine(machine, jobs=jobs, highlight=[12, (0, 0, 1)]), Axes)
    assert_type(plot_boards(machine, [(0, 0, 0)], job=12), Axes)
    assert_type(draw_machine(machine), Drawing)
    assert_type(map_png(draw_machine(machine)), bytes)
    assert_type(map_svg(draw_machine(machine)), str)


def a_sandbox() -> None:
    with Sandbox(boards=24, dead_boards=[(0, 0, 1)]) as sandbox:
        assert_type(sandbox, Sandbox)
        assert_type(sandbox.port, int)
        assert_type(sandbox.boards_on(), frozenset[Board])
        assert_type(sandbox.environ(), dict[str, str])
