"""What ``--json`` tells; these names are promised to stay.

A job
    ``id``, ``owner``, ``state`` (``queued``, ``power``, ``ready``, ``destroyed``), ``power`` (true, false or null),
    ``start_time`` (seconds since 1970, UTC), ``keepalive`` (seconds or null), ``keepalive_host``, ``request`` (the
    numbers asked for), ``requirements``, ``machine``, ``boards`` (``[[x, y, z], …]``), ``reason``.
One job, shown alone
    has ``width`` and ``height`` (chips), ``hostname``, ``connections`` (``[{"x", "y", "hostname"}, …]``) and ``queue``
    (null, or ``position``, ``ahead``, ``boards_free``, ``boards_working``, ``machines``) besides.
The boards that ``spalloc`` was given
    ``id``, ``hostname``, ``width`` and ``height`` (chips), ``machine``, ``boards``, ``connections``.
A machine
    ``name``, ``tags``, ``width`` and ``height`` (triads), ``working``, ``in_use``, ``dead_boards``, ``dead_links``
    (``[[x, y, z, link], …]``, links count anticlockwise from east), ``jobs`` (ids; one machine, shown alone: jobs).
A location
    ``machine``, ``board``, ``cabinet``, ``frame``, ``slot``, ``chip``, ``board_chip``, ``job_id``, ``job_chip``.
"""

import json
import sys
from collections.abc import Mapping

from spalloc_client.commands.job import JobReport
from spalloc_client.commands.machine import MachineLoad
from spalloc_client.records import Allocation, Chip, JobRecord, Location

Object = dict[str, object]


def put(value: object) -> None:
    """Print a value as one line of JSON, in ASCII, so that no terminal obeys anything in it."""
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


def job(record: JobRecord) -> Object:
    """Return a job."""
    return {
        "id": record.id,
        "owner": record.owner,
        "state": record.state.name,
        "power": record.power,
        "start_time": record.start_time,
        "keepalive": record.keepalive,
        "keepalive_host": record.keepalive_host,
        "request": record.request,
        "requirements": dict(record.requirements),
        "machine": record.machine_name,
        "boards": record.boards,
        "reason": record.reason,
    }


def report(found: JobReport) -> Object:
    """Return one job, shown alone."""
    return {
        **job(found.job),
        "width": found.width,
        "height": found.height,
        "hostname": found.hostname,
        "connections": None if found.connections is None else connections(found.connections),
        "queue": None if found.queue is None else found.queue._asdict(),
    }


def connections(hosts: Mapping[Chip, str]) -> list[Object]:
    """Return the host names of Ethernet chips."""
    return [{"x": chip.x, "y": chip.y, "hostname": host} for chip, host in sorted(hosts.items())]


def allocation(job_id: int, boards: Allocation) -> Object:
    """Return the boards that a job was given."""
    return {
        "id": job_id,
        "hostname": boards.hostname,
        "width": boards.width,
        "height": boards.height,
        "machine": boards.machine_name,
        "boards": boards.boards,
        "connections": connections(boards.connections),
    }


def machine(load: MachineLoad) -> Object:
    """Return a machine, with the ids of its jobs."""
    return {
        "name": load.machine.name,
        "tags": sorted(load.machine.tags),
        "width": load.machine.width,
        "height": load.machine.height,
        "working": load.machine.working,
        "in_use": load.in_use,
        "dead_boards": sorted(load.machine.dead_boards),
        "dead_links": sorted(load.machine.dead_links),
        "jobs": [record.id for record in load.jobs],
    }


def machine_with_jobs(load: MachineLoad) -> Object:
    """Return one machine, shown alone."""
    return {**machine(load), "jobs": [job(record) for record in load.jobs]}


def location(place: Location) -> Object:
    """Return where a board or chip is."""
    return {
        "machine": place.machine,
        "board": place.board,
        "cabinet": place.physical.cabinet,
        "frame": place.physical.frame,
        "slot": place.physical.board,
        "chip": place.chip,
        "board_chip": place.board_chip,
        "job_id": place.job_id,
        "job_chip": place.job_chip,
    }
