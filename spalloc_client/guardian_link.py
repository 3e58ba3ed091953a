"""One server, as the guardian sees it: the jobs there, and the one connection to it.

The laws that hold here, too, are in ``guardian_process.py``.
"""

import _socket
import _thread
import errno
import select

Address = tuple[int, tuple[str | int | bytes, ...]]
"""What a socket is made with, and what it connects to."""

LONGEST_LINE = 1 << 20
"""Bytes. The answers to what is asked here are some dozens."""

LAST_CHANCE = 60.0
"""Seconds for which a job is tried to be destroyed, if its keepalive is not shorter."""

FOREVER = float("inf")
IN = 1  # POLLIN and POLLOUT, for systems that have no poll
OUT = 4


def wait(events: dict[int, int], seconds: float) -> set[int]:
    """Wait for poll events of descriptors; return those that have some, or none after so many seconds."""
    # C cannot count as far as Python.
    timeout = None if seconds == FOREVER else min(max(seconds, 0.0), 86400.0)
    if not hasattr(select, "poll"):
        writing = [descriptor for descriptor, event in events.items() if event & OUT]
        readable, writable, _ = select.select(list(events), writing, [], timeout)
        return {*readable, *writable}
    poll = select.poll()
    for descriptor, event in events.items():
        poll.register(descriptor, event)
    return {descriptor for descriptor, _ in poll.poll(None if timeout is None else 1000 * timeout)}


class Ward:
    """A job that is kept alive, or destroyed once there is a `reason` to."""

    def __init__(self, job: int, keepalive: float, delay: float, timeout: float, *, ends: bool) -> None:
        self.job = job
        self.interval = max(0.05, keepalive / 3)
        self.delay = max(0.05, min(delay, keepalive / 6))
        self.patience = max(0.1, min(timeout, keepalive / 3, LAST_CHANCE / 3))
        self.last_chance = min(keepalive, LAST_CHANCE)
        self.ends = ends
        self.due = 0.0 if keepalive < FOREVER else FOREVER
        self.give_up = FOREVER
        self.reason = b""

    def end(self, reason: bytes, now: float) -> None:
        """Have it destroyed instead of kept; `reason` is JSON."""
        self.reason = reason
        self.interval = FOREVER
        self.delay = min(self.delay, 0.5)
        self.due = now
        self.give_up = now + self.last_chance

    def request(self) -> bytes:
        """Return what to tell the server."""
        command = b"destroy_job" if self.reason else b"job_keepalive"
        reason = b"" if self.reason in (b"", b"null") else b'"reason": %b' % self.reason
        return b'{"command": "%b", "args": [%d], "kwargs": {%b}}\n' % (command, self.job, reason)


class Name:
    """A server's name and port, and the addresses that are known of it; `wake` gets a byte when these are looked up."""

    def __init__(self, host: bytes, port: int, wake: _socket.socket) -> None:
        # Text is encoded as an international name, which costs a megabyte.
        self._host: bytes | str = host if host.isascii() else host.decode(errors="replace")
        self._port = port
        self._wake = wake
        self._fresh = False
        self.looking = False
        self.known = self._ask(_socket.AI_NUMERICHOST)
        self._is_number = bool(self.known)

    def addresses(self) -> list[Address] | None:
        """Return what is known while it is looked up again; None while there is nothing to be known yet."""
        if self._is_number or self._fresh:
            self._fresh = False
            return self.known
        if not self.looking:
            self.looking = True
            _thread.start_new_thread(self._look_up, ())
        # The network may be back before the names are.
        return self.known or None

    def _look_up(self) -> None:
        self.known = self._ask(0) or self.known
        self._fresh = True
        self.looking = False
        try:
            self._wake.send(b"\0")
        except OSError:
            return  # nobody waits any more

    def _ask(self, flags: int) -> list[Address]:
        try:
            answer = _socket.getaddrinfo(self._host, self._port, 0, _socket.SOCK_STREAM, 0, flags)
        except (OSError, ValueError):
            return []
        return [(family, address) for family, _, _, _, address in answer]


class Link:
    """A server: the wards there by their serial numbers, and the connection to it. Without wards it is of no use."""

    def __init__(self, name: Name) -> None:
        self.name = name
        self.wards: dict[int, Ward] = {}
        self.socket: _socket.socket | None = None
        self.connected = False
        self._answered = False
        self._untried: list[Address] = []
        self._tried: Address | None = None
        self._served: Address | None = None
        self._next_try = 0.0
        self._waiting_since = FOREVER
        self._awaited: list[tuple[int, bytes]] = []
        self._unsent = b""
        self._unread = b""

    def step(self, now: float) -> float:
        """Do what is due at the monotonic time `now`, and return when there will be more to do."""
        if now >= self._deadline():
            self._drop(now)
        if self.socket is None and now >= self._next_try and self._needed():
            self._connect(now)
        if self.connected:
            self._ask(now)
        return min(self._next_step(), *(ward.give_up for ward in self.wards.values()))

    def is_over(self, now: float) -> bool:
        """Give up the wards that it is too late for, and return whether none are left."""
        for serial in [serial for serial, ward in self.wards.items() if ward.give_up <= now]:
            del self.wards[serial]
        return not self.wards

    def events(self) -> int:
        """Return what to poll the socket for."""
        if self.connected and not self._unsent:
            return IN
        return IN | OUT

    def ready(self, now: float) -> list[int]:
        """Take what the poll announced, and return the serial numbers of the wards that the server has kept."""
        assert self.socket is not None
        kept: list[int] = []
        try:
            if not self.connected:
                self._finish_connecting(self.socket)
            self._receive(self.socket, kept, now)
            self._send(self.socket)
        except OSError:
            self._drop(now)
        return kept

    def close(self) -> None:
        """Close the connection."""
        if self.socket is not None:
            self.socket.close()
        self.socket = None
        self.connected = self._answered = False
        self._waiting_since = FOREVER
        self._awaited = []
        self._unsent = self._unread = b""

    def _needed(self) -> bool:
        """Return whether there is or will be anything to say; so that it can be said at once, the line is up before."""
        return any(ward.ends or ward.due < FOREVER for ward in self.wards.values())

    def _deadline(self) -> float:
        return self._waiting_since + min(ward.patience for ward in self.wards.values())

    def _next_step(self) -> float:
        if self.connected:
            return min(self._deadline(), *(ward.due for ward in self.wards.values()))
        if self.socket is not None:
            return self._deadline()
        lost = self.name.looking and not self.name.known
        return self._next_try if self._needed() and not lost else FOREVER

    def _connect(self, now: float) -> None:
        if not self._untried:
            known = self.name.addresses()
            if known is None:
                return
            # What served last comes first: an address that is silent costs a whole timeout.
            self._untried = sorted(known, key=lambda address: address != self._served)
        if not self._untried:
            self._drop(now)
            return
        self._tried = family, address = self._untried.pop(0)
        try:
            self.socket = _socket.socket(family, _socket.SOCK_STREAM)
            self.socket.setblocking(False)
            self.socket.setsockopt(_socket.IPPROTO_TCP, _socket.TCP_NODELAY, 1)
            problem = self.socket.connect_ex(address)
        except (OSError, OverflowError):
            problem = errno.EINVAL
        self._waiting_since = now
        if problem not in (0, errno.EINPROGRESS, errno.EWOULDBLOCK):
            self._drop(now)

    def _finish_connecting(self, socket: _socket.socket) -> None:
        problem = socket.getsockopt(_socket.SOL_SOCKET, _socket.SO_ERROR)
        if problem:
            raise OSError(problem, "cannot connect")
        self.connected = True
        self._waiting_since = FOREVER
        self._served = self._tried
        self._untried = [] if self._tried is None else [self._tried]

    def _ask(self, now: float) -> None:
        """Write down what is due, and with it what soon will be: so jobs that began apart come to share a send."""
        if all(ward.due > now for ward in self.wards.values()):
            return
        if not self._awaited:
            self._waiting_since = now
        for serial, ward in self.wards.items():
            if ward.due <= now or ward.due <= now + ward.interval / 2 < FOREVER:
                self._unsent += ward.request()
                self._awaited.append((serial, ward.reason))
                ward.due = now + ward.interval

    def _send(self, socket: _socket.socket) -> None:
        try:
            self._unsent = self._unsent[socket.send(self._unsent) :] if self._unsent else b""
        except BlockingIOError:
            return

    def _receive(self, socket: _socket.socket, kept: list[int], now: float) -> None:
        try:
            data = socket.recv(1 << 16)
        except BlockingIOError:
            return
        *lines, self._unread = (self._unread + data).split(b"\n")
        if not data or len(self._unread) > LONGEST_LINE:
            raise OSError("the server has hung up, or is no spalloc server")
        for line in lines:
            content = line.lstrip(b" \t{")
            # All else – a notification, a blank line – answers nothing.
            if self._awaited and content.startswith((b'"return"', b'"exception"')):
                self._take(kept, fine=content.startswith(b'"return"'))
                self._waiting_since = now if self._awaited else FOREVER

    def _take(self, kept: list[int], *, fine: bool) -> None:
        serial, reason = self._awaited.pop(0)
        self._answered = True
        if reason:
            # A server that refuses to destroy a job does not know it.
            self.wards.pop(serial, None)
        elif fine and serial in self.wards:
            kept.append(serial)

    def _drop(self, now: float) -> None:
        """Close the connection, and have what it leaves unanswered asked again."""
        unanswered = [serial for serial, _ in self._awaited if serial in self.wards]
        for serial in unanswered:
            self.wards[serial].due = now
        if unanswered:
            # The oldest servers hang up when a request fails: it comes last from now on, so that the others are heard.
            self.wards[unanswered[0]] = self.wards.pop(unanswered[0])
        # A server that hangs up on everybody is not to be called without pause.
        at_once = self._answered or (not self.connected and self._untried)
        delay = min((ward.delay for ward in self.wards.values()), default=0.0)
        self._next_try = now if at_once else now + delay
        self.close()
