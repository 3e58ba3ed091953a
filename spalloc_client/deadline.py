"""One moment, carried through every step of a call, by which the call has to be over."""

import math
from time import monotonic
from typing import Final, NamedTuple, Self


class Deadline(NamedTuple):
    """A moment on the monotonic clock, which nobody can set back.

    Parameters
    ----------
    at
        Seconds on :func:`time.monotonic`; infinity for never.
    """

    at: float = math.inf

    @classmethod
    def after(cls, seconds: float | None) -> Self:
        """Return the deadline that lies `seconds` from now; None is never, a negative number is now."""
        return cls() if seconds is None else cls(monotonic() + max(0.0, seconds))

    @property
    def expired(self) -> bool:
        """True once the moment has passed."""
        return self.at <= monotonic()

    def remaining(self) -> float | None:
        """Return the seconds that are left, at least 0; None for never."""
        return None if self.at == math.inf else max(0.0, self.at - monotonic())

    def sooner(self, seconds: float | None) -> "Deadline":
        """Return whichever comes first: this deadline, or `seconds` from now (None: this one)."""
        return self if seconds is None else Deadline(min(self.at, monotonic() + seconds))

    def no_sooner_than(self, seconds: float) -> "Deadline":
        """Return whichever comes last: this deadline, or `seconds` from now."""
        return Deadline(max(self.at, monotonic() + seconds))

    def earlier(self, other: "Deadline") -> "Deadline":
        """Return whichever of two deadlines comes first."""
        return self if self.at <= other.at else other


NEVER: Final = Deadline()
"""The deadline that does not come."""
