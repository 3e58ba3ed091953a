"""What a thread waits for on a connection that threads share, and its place in a queue."""

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections import deque

    from spalloc_client.wire import Failure, Return


class Wish:
    """What a thread waits for: the answer to a request, or a notification."""

    __slots__ = ("answer", "settled", "wake")

    def __init__(self) -> None:
        self.settled = False
        self.answer: Return | Failure | None = None
        self.wake: threading.Lock | None = None

    def wait_in(self, queue: "deque[Wish]") -> None:
        """Queue up, to be woken later."""
        self.wake = threading.Lock()
        self.wake.acquire()
        queue.append(self)

    def wake_up(self) -> None:
        """Wake the thread that waits."""
        assert self.wake is not None
        self.wake.release()


def wake_first(queue: "deque[Wish]") -> None:
    """Wake the thread that waits longest. Requires the connection's lock."""
    if queue:
        queue.popleft().wake_up()
