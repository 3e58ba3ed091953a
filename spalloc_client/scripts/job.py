"""The command ``spalloc-job``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from spalloc_client.scripts.signals import Interrupted, interruptible

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from spalloc_client.commands.arguments import JobArguments
    from spalloc_client.commands.job import JobReport
    from spalloc_client.commands.watching import Look
    from spalloc_client.scripts.shell import Output
    from spalloc_client.server import Server

_INTERRUPTED_SWITCHING = 7


def main(words: Sequence[str] | None = None) -> int:
    """Run the command with `words` (None: those of the process) and return its exit code."""
    return interruptible("spalloc-job", lambda: _parse_and_run(words))


def _parse_and_run(words: Sequence[str] | None) -> int:
    from spalloc_client.commands.catalogue import JOB
    from spalloc_client.scripts.shell import parse, run

    arguments, output = parse(JOB, words, csv=None)
    return run(JOB.name, lambda: _main(arguments, output))


def _main(arguments: JobArguments, output: Output) -> int:
    from spalloc_client.commands.arguments import JobAction
    from spalloc_client.commands.job import find_job
    from spalloc_client.config import Config
    from spalloc_client.server import Server

    config = Config.load(arguments=arguments.options)
    with Server.from_config(config) as server:
        job_id = find_job(server, arguments.job_id, config.owner)
        match arguments.action:
            case JobAction.ethernet_ips:
                return _list_ips(server, job_id, output)
            case JobAction.power_on:
                return _switch(server, job_id, True)
            case JobAction.power_off:
                return _switch(server, job_id, False)
            case JobAction.destroy:
                by = f"destroyed by {config.owner}" if config.owner else None
                return _destroy(server, job_id, arguments.reason or by)
            case JobAction.watch:
                return _watch(server, job_id, config.owner, output)
            case JobAction.info:
                return _show(server, job_id, config.owner, output)


def _list_ips(server: Server, job_id: int, output: Output) -> int:
    from spalloc_client.commands.job import ethernet_ips
    from spalloc_client.scripts import as_json
    from spalloc_client.scripts.showing import put_csv

    connections = ethernet_ips(server, job_id)
    if output.json:
        as_json.put({"connections": as_json.connections(connections)})
    else:
        put_csv([("x", "y", "hostname"), *((*chip, host) for chip, host in connections.items())])
    return 0


def _switch(server: Server, job_id: int, power: bool) -> int:
    from spalloc_client.commands.job import switch_job
    from spalloc_client.scripts.shell import complain
    from spalloc_client.scripts.status_line import StatusLine

    with StatusLine() as line:
        try:
            for _ in switch_job(server, job_id, power):
                line.show(f"job {job_id}: switching its boards {'on' if power else 'off'}")
        except Interrupted as signal:
            line.clear()
            complain("spalloc-job", "no longer waiting; the boards go on switching")
            return _INTERRUPTED_SWITCHING if signal.is_ctrl_c else signal.exit_code
    return 0


def _destroy(server: Server, job_id: int, reason: str | None) -> int:
    from spalloc_client.commands.job import destroy_job
    from spalloc_client.scripts.shell import complain

    if not destroy_job(server, job_id, reason):
        complain("spalloc-job", f"job {job_id} had ended before")
    return 0


def _show(server: Server, job_id: int, owner: str | None, output: Output) -> int:
    from spalloc_client.commands.job import JobReporter
    from spalloc_client.scripts.job_views import JOB_REPORT
    from spalloc_client.scripts.showing import show_once

    show_once(JobReporter(server, job_id, owner).report(), JOB_REPORT, output)
    return 0


def _watch(server: Server, job_id: int, owner: str | None, output: Output) -> int:
    from spalloc_client.commands.job import JobReporter
    from spalloc_client.commands.watching import looks
    from spalloc_client.scripts.ink import is_terminal
    from spalloc_client.scripts.job_views import JOB_REPORT
    from spalloc_client.scripts.showing import keep_showing, show_once

    # Of all jobs: to be told of one keeps it alive on some servers.
    reports = looks(server, JobReporter(server, job_id, owner).report, "notify_job")
    last = _Last(reports)
    keep_showing(last, JOB_REPORT, output)
    if is_terminal(sys.stdout) and not output.json and last.report is not None:
        show_once(last.report, JOB_REPORT, output)  # the terminal's other screen took it away
    return 0


class _Last:
    """Looks at a job until it has ended, and remembers the last of them."""

    def __init__(self, reports: Iterator[Look[JobReport]]) -> None:
        self._reports = reports
        self.report: JobReport | None = None

    def __iter__(self) -> Iterator[Look[JobReport]]:
        for look in self._reports:
            self.report = look.seen
            yield look
            if look.seen.job.state.name == "destroyed":
                return
