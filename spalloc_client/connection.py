"""One connection to a server, shared by threads: whoever waits, reads.

The laws of sharing:

1. Answers carry no id and come in the order of the requests, so the connection keeps a queue of what was asked.
   A call that nobody waits for any more keeps its place in it, and its late answer is dropped there.
2. At most one thread reads at a time. It reads until it has what it waits for, hands out what belongs to others,
   and then passes the reading on to one of them. There is no thread of our own: a hand-over costs more than a call.
3. `_lock` guards all state and is never held while the socket is waited for.
4. Ctrl-C while the socket is waited for loses nothing. In the middle of anything else the connection is given up:
   half a line cannot be mended.
5. Once broken, a connection stays broken and says why to everybody who uses it. The socket is closed when nobody
   uses it any more, and not before: its number could be another file's by then.
"""

import threading
from collections import deque

from spalloc_client.deadline import Deadline
from spalloc_client.exceptions import ProtocolError, ProtocolTimeoutError
from spalloc_client.notifications import NotificationQueue
from spalloc_client.transport import Transport, words
from spalloc_client.wire import Failure, LineSplitter, Notification, Return, decode_line
from spalloc_client.wish import Wish, wake_first


class Connection:
    """What was asked of a server, and what came back.

    Parameters
    ----------
    transport
        The connected socket; the connection owns it from now on.
    """

    def __init__(self, transport: Transport) -> None:
        self.where = transport.where
        self.carriage_returns = False
        """True once a line ended with a carriage return, as the Java server's do."""
        self.arrivals = 0
        """How many notifications have come."""
        self._transport = transport
        self._lock = threading.Lock()
        self._splitter = LineSplitter()
        self._received: list[bytes] = []
        self._asked: deque[Wish] = deque()
        self._listening: deque[Wish] = deque()
        self._reader: Wish | None = None
        self._others: deque[Wish] = deque()  # threads that wait while another reads
        self._sender: Wish | None = None
        self._senders: deque[Wish] = deque()  # threads that wait while another sends what did not go out at once
        self._notifications = NotificationQueue()
        self._trouble: ProtocolError | None = None

    @property
    def broken(self) -> bool:
        """True once nothing more can be asked on this connection."""
        return self._trouble is not None

    # ---- asking

    def ask(self, line: bytes, wish: Wish, deadline: Deadline) -> None:
        """Send a request, whose answer `wish` will hold.

        Raises
        ------
        ProtocolTimeoutError
            If the server did not take the request in time; nothing can be sent on this connection any more.
        ProtocolError
            If the connection is broken.
        """
        sent: list[int] = []
        try:
            while not self._begin_to_send(line, wish, sent):
                self._wait_to_send(wish, deadline)
            while self._sender is wish and sum(sent) < len(line):
                self._make_room(deadline)
                self._transport.send(memoryview(line)[sum(sent) :], sent)
        except BaseException as error:
            self._fail_to_send(error, wish, finished=sum(sent) == len(line))
            raise
        finally:
            if self._sender is wish:
                self._stop_sending()

    def _begin_to_send(self, line: bytes, wish: Wish, sent: list[int]) -> bool:
        """Send what goes out at once, which nearly always is all; False if another thread is still sending."""
        with self._lock:
            if self._trouble is not None:
                self._check()
            if self._sender is not None:
                wish.wait_in(self._senders)
                return False
            self._asked.append(wish)
            self._transport.send(line, sent)
            if not sent or sent[0] < len(line):
                self._sender = wish
            else:
                wake_first(self._senders)
            return True

    def _wait_to_send(self, wish: Wish, deadline: Deadline) -> None:
        if not self._wait_for_turn(self._senders, wish, deadline):
            raise ProtocolTimeoutError(f"{self.where} did not take a request in time")

    def _fail_to_send(self, error: BaseException, wish: Wish, *, finished: bool) -> None:
        """Break the connection if a part of a request may have been sent, and the rest will not be."""
        if isinstance(error, OSError) and not isinstance(error, ProtocolError | ProtocolTimeoutError):
            self.give_up(f"the connection to {self.where} was lost: {words(error)}")
            with self._lock:
                self._check()
        with self._lock:
            if self._sender is None:
                wake_first(self._senders)  # it may have been this one's turn
        if not finished and wish in self._asked:
            self.give_up(f"{self.where} got only a part of a request")

    def _stop_sending(self) -> None:
        with self._lock:
            self._sender = None
            wake_first(self._senders)
        if self._trouble is not None:
            self._close_if_unused()

    def _make_room(self, deadline: Deadline) -> None:
        """Wait until more can be sent; read meanwhile, for a server that cannot write does not read, either."""
        writable, readable = self._transport.wait_writable(deadline)
        if not writable and (not readable or deadline.expired):
            raise ProtocolTimeoutError(f"{self.where} did not take a request in time")
        if not readable:
            return
        wish = Wish()
        try:
            with self._lock:
                self._check()
                if self._reader is not None:
                    return
                self._reader = wish
            self._read(Deadline(0.0))
        finally:
            self._pass_on(wish)

    # ---- waiting

    def answer(self, wish: Wish, deadline: Deadline) -> Return | Failure:
        """Wait for the answer to a request.

        Raises
        ------
        ProtocolTimeoutError
            If it did not come in time; when it comes later, it is dropped.
        ProtocolError
            If the connection broke first.
        """
        self._wait(wish, deadline)
        if wish.answer is not None:
            return wish.answer
        with self._lock:
            self._check()
        raise ProtocolTimeoutError(f"{self.where} did not answer in time")

    def notification(self, deadline: Deadline) -> Notification | None:
        """Wait for a notification; return the oldest that nobody took, or None if none came in time.

        Raises
        ------
        ProtocolError
            If the connection is broken and nothing is left that came before it broke.
        """
        while True:
            with self._lock:
                oldest = self._notifications.take()
                seen = self.arrivals
            if oldest is not None:
                return oldest
            if not self.wait_for_arrival(seen, deadline):
                return None

    def wait_for_arrival(self, seen: int, deadline: Deadline) -> bool:
        """Wait until more than `seen` notifications have come; False if they did not in time.

        All threads that wait are woken by one notification, and none of them takes it from the others.

        Raises
        ------
        ProtocolError
            If the connection is broken.
        """
        wish = Wish()
        with self._lock:
            if self.arrivals > seen:
                return True
            self._check()
            self._listening.append(wish)
        try:
            self._wait(wish, deadline)
        finally:
            self._stop_listening(wish)
        with self._lock:
            if self.arrivals == seen:
                self._check()
        return self.arrivals > seen

    def _stop_listening(self, wish: Wish) -> None:
        with self._lock:
            if wish in self._listening:
                self._listening.remove(wish)

    def _wait(self, wish: Wish, deadline: Deadline) -> None:
        """Return when the wish is settled, the deadline has passed, or the connection is broken."""
        try:
            self._take_turns(wish, deadline)
        except BaseException:
            # Ctrl-C may have come between taking the reading and the block that passes it on, or within that.
            self._pass_on(wish)
            raise

    def _take_turns(self, wish: Wish, deadline: Deadline) -> None:
        in_time = True
        while in_time:
            with self._lock:
                if wish.settled or self._trouble is not None:
                    return
                if self._reader is None:
                    self._reader = wish
                else:
                    wish.wait_in(self._others)
            if self._reader is wish:
                while in_time and not wish.settled and self._trouble is None:
                    in_time = self._read(deadline)
                self._pass_on(wish)
            else:
                in_time = self._wait_for_turn(self._others, wish, deadline)

    def _wait_for_turn(self, queue: "deque[Wish]", wish: Wish, deadline: Deadline) -> bool:
        """Wait until the thread that reads, or sends, wakes this one; False if it did not in time."""
        assert wish.wake is not None
        woken = False
        remaining = deadline.remaining()
        try:
            woken = wish.wake.acquire(timeout=-1 if remaining is None else min(remaining, threading.TIMEOUT_MAX))
        finally:
            with self._lock:
                if wish in queue:
                    queue.remove(wish)
                elif not woken:
                    wake_first(queue)  # this thread was just chosen, and leaves
        return woken

    def _pass_on(self, wish: Wish) -> None:
        """Stop reading, and let another thread read."""
        with self._lock:
            if wish in self._others:
                self._others.remove(wish)
            if self._reader is wish:
                self._reader = None
            if self._reader is None:
                wake_first(self._others)
        if self._trouble is not None:
            self._close_if_unused()

    # ---- reading: only by the thread that is the reader

    def _read(self, deadline: Deadline) -> bool:
        """Read once and hand out what came; False if the deadline came first."""
        if not self._transport.wait_readable(deadline):
            return not deadline.expired
        try:
            self._transport.receive(self._received)
            self._hand_out()
        except ProtocolError as error:
            self._break(error)
        except OSError as error:
            self.give_up(f"the connection to {self.where} was lost: {words(error)}")
        except BaseException:
            self.give_up(f"reading from {self.where} was interrupted")
            raise
        # Bytes that come faster than they are read must not put the deadline off.
        return not deadline.expired

    def _hand_out(self) -> None:
        while self._received:
            data = self._received.pop()
            if not data:
                raise ProtocolError(f"{self.where} closed the connection")
            for line in self._splitter.feed(data):
                self._hand_out_line(line)

    def _hand_out_line(self, line: bytes) -> None:
        if line.endswith(b"\r"):
            self.carriage_returns = True
        message = decode_line(line)
        if message is None:
            return
        with self._lock:
            if isinstance(message, dict):
                self.arrivals += 1
                self._notifications.put(message)
                while self._listening:
                    self._settle(self._listening.popleft())
            elif self._asked:
                wish = self._asked.popleft()
                wish.answer = message
                self._settle(wish)
            else:
                raise ProtocolError(f"{self.where} answered what nobody had asked")

    def _settle(self, wish: Wish) -> None:
        """Tell a thread that it has what it waits for. Requires the lock."""
        wish.settled = True
        if wish is not self._reader and wish in self._others:
            self._others.remove(wish)
            wish.wake_up()

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
            while self._others or self._senders:
                wake_first(self._others)
                wake_first(self._senders)
        self._close_if_unused()

    def _close_if_unused(self) -> None:
        with self._lock:
            if self._reader is None and self._sender is None:
                self._transport.close()

    def _check(self) -> None:
        """Raise what broke the connection. Requires the lock."""
        assert self._lock.locked()
        if self._trouble is not None:
            raise type(self._trouble)(*self._trouble.args)
