"""Whose turn it is on a connection that threads share, and how the connection ends."""

import threading
from collections import deque

from spalloc_client.exceptions import ProtocolError
from spalloc_client.transport import Transport
from spalloc_client.wish import Wish, wake_first


class Turns:
    """One thread sends, one reads, and the others wait; the laws are those of :mod:`spalloc_client.connection`.

    Parameters
    ----------
    transport
        The connected socket, which is closed once the connection is broken and no thread uses it.
    """

    def __init__(self, transport: Transport) -> None:
        self.where = transport.where
        self._transport = transport
        self._lock = threading.Lock()
        self._reader: Wish | None = None
        self._others: deque[Wish] = deque()  # threads that wait while another reads
        self._sender: Wish | None = None
        self._senders: deque[Wish] = deque()  # threads that wait while another sends what did not go out at once
        self._trouble: ProtocolError | None = None

    @property
    def broken(self) -> bool:
        """True once nothing more can be asked on this connection."""
        return self._trouble is not None

    # ---- turns

    def _take_turn(self, wish: Wish) -> bool:
        """Read, if nobody else does, or queue up for that; False if there is nothing to wait for any more."""
        with self._lock:
            if wish.settled or self._trouble is not None:
                return False
            if self._reader is None:
                self._reader = wish
            elif self._reader is not wish and wish not in self._others:
                wish.wait_in(self._others)
            return True

    def _take_sending(self, wish: Wish) -> bool:
        """Send, if nobody else does, or queue up for that; say which."""
        with self._lock:
            self._check()
            if self._sender is None:
                self._sender = wish
            elif self._sender is not wish and wish not in self._senders:
                wish.wait_in(self._senders)
            return self._sender is wish

    def _stop_reading(self, wish: Wish) -> None:
        """Neither read nor wait for that any longer; another thread may."""
        with self._lock:
            if wish in self._others:
                self._others.remove(wish)
            if self._reader is wish:
                self._pass_on()

    def _pass_on(self) -> None:
        """Let the thread read that waits longest, or nobody. Requires the lock."""
        self._reader = wake_first(self._others) if self._others else None
        if self._trouble is not None:
            self._close_if_unused()

    def _wake(self, wish: Wish) -> None:
        """Wake a thread that waits while this one reads, if it does. Requires the lock."""
        if wish in self._others:
            wish.wake_up()
            self._others.remove(wish)

    def _stop_sending(self, wish: Wish) -> None:
        """Neither send nor wait for that any longer; another thread may."""
        with self._lock:
            if wish in self._senders:
                self._senders.remove(wish)
            if self._sender is wish:
                self._sender = wake_first(self._senders)
                self._close_if_unused()

    # ---- ending

    def give_up(self, why: str) -> None:
        """Break the connection on purpose: everybody who waits gets `why` at once. Safe from any thread."""
        self._break(ProtocolError(why))

    def forget(self) -> None:
        """Let go of a socket that another process goes on using (after a fork)."""
        self._trouble = ProtocolError(f"the connection to {self.where} stayed with the parent process")
        self._transport.close()

    def _break(self, trouble: ProtocolError) -> None:
        with self._lock:
            if self._trouble is None:
                self._trouble = trouble
                self._transport.shut_down()
            while wake_first(self._others) or wake_first(self._senders):
                pass
            self._close_if_unused()

    def _close_if_unused(self) -> None:
        """Close the socket of a broken connection when nobody uses it any more. Requires the lock."""
        if self._trouble is not None and self._reader is None and self._sender is None:
            self._transport.close()

    def _check(self) -> None:
        """Raise what broke the connection. Requires the lock."""
        assert self._lock.locked()
        if self._trouble is not None:
            raise type(self._trouble)(*self._trouble.args)
