"""A connected TCP socket that never blocks, and how to get one."""

import errno
import select
import socket
import struct
from time import monotonic

from spalloc_client.deadline import Deadline
from spalloc_client.exceptions import ProtocolError, ProtocolTimeoutError

_CHUNK = (1 << 16,)  # bytes; larger ones would be mapped and unmapped by the allocator at each call
_AT_ONCE = (socket.MSG_DONTWAIT,)
_MOMENT = 0.02  # seconds that a call into the kernel waits for bytes of its own accord
_MOMENT_IN_C = struct.pack("@ll", 0, round(_MOMENT * 1e6))  # a struct timeval
_LONGEST_POLL = 3600.0  # seconds; poll() counts milliseconds in a C int
_FIRST_ADDRESSES_AT_MOST = 10.0  # seconds that one dead address of several may cost where no timeout is set


class Transport:
    """A connected socket that never blocks.

    :meth:`send` and :meth:`receive` note what they did in the same step of the interpreter (``list.extend`` runs
    the call and keeps its result without a chance for Ctrl-C in between), so that no byte is ever lost count of.

    Parameters
    ----------
    sock
        A connected socket; the transport owns it from now on.
    where
        What it is connected to, for messages.
    """

    __slots__ = ("_readable", "_socket", "_writable", "where")

    def __init__(self, sock: socket.socket, where: str) -> None:
        sock.settimeout(None)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, _MOMENT_IN_C)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        # A server whose computer vanished is noticed in the end, even where no timeout is set.
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        self.where = where
        self._socket = sock
        self._readable = select.poll()
        self._readable.register(sock, select.POLLIN)
        self._writable = select.poll()
        self._writable.register(sock, select.POLLIN | select.POLLOUT)

    def send(self, data: bytes | memoryview, sent: list[int]) -> None:
        """Send what can be sent at once, and append its number of bytes to `sent`."""
        try:
            sent.extend(map(self._socket.send, (data,), _AT_ONCE))
        except BlockingIOError:
            sent.append(0)

    def receive(self, received: list[bytes], deadline: Deadline) -> None:
        """Wait for bytes, and append those that came; none if none did in time. An empty piece is the stream's end."""
        try:
            if deadline - monotonic() > _MOMENT:
                # Most answers come at once, and to wait for them by this costs one call less.
                received.extend(map(self._socket.recv, _CHUNK))
                return
        except BlockingIOError:
            pass
        try:
            if self._readable.poll(_milliseconds(deadline)):
                received.extend(map(self._socket.recv, _CHUNK, _AT_ONCE))
        except BlockingIOError:
            return

    def wait_writable(self, deadline: Deadline) -> tuple[bool, bool]:
        """Wait until something can be sent or received; say which: (writable, readable)."""
        events = self._writable.poll(_milliseconds(deadline))
        flags = events[0][1] if events else 0
        return bool(flags & select.POLLOUT), bool(flags & ~select.POLLOUT)

    def shut_down(self) -> None:
        """End the conversation, which wakes whoever waits; the socket itself stays open."""
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError as error:
            if error.errno not in (errno.ENOTCONN, errno.EBADF):
                raise

    def close(self) -> None:
        """Close the socket, which nobody may be using any more."""
        self._socket.close()


def connect(hostname: str, port: int, deadline: Deadline) -> Transport:
    """Return a transport to the first address of `hostname` that accepts one.

    Raises
    ------
    ProtocolTimeoutError
        If no address answered in time.
    ProtocolError
        If the name is unknown or every address refused.
    """
    where = f"the spalloc server at {hostname}:{port}"
    # A name in ASCII as bytes: else Python would load a codec of 1.5 ms, to leave it as it is.
    name = hostname.encode() if hostname.isascii() else hostname
    try:
        addresses = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise ProtocolError(f"cannot find {where}: {words(error)}") from error
    trouble: OSError = OSError("no address")
    for position, (family, kind, protocol, _, address) in enumerate(addresses):
        others = len(addresses) - position - 1
        sock = socket.socket(family, kind, protocol)
        try:
            sock.settimeout(_share(deadline, others))
            sock.connect(address)
        except OSError as error:
            sock.close()
            trouble = error
        except BaseException:
            sock.close()
            raise
        else:
            return Transport(sock, where)
    if isinstance(trouble, TimeoutError):
        raise ProtocolTimeoutError(f"{where} does not answer") from trouble
    raise ProtocolError(f"cannot connect to {where}: {words(trouble)}") from trouble


def _share(deadline: Deadline, others: int) -> float | None:
    """Return the seconds that one address may take, so that something is left for the others."""
    remaining = deadline.remaining()
    if remaining is None:
        return _FIRST_ADDRESSES_AT_MOST if others else None
    # Zero would mean "do not wait at all", even for an address that accepts at once.
    return max(remaining / (others + 1), 0.001)


def words(error: Exception) -> str:
    """Return what an error of the operating system says, to stand within a sentence."""
    return (getattr(error, "strerror", None) or str(error) or type(error).__name__).lower()


def _milliseconds(deadline: Deadline) -> float:
    remaining = deadline.remaining()
    return 1000 * (_LONGEST_POLL if remaining is None else min(remaining, _LONGEST_POLL))
