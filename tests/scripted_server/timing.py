"""Measuring time limits on computers that are busy with other things."""

import contextlib
import time
from collections.abc import Callable, Iterator


@contextlib.contextmanager
def within(seconds: float) -> Iterator[None]:
    """Fail if the block takes longer; for generous bounds that only a hang exceeds."""
    begun = time.monotonic()
    yield
    elapsed = time.monotonic() - begun
    assert elapsed <= seconds, f"took {elapsed:.2f} s, more than {seconds} s"


def overshoot(timeout: float, action: Callable[[], object], *, tries: int = 5) -> float:
    """Return by how many seconds an action overran its timeout: the best of several tries.

    What the computer's other work adds is in some of the tries; what the action itself adds is in all of them.
    Where other work leaves this thread but a part of a processor, seconds count as that part of them.
    """
    best = float("inf")
    for _ in range(tries):
        before = strain()
        begun = time.monotonic()
        action()
        elapsed = time.monotonic() - begun
        best = min(best, (elapsed - timeout) / max(before, strain()))
        if best < 0.1:
            break
    return best


def strain() -> float:
    """Return how many seconds pass while this thread works for one; 1.0 on a computer that has nothing else to do."""
    begun, worked = time.monotonic(), time.thread_time()
    while time.thread_time() - worked < 0.01:
        pass
    return max(1.0, (time.monotonic() - begun) / (time.thread_time() - worked))
