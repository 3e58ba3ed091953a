"""``%spalloc``: a job is asked for, or found again, bound, shown, waited for and put to use."""

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING

from spalloc_client.boot import boot, check_rig
from spalloc_client.commands.alloc import waiting
from spalloc_client.job import Job
from spalloc_jupyter import panels
from spalloc_jupyter.errors import Interrupted
from spalloc_jupyter.grammar import SPALLOC
from spalloc_jupyter.jobs import JOBS, Wish

if TYPE_CHECKING:
    from spalloc_jupyter.call import Call


def run(call: "Call", words: tuple[str, ...]) -> Job | None:
    """Return the job that the words ask for, ready unless they say otherwise; nothing for a cell, where it ends."""
    allocation = Allocation(call, words)
    with allocation.log():
        if call.cell is not None:
            allocation.for_one_cell(call.cell)
            return None
        return allocation.again() or allocation.anew()


class Allocation:
    """What one line asks for, on its way to boards.

    Parameters
    ----------
    call
        The magic that runs.
    words
        Its words.

    Raises
    ------
    UsageError, RequestError, ConfigError
        If they cannot be understood, or no server could fulfil them.
    """

    def __init__(self, call: "Call", words: tuple[str, ...]) -> None:
        self._asked = SPALLOC.read(words)
        self._shell = call.shell
        self._name = self._asked.name
        self._wish = Wish.of(self._asked.alloc, call.settings.below(self._asked.alloc.options))

    def log(self) -> AbstractContextManager[None]:
        """Return a block in which what happens behind the scenes is told, if that is asked for."""
        if not self._asked.alloc.debug:
            return nullcontext()
        from spalloc_jupyter.debugging import log_told

        return log_told()

    def again(self) -> Job | None:
        """Return the job that was made for an equal wish and lives; None if there is none."""
        held = None if self._asked.new else JOBS.living(self._name)
        if held is None or held.wish != self._wish:
            return None
        job = held.job
        self._say(f"Job {job.id} lives and is what you ask for, so it is used again (--new asks for another).")
        self._bring_up(job)
        try:
            self._run_command(job)
        except KeyboardInterrupt:
            raise Interrupted(f"the command was stopped; job {job.id} lives on.") from None
        return job

    def anew(self) -> Job:
        """Return a job that is asked for now; the one of its name is let go first.

        As in a shell, boards that are asked for to run a command end with the command.
        """
        if not self._asked.alloc.command:
            return self._bring_up(self._ask())
        with self._ended_afterwards("its command has ended"):
            job = self._bring_up(self._ask())
            with self._interruptible():
                self._run_command(job)
        return job

    def for_one_cell(self, cell: str) -> None:
        """Run a cell's lines with a job that ends with them; their error is the cell's."""
        from spalloc_jupyter.cell import check_lines, run_lines

        check_lines(self._shell, cell)
        with self._ended_afterwards("its cell has ended"):
            job = self._bring_up(self._ask())
            with self._interruptible():
                self._run_command(job)
            run_lines(self._shell, cell)

    # ---- the steps

    def _ask(self) -> Job:
        if self._asked.alloc.boot:
            check_rig()
        with self._interruptible():
            self._let_go("another job takes its place")
            job = JOBS.make(self._name, self._wish)
            self._shell.user_ns[self._name] = job
        return job

    def _bring_up(self, job: Job) -> Job:
        """Show a job, wait until it is ready and boot it, as far as that is asked for."""
        with self._interruptible():
            self._shell.user_ns[self._name] = job
            panel = panels.show(job, self._name, self._shell)
            if not self._asked.wait:
                return job
            for progress in waiting(job, time.monotonic()):
                panel.follow(progress)
            panel.ready()
            if self._asked.alloc.boot:
                self._say(f"Booting job {job.id} …")
                boot(job.connections or {})
        return job

    def _run_command(self, job: Job) -> None:
        if self._asked.alloc.command:
            from spalloc_jupyter.command_run import run_command

            run_command(job, self._asked.alloc.command)

    def _say(self, sentence: str) -> None:
        if not self._asked.alloc.quiet:
            print(sentence, flush=True)  # noqa: T201 - a cell's output is where it belongs

    # ---- the end

    @contextmanager
    def _interruptible(self) -> Iterator[None]:
        """Let the job go if Interrupt is pressed, and say so."""
        try:
            yield
        except KeyboardInterrupt:
            raise Interrupted(self._let_go("interrupted") or "no job was made.") from None

    @contextmanager
    def _ended_afterwards(self, why: str) -> Iterator[None]:
        try:
            yield
        finally:
            self._let_go(why)

    def _let_go(self, reason: str) -> str:
        """Let the job of this name go; return what became of it, nothing if there was none."""
        held = JOBS.let_go(self._name, reason)
        if held is None:
            return ""
        panels.put_away(self._name, self._shell)
        number = held.job.id
        if held.wish.no_destroy:
            return f"job {number} was left to itself, as --no-destroy asks; --resume {number} takes it over."
        return f"job {number} was destroyed."
