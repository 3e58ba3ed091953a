"""What has to be renewed in a child process after ``os.fork``."""

import os
import weakref
from collections.abc import Callable

_renewals: "weakref.WeakSet[_Renewable]" = weakref.WeakSet()


class _Renewable:
    """Holds a function as long as its owner holds this."""

    __slots__ = ("__weakref__", "renew")

    def __init__(self, renew: Callable[[], None]) -> None:
        self.renew = renew


def in_forked_child(renew: Callable[[], None]) -> object:
    """Have a function called in each child process right after a fork, as long as what is returned is alive.

    Locks that another thread held at the fork are never released in the child, and a socket would be read by two
    processes; so both are made anew.
    """
    renewable = _Renewable(renew)
    _renewals.add(renewable)
    return renewable


def _renew_all() -> None:
    for renewable in list(_renewals):
        renewable.renew()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_all)
