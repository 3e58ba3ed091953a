"""One JSON object a line over a socket: how a sandbox and its keeper talk to each other."""

import json
import socket
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

_CHUNK = 65536


class Channel:
    """One end of the line.

    Parameters
    ----------
    sock
        A connected stream socket, which the channel owns from now on.
    """

    def __init__(self, sock: socket.socket) -> None:
        self.socket = sock
        self._buffer = bytearray()

    def send(self, message: Mapping[str, Any]) -> None:
        """Send one `message`; `OSError` if nobody listens any more."""
        self.socket.sendall(json.dumps(message).encode() + b"\n")

    def receive(self) -> dict[str, Any] | None:
        """Wait for one message; None if the other end is gone."""
        while b"\n" not in self._buffer:
            chunk = self.socket.recv(_CHUNK)
            if not chunk:
                return None
            self._buffer += chunk
        line, _, rest = self._buffer.partition(b"\n")
        self._buffer = rest
        message: dict[str, Any] = json.loads(line)
        return message

    def hang_up(self) -> None:
        """Let `receive` return None, in whichever thread it waits."""
        with suppress(OSError):
            self.socket.shutdown(socket.SHUT_RD)

    def close(self) -> None:
        """Hang up."""
        self.socket.close()
