"""The command ``spalloc``."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from spalloc_client.scripts.signals import Interrupted, check_interrupted, interruptible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from spalloc_client.commands.arguments import AllocArguments
    from spalloc_client.job import Job
    from spalloc_client.records import Allocation
    from spalloc_client.scripts.shell import Output
    from spalloc_client.scripts.status_line import StatusLine

_CTRL_C = 4
_CODES = {
    "NoJobError": 2,
    "RigMissingError": 2,
    "BootError": 5,
    "ProtocolError": 6,
    "ProtocolTimeoutError": 6,
    "SpallocServerException": 6,
    "ServerVersionError": 6,
    "UnexpectedAnswerError": 6,
    "WrappingError": 127,
}


def main(words: Sequence[str] | None = None) -> int:
    """Run the command with `words` (None: those of the process) and return its exit code."""
    return interruptible("spalloc", lambda: _parse_and_run(words), ctrl_c=_CTRL_C)


def _parse_and_run(words: Sequence[str] | None) -> int:
    from spalloc_client.commands.catalogue import ALLOC
    from spalloc_client.scripts.shell import parse, run

    arguments, output = parse(ALLOC, words, csv=None)
    return run(ALLOC.name, lambda: _main(arguments, output), _CODES)


def _main(arguments: AllocArguments, output: Output) -> int:
    from spalloc_client.commands.alloc import ask_for_boards
    from spalloc_client.scripts.logs import tell_of_logs
    from spalloc_client.scripts.shell import complain
    from spalloc_client.scripts.status_line import StatusLine

    begun = time.monotonic()
    if arguments.boot:
        from spalloc_client.boot import check_rig

        check_rig()
    with StatusLine() as line:
        tell_of_logs(line, debug=arguments.debug)
        job = ask_for_boards(arguments)
        try:
            code = _use(job, arguments, output, line, begun)
        except Interrupted as signal:
            line.clear()
            signal.outcome = _leave(job, arguments, f"ended by {signal}")
            raise
        except BaseException:
            _leave(job, arguments, None)
            raise
        outcome = _leave(job, arguments, None)
        if arguments.no_destroy and not arguments.quiet:
            complain("spalloc", outcome)
        return code


def _leave(job: Job, arguments: AllocArguments, reason: str | None) -> str:
    """Give the boards back, or leave the job to itself, as was asked for; return what becomes of it, in words."""
    if arguments.no_destroy:
        job.close()
        return f"job {job.id} goes on; spalloc --resume {job.id} takes it over"
    job.destroy(reason)
    return f"job {job.id} is destroyed"


def _use(job: Job, arguments: AllocArguments, output: Output, line: StatusLine, begun: float) -> int:
    """Wait for the boards, let them be used, and return the exit code."""
    from spalloc_client.exceptions import JobDestroyedError
    from spalloc_client.scripts.shell import complain

    try:
        allocation = _wait(job, arguments, line, begun)
        if arguments.boot:
            _boot(job, allocation, arguments, line)
        if arguments.command:
            return _run(job, allocation, arguments)
        _hand_over(job, allocation, output)
    except JobDestroyedError as error:
        line.clear()
        complain("spalloc", f"job {job.id} was destroyed: {error}")
        return 1
    return 0


def _wait(job: Job, arguments: AllocArguments, line: StatusLine, begun: float) -> Allocation:
    from spalloc_client.commands.alloc import waiting
    from spalloc_client.exceptions import JobDestroyedError
    from spalloc_client.scripts.progress import show

    for progress in waiting(job, begun):
        check_interrupted()
        if not arguments.quiet:
            show(progress, line)
    allocation = job.allocation
    if allocation is None:
        raise JobDestroyedError("it lost its boards as soon as they were ready")
    if not arguments.quiet:
        line.keep(f"Job {job.id}: ready", "green")
    return allocation


def _boot(job: Job, allocation: Allocation, arguments: AllocArguments, line: StatusLine) -> None:
    from spalloc_client.boot import boot

    if not arguments.quiet:
        line.show(f"Job {job.id}: booting", "", "yellow")
    boot(allocation.connections)
    if not arguments.quiet:
        line.keep(f"Job {job.id}: booted", "green")


def _run(job: Job, allocation: Allocation, arguments: AllocArguments) -> int:
    """Run the user's command, and return its exit code."""
    from contextlib import ExitStack

    from spalloc_client.commands.wrapping import fill_in, ip_file, needs_ip_file, tokens
    from spalloc_client.scripts.child import run_command

    with ExitStack() as stack:
        wants_file = needs_ip_file(arguments.command)
        file = stack.enter_context(ip_file(allocation.connections)) if wants_file else ""
        check_interrupted()
        code = run_command(fill_in(arguments.command, tokens(job.id, allocation, file)))
    _say_if_destroyed(job)
    return code


def _say_if_destroyed(job: Job) -> None:
    """Say that the job was destroyed while its command ran, which may be why that failed."""
    from spalloc_client.exceptions import SpallocError
    from spalloc_client.scripts.shell import complain
    from spalloc_client.states import JobState

    try:
        status = job.status()
    except SpallocError:
        return
    if status.state is JobState.destroyed:
        complain("spalloc", f"job {job.id} was destroyed while the command ran: {status.reason or 'no reason given'}")


def _hand_over(job: Job, allocation: Allocation, output: Output) -> None:
    """Show the boards, and wait until they are not needed any more."""
    from spalloc_client.commands.wrapping import ip_file
    from spalloc_client.scripts.prompt import wait_for_enter
    from spalloc_client.scripts.shell import complain

    with ip_file(allocation.connections) as file:
        if output.json:
            from spalloc_client.scripts import as_json

            as_json.put(as_json.allocation(job.id, allocation))
        else:
            _print(allocation, file)
        try:
            wait_for_enter(job)
        except Interrupted as signal:
            if not signal.is_ctrl_c:
                raise
            complain("spalloc", f"done with job {job.id}")


def _print(allocation: Allocation, file: str) -> None:
    import sys

    from spalloc_client.scripts.ink import Line, Span, plain
    from spalloc_client.scripts.layout import facts
    from spalloc_client.scripts.screen import page_of, show

    pairs = [
        ("Hostname", plain(allocation.hostname or "")),
        ("Width", str(allocation.width)),
        ("Height", str(allocation.height)),
    ]
    if len(allocation.connections) > 1:
        pairs += [("Num boards", str(len(allocation.connections))), ("All hostnames", file)]
    pairs.append(("Running on", plain(allocation.machine_name)))
    values: list[tuple[str, list[Line]]] = [
        (label, [[Span(text, "bold" if label == "Hostname" else "")]]) for label, text in pairs
    ]
    show(facts(values, page_of(sys.stdout)))
