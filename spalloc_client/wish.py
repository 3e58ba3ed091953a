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
        if self.wake is None:
            self.wake = threading.Lock()
            self.wake.acquire()
        queue.append(self)

    def sleep(self, deadline: "Deadline") -> bool:
        """Wait until woken, which may be for nothing; False if that did not happen in time."""
        assert self.wake is not None
        remaining = deadline.remaining()
        return self.wake.acquire(timeout=-1 if remaining is None else min(remaining, threading.TIMEOUT_MAX))

    def wake_up(self) -> None:
        """Wake the thread that waits; once more does no harm."""
        if self.wake is not None and self.wake.locked():
            self.wake.release()


def wake_first(queue: "deque[Wish]") -> Wish | None:
    """Wake the thread that waits longest, and return its wish; None if none waits. Requires the connection's lock."""
    if not queue:
        return None
    # In this order, so that Ctrl-C in between leaves nobody asleep who is in no queue.
    queue[0].wake_up()
    return queue.popleft()
