"""One connection to a server, shared by threads: whoever waits, reads.

The laws of sharing:

1. Answers carry no id and come in the order of the requests, so the connection keeps a queue of what was asked.
   A call that nobody waits for any more keeps its place in it, and its late answer is dropped there.
2. At most one thread reads at a time. It reads until it has what it waits for, hands out what belongs to others,
   and then passes the reading on to one of them, in the same step, so that nobody who comes late takes it. There is no
   thread of our own: a hand-over costs more than a call. Sending is passed on in the same way.
3. `_lock` guards all state and is never held while the socket is waited for.
4. Ctrl-C while the socket is waited for loses nothing. In the middle of anything else the connection is given up:
   half a line cannot be mended.
5. Once broken, a connection stays broken and says why to everybody who uses it. The socket is closed when nobody
   uses it any more, and not before: its number could be another file's by then.
"""

from collections import deque
from typing import NoReturn

from spalloc_client.deadline import Deadline
from spalloc_client.exceptions import ProtocolError, ProtocolTimeoutError
from spalloc_client.notifications import NotificationQueue
from spalloc_client.transport import Transport, words
from spalloc_client.turns import Turns
from spalloc_client.wire import LineSplitter, Message, Notification, decode_line, is_answer
from spalloc_client.wish import Wish

_CARRIAGE_RETURN = 13


class Connection(Turns):
    """What was asked of a server, and what came back.

    Parameters
    ----------
    transport
        The connected socket; the connection owns it from now on.
    """

    def __init__(self, transport: Transport) -> None:
        super().__init__(transport)
        self.carriage_returns = False
        """True once a line ended with a carriage return, as the Java server's do."""
        self.arrivals = 0
        """How many notifications have come."""
        self._splitter = LineSplitter()
        self._asked: deque[Wish] = deque()
        self._listening: deque[Wish] = deque()
        self._notifications = NotificationQueue()

    # ---- asking

    def exchange(self, line: bytes, deadline: Deadline) -> Message:
        """Send a request and wait for its answer: :meth:`ask` and :meth:`answer` in one, in fewer steps.

        Raises
        ------
        ProtocolTimeoutError, ProtocolError
            As these two do.
        """
        wish = Wish()
        sent: list[int] = []
        try:
            with self._lock:
                if self._sender is None and self._trouble is None:
                    self._asked.append(wish)
                    self._transport.send(line, sent)
                    if sent[0] < len(line):
                        self._sender = wish
                    elif self._reader is None:
                        self._reader = wish
                    else:
                        wish.wait_in(self._others)
            if not sent or sent[0] < len(line):
                self._send(line, wish, sent, deadline)
            if self._reader is wish:
                self._read(deadline)
            if wish.answer is None or self._reader is wish:
                self._wait(wish, deadline)
        except BaseException as error:
            self._stop_asking(wish, error, finished=sum(sent) == len(line))
            raise
        return wish.answer or self._no_answer()

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
            self._send(line, wish, sent, deadline)
        except BaseException as error:
            self._stop_asking(wish, error, finished=sum(sent) == len(line))
            raise

    def answer(self, wish: Wish, deadline: Deadline) -> Message:
        """Wait for the answer to a request.

        Raises
        ------
        ProtocolTimeoutError
            If it did not come in time; when it comes later, it is dropped.
        ProtocolError
            If the connection broke first.
        """
        self._wait(wish, deadline)
        return wish.answer or self._no_answer()

    def _no_answer(self) -> NoReturn:
        with self._lock:
            self._check()
        raise ProtocolTimeoutError(f"{self.where} did not answer in time")

    def _stop_asking(self, wish: Wish, error: BaseException, *, finished: bool) -> None:
        """Let others go on; break the connection if a part of a request may have been sent and the rest will not be."""
        lost = isinstance(error, OSError) and not isinstance(error, ProtocolError | ProtocolTimeoutError)
        if isinstance(error, OSError) and lost:
            self.give_up(f"the connection to {self.where} was lost: {words(error)}")
        elif not finished and wish in self._asked:
            self.give_up(f"{self.where} got only a part of a request")
        self._stop_sending(wish)
        self._stop_reading(wish)
        if lost:
            self._no_answer()

    # ---- sending what does not go out at once

    def _send(self, line: bytes, wish: Wish, sent: list[int], deadline: Deadline) -> None:
        """Send what is not `sent` yet, when it is this thread's turn."""
        self._wait_to_send(wish, deadline)
        if not sent:
            with self._lock:
                self._asked.append(wish)
                self._transport.send(line, sent)
        while sum(sent) < len(line):
            self._make_room(deadline)
            self._transport.send(memoryview(line)[sum(sent) :], sent)
        self._stop_sending(wish)

    def _wait_to_send(self, wish: Wish, deadline: Deadline) -> None:
        while not self._take_sending(wish):
            if not wish.sleep(deadline):
                raise ProtocolTimeoutError(f"{self.where} did not take a request in time")

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
            self._stop_reading(wish)

    # ---- waiting

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
            if not wish.settled:
                self._stop_listening(wish)
        if wish.settled:
            return True
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
            in_time = True
            while in_time and not wish.settled and self._take_turn(wish):
                if self._reader is wish:
                    self._read(deadline)
                    # Bytes that come faster than they are read must not put the deadline off.
                    in_time = wish.settled or not deadline.expired
                else:
                    in_time = wish.sleep(deadline)
        finally:
            # Ctrl-C may have come between taking the reading and reading, or within what passes it on.
            self._stop_reading(wish)

    # ---- reading: only by the thread that is the reader

    def _read(self, deadline: Deadline) -> None:
        """Wait for bytes until the deadline, and hand out what they hold."""
        received: list[bytes] = []
        try:
            self._transport.receive(received, deadline)
            for data in received:
                self._hand_out(self._splitter.feed(data) if data else self._end_of_stream())
            received.clear()
        except ProtocolError as error:
            self._break(error)
        except OSError as error:
            self.give_up(f"the connection to {self.where} was lost: {words(error)}")
        except BaseException:
            # A wait that is interrupted loses nothing.
            if received:
                self.give_up(f"reading from {self.where} was interrupted")
            raise

    def _end_of_stream(self) -> NoReturn:
        raise ProtocolError(f"{self.where} closed the connection")

    def _hand_out(self, lines: list[bytes]) -> None:
        for line in lines:
            message = decode_line(line)
            if message is None:
                continue
            if line[-1] == _CARRIAGE_RETURN:
                self.carriage_returns = True
            with self._lock:
                if "return" not in message and not is_answer(message):
                    self._announce(message)
                elif not self._asked:
                    raise ProtocolError(f"{self.where} answered what nobody had asked")
                else:
                    wish = self._asked.popleft()
                    wish.answer = message
                    wish.settled = True
                    if wish is not self._reader:
                        self._wake(wish)
                    elif line is lines[-1]:
                        self._pass_on()

    def _announce(self, notification: Notification) -> None:
        """Hand a notification to whoever listens. Requires the lock."""
        self.arrivals += 1
        self._notifications.put(notification)
        while self._listening:
            listener = self._listening.popleft()
            listener.settled = True
            if listener is not self._reader:
                self._wake(listener)
