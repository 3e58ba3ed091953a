"""What the words of the five commands say, as frozen values."""

import enum
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from spalloc_client.commands.queries import Query


class AllocArguments(NamedTuple):
    """What ``spalloc`` was asked for."""

    what: tuple[int, ...] = ()
    """Nothing, (boards,), (width, height) in triads or (x, y, z)."""
    options: Mapping[str, object] = MappingProxyType({})
    """The options of :class:`spalloc_client.Job` that were given, by name."""
    resume: int | None = None
    """The job to take over."""
    no_destroy: bool = False
    boot: bool = False
    command: tuple[str, ...] = ()
    """One word is shell text, several are a command and its arguments."""
    quiet: bool = False
    debug: bool = False


class JobAction(enum.Enum):
    """What ``spalloc-job`` is to do."""

    info = "info"
    watch = "watch"
    power_on = "power-on"
    power_off = "power-off"
    ethernet_ips = "ethernet-ips"
    destroy = "destroy"


class JobArguments(NamedTuple):
    """What ``spalloc-job`` was asked for."""

    job_id: int | None = None
    """None for the only job of the owner."""
    action: JobAction = JobAction.info
    reason: str | None = None
    """Why a job is destroyed."""
    options: Mapping[str, object] = MappingProxyType({})
    """The settings that were given, by name: ``owner``, ``hostname`` …"""


class PsArguments(NamedTuple):
    """What ``spalloc-ps`` was asked for."""

    owner: str | None = None
    machine: str | None = None
    watch: bool = False
    options: Mapping[str, object] = MappingProxyType({})


class MachineArguments(NamedTuple):
    """What ``spalloc-machine`` was asked for."""

    machine: str | None = None
    """None for all of them."""
    detailed: bool = False
    watch: bool = False
    options: Mapping[str, object] = MappingProxyType({})


class WhereIsArguments(NamedTuple):
    """What ``spalloc-where-is`` was asked for."""

    query: Query
    options: Mapping[str, object] = MappingProxyType({})
