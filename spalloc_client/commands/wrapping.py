"""The command that ``spalloc`` runs: its tokens, and the file of host names.

Host names come from a server. They are put into shell text only where the shell cannot take them for anything else.
"""

import contextlib
import os
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from spalloc_client.commands.errors import WrappingError
from spalloc_client.records import Allocation, Chip

_TOKEN = re.compile(r"\{(hostname|width|height|ethernet_ips|id|w|h|)\}")
_SHELL_TOKEN = re.compile(r"(?<!\$)\{(hostname|width|height|ethernet_ips|id|w|h)\}|\{\}")  # ${w} is a shell's variable
_HARMLESS = re.compile(r"[A-Za-z0-9/_.:%@+,=-]+")
_NOT_BARE = re.compile(r"['\"`\\$#<]")  # after one of these, a quoted word may be read otherwise


def needs_ip_file(command: Sequence[str]) -> bool:
    """Return whether a command asks for the name of the file of host names."""
    return any("{ethernet_ips}" in word for word in command)


def tokens(job_id: int, allocation: Allocation, ip_file: str) -> dict[str, str]:
    """Return what each token stands for.

    Raises
    ------
    WrappingError
        If the server's name for chip (0, 0) is no host name.
    """
    hostname = allocation.hostname or ""
    if not hostname or hostname.startswith("-"):
        raise WrappingError(f"the server's host name for chip (0, 0) is {hostname!r}, so the command is not run")
    size = {"w": str(allocation.width), "h": str(allocation.height)}
    return {
        "": hostname,
        "hostname": hostname,
        **size,
        "width": size["w"],
        "height": size["h"],
        "ethernet_ips": ip_file,
        "id": str(job_id),
    }


def fill_in(command: Sequence[str], values: Mapping[str, str]) -> str | list[str]:
    """Return a command with its tokens replaced; braces that are no token are left alone.

    Parameters
    ----------
    command
        One word is shell text, several are a command and its arguments.
    values
        What each token stands for, from :func:`tokens`.

    Returns
    -------
    str or list
        Shell text, or a command and its arguments, which are for no shell.

    Raises
    ------
    WrappingError
        If a value would have to stand where a shell might obey it.
    """
    if len(command) == 1:
        return _SHELL_TOKEN.sub(lambda match: _in_shell_text(match, values), command[0])
    return [_TOKEN.sub(lambda match: values[match[1]], word) for word in command]


def _in_shell_text(match: re.Match[str], values: Mapping[str, str]) -> str:
    value = values[match[1] or ""]
    if _HARMLESS.fullmatch(value):
        return value
    if _NOT_BARE.search(match.string, 0, match.start()):
        raise WrappingError(
            f"{match[0]} stands for {value!r}, which is not safe in quoted shell text; "
            "give the command and its arguments one by one after -c"
        )
    return shlex.quote(value)


@contextlib.contextmanager
def ip_file(connections: Mapping[Chip, str]) -> Iterator[str]:
    """Write the host names of Ethernet chips into a file, and remove it in the end.

    Yields
    ------
    str
        The name of a CSV file with the columns x, y and hostname.
    """
    import tempfile

    descriptor, name = tempfile.mkstemp(".csv", "spinnaker_ips_")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
            file.write(ips_as_csv(connections))
        yield name
    finally:
        Path(name).unlink(missing_ok=True)


def ips_as_csv(connections: Mapping[Chip, str]) -> str:
    """Return the host names of Ethernet chips as CSV: a header, then x, y and hostname, by chips."""
    import csv
    import io

    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("x", "y", "hostname"))
    writer.writerows((chip.x, chip.y, host) for chip, host in sorted(connections.items()))
    return text.getvalue()
