"""The facts about a job where there are no widgets: as HTML that is replaced, or as lines in a terminal."""

from IPython.display import display

from spalloc_client.commands.alloc import Progress
from spalloc_client.exceptions import SpallocError
from spalloc_client.job import Job
from spalloc_jupyter.errors import one_line
from spalloc_jupyter.words import count, duration, listed, ordinal


class StaticPanel:
    """The facts about a job as HTML and text, shown anew as they change while a cell waits for them.

    Parameters
    ----------
    job
        The job.
    name
        The variable that it is bound to.
    """

    def __init__(self, job: Job, name: str) -> None:
        self._job = job
        self._name = name
        self._displays: list[str] = []

    def show(self) -> None:
        """Show the facts as they are now."""
        self._displays.append(f"spalloc-facts-{id(self)}-{len(self._displays)}")
        display(self._bundle(), raw=True, display_id=self._displays[-1])  # type: ignore[no-untyped-call] # untyped there

    def follow(self, progress: Progress) -> None:
        """Replace what is shown by the facts as they are now, which tell more than the progress."""
        del progress
        self.finish()

    def ready(self) -> None:
        """Replace what is shown by the facts as they are now."""
        self.finish()

    def finish(self) -> None:
        """Replace what is shown by the facts as they are now."""
        bundle = self._bundle()
        for display_id in self._displays:
            display(bundle, raw=True, display_id=display_id, update=True)  # type: ignore[no-untyped-call] # untyped there

    def close(self) -> None:
        """Leave what is shown: there is nothing to take away."""

    def _bundle(self) -> dict[str, str]:
        from spalloc_jupyter.chronicle import tell
        from spalloc_jupyter.snapshot import job_bundle

        try:
            return job_bundle(tell(self._job, self._name))
        except SpallocError as error:
            return {"text/plain": f"Job {self._job.id}: {one_line(str(error))}"}


class TerminalPanel:
    """The facts about a job as lines of text: one a change while it is waited for, then all of them, then its end.

    Parameters
    ----------
    job
        The job.
    name
        The variable that it is bound to.
    """

    def __init__(self, job: Job, name: str) -> None:
        self._job = job
        self._name = name
        self._said = ""

    def show(self) -> None:
        """Say nothing yet."""

    def follow(self, progress: Progress) -> None:
        """Print how far the wait has come, if that is news."""
        words = _in_words(progress)
        if words != self._said:
            self._said = words
            _print(f"{words} ({duration(progress.seconds)})")

    def ready(self) -> None:
        """Print all that is known."""
        from spalloc_jupyter.chronicle import tell
        from spalloc_jupyter.snapshot import job_text

        try:
            _print(job_text(tell(self._job, self._name)))
        except SpallocError as error:
            _print(f"Job {self._job.id}: {one_line(str(error))}")

    def finish(self) -> None:
        """Print that the job has ended, if it was ended here."""
        if self._job.end is not None:
            _print(f"Job {self._job.id} was destroyed: {one_line(self._job.end.reason or 'no reason given')}.")

    def close(self) -> None:
        """Leave what was printed."""


def _print(text: str) -> None:
    print(text, flush=True)  # noqa: T201 - a terminal is for printing


def _in_words(progress: Progress) -> str:
    words = f"Job {progress.job_id}: {progress.state.name}"
    queue = progress.queue
    if queue is None:
        return words
    wanted = "" if progress.boards is None else f"{count(progress.boards, 'board')} wanted, "
    where = one_line(listed(queue.machines))
    return f"{words}, {ordinal(queue.position)} in the queue, {wanted}{queue.boards_free} free on {where}"
