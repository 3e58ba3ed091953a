"""The magics that look: ``%spalloc_job`` (which switches boards, too), ``_ps``, ``_machine`` and ``_where_is``."""

from typing import TYPE_CHECKING

from spalloc_client.commands import job as job_command
from spalloc_client.commands.arguments import JobAction, JobArguments
from spalloc_client.commands.machine import MachineLoad, list_machines, show_machine
from spalloc_client.commands.ps import list_jobs
from spalloc_client.commands.where_is import where_is
from spalloc_client.config import Config
from spalloc_client.job import Job
from spalloc_client.records import Location
from spalloc_client.server import Server
from spalloc_client.states import JobState
from spalloc_jupyter.errors import Interrupted
from spalloc_jupyter.grammar import SPALLOC_JOB, SPALLOC_MACHINE, SPALLOC_PS, SPALLOC_WHERE_IS
from spalloc_jupyter.jobs import JOBS
from spalloc_jupyter.live_views import job_list, job_panel, machine_panel
from spalloc_jupyter.results import EthernetIp, ips_table, jobs_table, machines_table
from spalloc_jupyter.showing import Seen
from spalloc_jupyter.tables import Records

if TYPE_CHECKING:
    from spalloc_jupyter.call import Call


def run_ps(call: "Call", words: tuple[str, ...]) -> Seen:
    """Return the jobs that are queued or running."""
    asked = SPALLOC_PS.read(words)
    config = Config.load(arguments=call.settings.below(asked.options))
    with Server.from_config(config) as server:
        jobs = jobs_table(list_jobs(server, owner=asked.owner, machine=asked.machine))
    return Seen(jobs, lambda: job_list(config, asked.owner or "", asked.machine or ""))


def run_machine(call: "Call", words: tuple[str, ...]) -> Seen | Records[MachineLoad]:
    """Return the machines, or the one that is named."""
    asked = SPALLOC_MACHINE.read(words)
    config = Config.load(arguments=call.settings.below(asked.options))
    with Server.from_config(config) as server:
        name = asked.machine
        if name is None:
            return machines_table(list_machines(server))
        return Seen(show_machine(server, name), lambda: machine_panel(config, name))


def run_where_is(call: "Call", words: tuple[str, ...]) -> Location:
    """Return where a chip or a board is."""
    asked = SPALLOC_WHERE_IS.read(words)
    with Server.from_config(Config.load(arguments=call.settings.below(asked.options))) as server:
        return where_is(server, asked.query)


def run_job(call: "Call", words: tuple[str, ...]) -> Seen | job_command.JobReport | Records[EthernetIp] | None:
    """Return what is known of a job, or its host names; nothing of a job that was destroyed."""
    asked = SPALLOC_JOB.read(words)
    config = Config.load(arguments=call.settings.below(asked.options))
    with Server.from_config(config) as server:
        job_id = _which(server, asked, config.owner)
        match asked.action:
            case JobAction.ethernet_ips:
                return ips_table(job_command.ethernet_ips(server, job_id))
            case JobAction.power_on | JobAction.power_off:
                _switch(server, job_id, asked.action is JobAction.power_on)
            case JobAction.destroy:
                by = f"destroyed by {config.owner}" if config.owner else None
                _destroy(server, job_id, asked.reason or by)
                return None
            case JobAction.info | JobAction.watch:
                pass
        report = job_command.JobReporter(server, job_id, config.owner).report()
        own = next((job for job in _own(server) if job.id == job_id), None)
    return report if own is None else Seen(report, lambda: job_panel(own))


def _own(server: Server) -> list[Job]:
    """Return this kernel's jobs on a server that have not ended here."""
    address = (server.hostname, server.port)
    return [job for job in JOBS if job.end is None and (job.server.hostname, job.server.port) == address]


def _which(server: Server, asked: JobArguments, owner: str | None) -> int:
    """Return the job that is meant: this kernel's only one, before the owner's only one."""
    own = _own(server)
    if asked.job_id is None and "owner" not in asked.options and len(own) == 1:
        return own[0].id
    return job_command.find_job(server, asked.job_id, owner)


def _switch(server: Server, job_id: int, power: bool) -> None:
    """Switch a job's boards, and wait until that is done."""
    try:
        for _ in job_command.switch_job(server, job_id, power):
            pass
    except KeyboardInterrupt:
        on = "on" if power else "off"
        raise Interrupted(f"the boards of job {job_id} go on being switched {on}, without anybody waiting.") from None


def _destroy(server: Server, job_id: int, reason: str | None) -> None:
    own = next((job for job in _own(server) if job.id == job_id), None)
    if own is not None and own.state is not JobState.destroyed:
        own.destroy(reason)
        done = True
    else:
        done = job_command.destroy_job(server, job_id, reason)
    print(f"Job {job_id} {'was destroyed' if done else 'had ended before'}.")  # noqa: T201 - that is its whole output
