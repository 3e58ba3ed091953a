"""One moment, carried through every step of a call, by which the call has to be over."""

import math
from time import monotonic
from typing import Final, Self


class Deadline(float):
    """A moment on the monotonic clock, which nobody can set back.

    Parameters
    ----------
    at
        Seconds on :func:`time.monotonic`; infinity for never.
    """

    __slots__ = ()

    @property
    def at(self) -> float:
        """The moment, in seconds on :func:`time.monotonic`; infinity for never."""
        return float(self)

    @classmethod
    def after(cls, seconds: float | None) -> Self:
        """Return the deadline that lies `seconds` from now; None is never, a negative number is now."""
        return cls(math.inf if seconds is None else monotonic() + max(0.0, seconds))

    @property
    def expired(self) -> bool:
        """True once the moment has passed."""
        return self <= monotonic()

    def remaining(self) -> float | None:
        """Return the seconds that are left, at least 0; None for never."""
        return None if self == math.inf else max(0.0, self - monotonic())

    def sooner(self, seconds: float | None) -> "Deadline":
        """Return whichever comes first: this deadline, or `seconds` from now (None: this one)."""
        return self if seconds is None else Deadline(min(self, monotonic() + seconds))

    def no_sooner_than(self, seconds: float) -> "Deadline":
        """Return whichever comes last: this deadline, or `seconds` from now."""
        return Deadline(max(self, monotonic() + seconds))

    def earlier(self, other: "Deadline") -> "Deadline":
        """Return whichever of two deadlines comes first."""
        return min(self, other)


NEVER: Final = Deadline(math.inf)
"""The deadline that does not come."""
