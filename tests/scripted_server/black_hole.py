"""An address where a connect gets no answer at all."""

import socket
from typing import Self


class BlackHole:
    """A port whose queue of connections is full and never emptied, so that the kernel drops what knocks.

    Parameters
    ----------
    host, port
        Where; port 0 is any free one.
    """

    def __init__(self, host: str = "127.0.0.1", port: int = 0) -> None:
        self.host, self.port = host, port
        self._sockets: list[socket.socket] = []

    def __enter__(self) -> Self:
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        listener = socket.socket(family, socket.SOCK_STREAM)
        self._sockets.append(listener)
        listener.bind((self.host, self.port))
        listener.listen(0)
        self.port = listener.getsockname()[1]
        for _ in range(3):
            filler = socket.socket(family, socket.SOCK_STREAM)
            self._sockets.append(filler)
            filler.setblocking(False)
            filler.connect_ex((self.host, self.port))
        return self

    def __exit__(self, *_: object) -> None:
        for sock in self._sockets:
            sock.close()
