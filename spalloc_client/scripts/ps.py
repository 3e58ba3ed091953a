"""The command ``spalloc-ps``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spalloc_client.scripts.signals import interruptible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from spalloc_client.commands.arguments import PsArguments
    from spalloc_client.records import JobRecord
    from spalloc_client.scripts.shell import Output


def main(words: Sequence[str] | None = None) -> int:
    """Run the command with `words` (None: those of the process) and return its exit code."""
    return interruptible("spalloc-ps", lambda: _parse_and_run(words))


def _parse_and_run(words: Sequence[str] | None) -> int:
    from spalloc_client.commands.catalogue import PS
    from spalloc_client.scripts.shell import parse, run

    arguments, output = parse(PS, words, csv="one line a job")
    return run(PS.name, lambda: _main(arguments, output))


def _main(arguments: PsArguments, output: Output) -> int:
    from spalloc_client.commands.ps import list_jobs
    from spalloc_client.commands.watching import looks
    from spalloc_client.config import Config
    from spalloc_client.scripts.job_table import JOBS
    from spalloc_client.scripts.showing import keep_showing, show_once
    from spalloc_client.server import Server

    with Server.from_config(Config.load(arguments=arguments.options)) as server:

        def read() -> list[JobRecord]:
            return list_jobs(server, owner=arguments.owner, machine=arguments.machine)

        if arguments.watch:
            keep_showing(looks(server, read, "notify_job"), JOBS, output)
        else:
            show_once(read(), JOBS, output)
    return 0
