"""Noticing that the process which started this one has ended."""

import os
import select
import threading
from collections.abc import Callable
from contextlib import suppress


def when_ended(parent: int, do: Callable[[], None]) -> None:
    """Call `do`, in a thread, once the process `parent` has ended.

    On a kernel without process descriptors (Linux before 5.3) it is never called.
    """
    threading.Thread(target=_wait, args=(parent, do), daemon=True).start()


def _wait(parent: int, do: Callable[[], None]) -> None:
    with suppress(OSError):
        try:
            descriptor = os.pidfd_open(parent)
        except ProcessLookupError:
            do()
            return
        # Another process may have got the number since.
        if os.getppid() == parent:
            select.select([descriptor], [], [])
        os.close(descriptor)
        do()
