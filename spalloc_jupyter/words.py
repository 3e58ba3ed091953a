"""How numbers, times and lists are said in views; the browser says times the same way (``static/panel.js``)."""

import time
from collections.abc import Iterable


def duration(seconds: float) -> str:
    """Return a time span in words, such as ``0.1 s``, ``2 min 7 s`` or ``3 h 5 min``.

    Parameters
    ----------
    seconds
        The time span; a negative one counts as none.
    """
    seconds = max(0.0, seconds)
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    if whole < 48 * 3600:
        return f"{whole // 3600} h {whole // 60 % 60} min"
    return f"{whole // 86400} days {whole // 3600 % 24} h"


def clock(at: float, now: float) -> str:
    """Return the local time of day, and the date if it is another than that of `now`; seconds since 1970 (UTC).

    What a server says need not be a date: then it is empty.
    """
    try:
        then = time.localtime(at)
    except (OverflowError, ValueError, OSError):
        return ""
    if not 1 <= then.tm_year <= 9999:
        return ""
    hour = f"{then.tm_hour:02}:{then.tm_min:02}:{then.tm_sec:02}"
    if then[:3] == time.localtime(now)[:3]:
        return hour
    return f"{then.tm_year:04}-{then.tm_mon:02}-{then.tm_mday:02} {hour}"


def count(number: int, what: str) -> str:
    """Return a number of things, such as ``1 board`` or ``1,200 boards``."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def ordinal(number: int) -> str:
    """Return a place in a row: ``1st``, ``2nd``, ``3rd``, ``4th`` and so on."""
    ending = "th" if number // 10 % 10 == 1 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number:,}{ending}"


def listed(things: Iterable[object], most: int = 4) -> str:
    """Return things as a list in words: ``1``, ``1 and 2``, ``1, 2 and 3``; what exceeds `most` is counted."""
    words = [str(thing) for thing in things]
    if len(words) > most:
        words = [*words[: most - 1], f"{len(words) - most + 1} more"]
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
