"""The states of a job."""

import enum
from typing import Self


class JobState(enum.IntEnum):
    """All the states that a job may be in.

    A number that this client does not know yet (from a newer server) becomes a member named
    ``state_<number>``, so that a new state never breaks a running script.
    """

    unknown = 0
    """The server does not know this job."""

    queued = 1
    """The job waits for boards."""

    power = 2
    """The job has boards, and they are being switched on or off."""

    ready = 3
    """The job has boards, and they are not being switched."""

    destroyed = 4
    """The job has ended."""

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        if not isinstance(value, int):
            return None
        member = int.__new__(cls, value)
        member._name_ = f"state_{value}"
        member._value_ = value
        return member

    def __reduce_ex__(self, protocol: object) -> tuple[type[Self], tuple[int]]:
        del protocol
        # By its number: a state that this client has no name for cannot be found by name, as some Pythons would.
        return (type(self), (self.value,))
