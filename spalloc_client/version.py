"""Versions of spalloc servers, as they report them: ``[epoch!]major.minor[.patch][suffix]``."""

import re

from spalloc_client.exceptions import ServerVersionError

_PATTERN = re.compile(r"v?(?:(\d{1,9})!)?(\d{1,9})\.(\d{1,9})(?:\.(\d{1,9}))?\S*", re.ASCII)

OLDEST = (0, 0, 1, 0)
"""Version 0.1.0, the first that speaks the protocol; the numbers are epoch, major, minor and patch."""


def parse_version(text: object) -> tuple[int, int, int, int]:
    """Return a server's version as (epoch, major, minor, patch).

    Raises
    ------
    ServerVersionError
        If the text is no version, or is older than any server this client can talk to. A newer one is fine.
    """
    match = _PATTERN.fullmatch(text.strip()) if isinstance(text, str) else None
    if match is None:
        raise ServerVersionError(f"what answers is not a spalloc server: it reports {text!r} as its version")
    epoch, major, minor, patch = (int(part or 0) for part in match.groups())
    version = (epoch, major, minor, patch)
    if version < OLDEST:
        raise ServerVersionError(f"the spalloc server's version {text!r} is too old: expected 0.1.0 or newer")
    return version
