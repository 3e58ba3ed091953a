"""What sandboxes must not leave behind."""

import tempfile
from contextlib import contextmanager
from pathlib import Path

import psutil
from owners import until


def ended(process):
    """True once a process has ended, even if nobody has asked yet how."""
    try:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


@contextmanager
def nothing_left_of(sandbox):
    """Check that, after the block, no process and no file of the `sandbox` is left."""
    keeper = psutil.Process(sandbox.pid)
    processes = [keeper, *keeper.children(recursive=True)]
    directory = sandbox.directory
    assert len(processes) == 2
    assert directory.parent == Path(tempfile.gettempdir())
    yield processes
    until(lambda: all(map(ended, processes)), 30)
    until(lambda: not directory.exists(), 30)
