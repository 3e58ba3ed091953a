"""One accepted connection: a thread that reads lines, and writes what it is told to."""

import contextlib
import socket
import struct
import threading
import time
from collections.abc import Callable

from scripted_server.classic import HangUpError, Watches

TICK = 0.05
"""Seconds after which a blocked send or receive looks whether it should end."""


class Connection:
    """A client's connection, as the server sees it.

    Attributes
    ----------
    number
        Counted from 0, in the order of arrival.
    received
        All bytes that came.
    reading
        Clear it to leave what comes in the kernel's buffer.
    ended
        Set once the connection is to end, by either side.
    """

    def __init__(
        self,
        number: int,
        sock: socket.socket,
        on_line: Callable[["Connection", bytes], None],
        stall_limit: float | None,
    ) -> None:
        self.number = number
        self.sock = sock
        self.host = sock.getpeername()[0]
        self.watches = Watches()
        self.received = bytearray()
        self.reading = threading.Event()
        self.reading.set()
        self.ended = threading.Event()
        self.sending = threading.RLock()
        self.on_line = on_line
        self.stall_limit = stall_limit
        self.thread = threading.Thread(target=self._run, name=f"connection {number}", daemon=True)
        sock.settimeout(TICK)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def __repr__(self) -> str:
        return f"<Connection {self.number} {'ended' if self.ended.is_set() else 'open'}>"

    @property
    def open(self) -> bool:
        return not self.ended.is_set()

    def start(self, greeting: Callable[["Connection"], None] | None) -> None:
        self.greeting = greeting
        self.thread.start()

    def send(self, data: bytes, size: int | None = None, pause: float = 0.0) -> None:
        """Send all of `data`, in segments of `size` bytes if given; give up when the connection ends."""
        size = size or len(data) or 1
        with self.sending:
            for start in range(0, len(data), size):
                self._send_segment(data[start : start + size])
                if pause:
                    self.ended.wait(pause)

    def _send_segment(self, segment: bytes) -> None:
        rest = memoryview(segment)
        while rest and self.open:
            try:
                rest = rest[self.sock.send(rest) :]
            except TimeoutError:
                continue
            except OSError:
                self.ended.set()

    def fin(self) -> None:
        """End the connection in order."""
        self.ended.set()
        with contextlib.suppress(OSError):
            self.sock.shutdown(socket.SHUT_RDWR)

    def half_close(self) -> None:
        """Send a FIN, but go on reading."""
        self.sock.shutdown(socket.SHUT_WR)

    def rst(self) -> None:
        """Reset the connection."""
        with contextlib.suppress(OSError):
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.ended.set()
            # Wakes the reader without a word on the wire; its close() then sends the RST.
            self.sock.shutdown(socket.SHUT_RD)

    def join(self) -> None:
        """Wait until the connection is closed."""
        while self.thread.ident is None:
            time.sleep(0.001)  # it is just being started
        if self.thread is not threading.current_thread():
            self.thread.join(5)

    def _run(self) -> None:
        try:
            if self.greeting:
                self.greeting(self)
            self._read_lines()
        except (OSError, HangUpError):
            pass  # the client is gone, or the dialect hangs up
        finally:
            self.ended.set()
            self.sock.close()

    def _read_lines(self) -> None:
        buffer, stalled_since = b"", 0.0
        while self.open:
            if not self.reading.wait(TICK):
                continue
            try:
                data = self.sock.recv(65536)
            except TimeoutError:
                if buffer and self.stall_limit and time.monotonic() - stalled_since > self.stall_limit:
                    buffer = b""
                continue
            if not data:
                return
            stalled_since = time.monotonic()
            self.received += data
            *lines, buffer = (buffer + data).split(b"\n") if b"\n" in data else [buffer + data]
            for line in lines:
                self.on_line(self, line.rstrip(b"\r"))
                if not self.open:
                    return
