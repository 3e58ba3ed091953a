"""What a thread waits for on a connection that it shares."""

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections import deque

    from spalloc_client.deadline import Deadline
    from spalloc_client.wire import Message


class Wish:
    """What a thread waits for: the answer to a request, or a notification."""

    # On the class, because there is one a call, and the constructor would be a seventh of its cost.
    settled = False
    answer: "Message | None" = None
    wake: "threading.Lock | None" = None

    def wait_in(self, queue: "deque[Wish]") -> None:
        """Queue up, to be woken later."""
        self.wake = threading.Lock()
        self.wake.acquire()
        queue.append(self)

    def sleep(self, deadline: "Deadline") -> bool:
        """Wait until woken; False if that did not happen in time."""
        assert self.wake is not None
        remaining = deadline.remaining()
        return self.wake.acquire(timeout=-1 if remaining is None else min(remaining, threading.TIMEOUT_MAX))

    def wake_up(self) -> None:
        """Wake the thread that waits."""
        assert self.wake is not None
        self.wake.release()


def wake_first(queue: "deque[Wish]") -> Wish | None:
    """Wake the thread that waits longest, and return its wish; None if none waits. Requires the connection's lock."""
    if not queue:
        return None
    wish = queue.popleft()
    wish.wake_up()
    return wish
