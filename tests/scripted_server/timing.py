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


def overshoot(timeout: float, action: Callable[[], object], *, tries: int = 3) -> float:
    """Return by how many seconds an action overran its timeout: the best of several tries.

    What the computer's other work adds is in some of the tries; what the action itself adds is in all of them.
    """
    best = float("inf")
    for _ in range(tries):
        begun = time.monotonic()
        action()
        best = min(best, time.monotonic() - begun - timeout)
        if best < 0.1:
            break
    return best
