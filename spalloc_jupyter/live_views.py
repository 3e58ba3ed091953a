"""Live views of what the looking magics return. They need ipywidgets: each raises ImportError where there is none."""

import time
from typing import TYPE_CHECKING, Final

from spalloc_client.config import Config
from spalloc_client.job import Job
from spalloc_jupyter.jobs import JOBS

if TYPE_CHECKING:
    from spalloc_jupyter.job_list import JobList
    from spalloc_jupyter.job_panel import JobPanel
    from spalloc_jupyter.live import LiveServer
    from spalloc_jupyter.machine_panel import MachinePanel

_PATIENCE: Final = 2.0  # seconds for the first news, which are what is seen where widgets are not


def job_list(config: Config, owner: str, machine: str) -> "JobList":
    """Return all jobs of a server, or those of an owner or on a machine, as a live view."""
    from spalloc_jupyter.job_list import JobList

    live = _heard(config)
    try:
        return JobList(config, owner=owner, machine=machine)
    finally:
        live.leave()


def machine_panel(config: Config, name: str) -> "MachinePanel":
    """Return a machine as a live view."""
    from spalloc_jupyter.machine_panel import MachinePanel

    live = _heard(config)
    try:
        return MachinePanel(config, name, JOBS)
    finally:
        live.leave()


def job_panel(job: Job) -> "JobPanel":
    """Return one of this kernel's jobs as a live view."""
    from spalloc_jupyter.job_panel import JobPanel

    return JobPanel(job, JOBS.name_of(job))


def _heard(config: Config) -> "LiveServer":
    """Follow a server that has been heard, as far as it can be."""
    from spalloc_jupyter.live import watch

    live = watch(config)
    end = time.monotonic() + _PATIENCE
    while live.heard_at is None and not live.trouble and time.monotonic() < end:
        time.sleep(0.01)
    return live
