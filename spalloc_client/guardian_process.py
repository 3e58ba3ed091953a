"""Keeps jobs alive from a process of its own, and ends them when the process that owns them has ended.

:mod:`spalloc_client.guardian` runs this file with ``python -I -S`` and talks to it through one socket. The laws:

1. It starts in the time and the memory of a bare interpreter: it imports only what is compiled in or frozen, and two
   small extension modules (json, socket and signal would each cost half as much again as all of this).
2. One thread and one poll, and nothing but the poll blocks. Names alone are looked up in a thread of their own, since
   a resolver may hang for half a minute.
3. A server has one connection at most, however many of its jobs are kept. What is due goes out in one send. Answers
   carry no id, so they are matched in order; what a connection left unanswered is asked again on the next.
4. The owner has ended when its end of the socket is closed or its pidfd says so, whichever comes first: a forked
   child may hold the socket open, and ``exec`` leaves the pid as it was.
5. When the owner has ended, the jobs that end with it are destroyed. That is tried for a bounded time; then this
   process ends.

The owner sends the lines ``keep SERIAL JOB KEEPALIVE DELAY TIMEOUT ENDS PORT HOST``, ``release SERIAL`` and ``destroy
SERIAL REASON``. Times are in seconds (``inf`` for None), ENDS is 0 or 1, HOST is UTF-8 in hexadecimal digits and REASON
is JSON. It is answered with ``ready`` and ``kept TIME SERIAL …``.
"""

import _socket
import errno
import os
import sys
import time

if __name__ == "__main__":
    # The package's own __init__ would import all of the client: this is enough of a package to import one module from.
    sys.modules["spalloc_client"] = _package = type(sys)("spalloc_client")
    _package.__path__ = [os.path.dirname(__file__)]  # noqa: PTH120 - pathlib would double the time to start

from spalloc_client.guardian_link import FOREVER, IN, Link, Name, Ward, wait

OWNER_POLL = 1.0
"""Seconds between two looks at the owner, where there are no pidfds."""

OWNER_ENDED = b'"The process that owned it has ended."'


class Guardian:
    """Keeps what it is told to, until its owner has ended and what was left has been destroyed.

    Parameters
    ----------
    channel
        The socket to the owner.
    owner
        The owner's process number, 0 if it needs no watching.
    pidfd
        A descriptor that becomes readable when the owner ends, -1 where there are none.
    """

    def __init__(self, channel: _socket.socket, owner: int = 0, pidfd: int = -1) -> None:
        self._channel = channel
        self._owner = owner
        self._pidfd = pidfd
        self._wake, self._woken = _socket.socketpair()
        self._woken.setblocking(False)
        self._links: dict[tuple[bytes, int], Link] = {}
        self._homes: dict[int, Link] = {}
        self._unread = b""
        self._alone = False

    def run(self) -> None:
        """Keep jobs until the owner has ended."""
        self._channel.setblocking(False)
        self._tell(b"ready\n")
        while not self._alone or self._links:
            now = time.monotonic()
            self._wait(min((link.step(now) for link in self._links.values()), default=FOREVER) - now)
            for key in [key for key, link in self._links.items() if link.is_over(time.monotonic())]:
                self._links.pop(key).close()
        self._channel.close()
        self._wake.close()
        self._woken.close()

    def _wait(self, seconds: float) -> None:
        links = {link.socket.fileno(): link for link in self._links.values() if link.socket is not None}
        events = {descriptor: link.events() for descriptor, link in links.items()}
        events[self._woken.fileno()] = IN
        if not self._alone:
            events[self._channel.fileno()] = IN
            if self._pidfd >= 0:
                events[self._pidfd] = IN
            elif self._owner:
                seconds = min(seconds, OWNER_POLL)
        ready = wait(events, seconds)
        if self._woken.fileno() in ready:
            self._woken.recv(1 << 10)
        for descriptor in ready & links.keys():
            self._report(links[descriptor].ready(time.monotonic()))
        if not self._alone:
            self._listen(ended=self._pidfd in ready or self._owner_is_gone())

    def _owner_is_gone(self) -> bool:
        if self._pidfd >= 0 or not self._owner:
            return False
        try:
            os.kill(self._owner, 0)
        except OSError as error:
            return error.errno == errno.ESRCH  # else it goes by another user's name now
        return False

    def _listen(self, *, ended: bool) -> None:
        """Read all there is from the owner, and act when that was its last word."""
        try:
            while data := self._channel.recv(1 << 16):
                *lines, self._unread = (self._unread + data).split(b"\n")
                for line in lines:
                    self._obey(line)
            ended = True
        except BlockingIOError:
            pass
        except OSError:
            ended = True
        if ended:
            self._carry_on_alone()

    def _obey(self, line: bytes) -> None:
        order, number, *rest = line.split(b" ", 2)
        serial = int(number)
        if order == b"keep":
            self._keep(serial, rest[0].split(b" "))
        elif serial in self._homes:
            wards = self._homes[serial].wards
            if order == b"destroy" and serial in wards:
                wards[serial].end(rest[0], time.monotonic())
            else:
                wards.pop(serial, None)
            del self._homes[serial]

    def _keep(self, serial: int, words: list[bytes]) -> None:
        job, keepalive, delay, timeout, ends, port, host = words
        key = (bytes.fromhex(host.decode()), int(port))
        if key not in self._links:
            self._links[key] = Link(Name(*key, self._wake))
        self._homes[serial] = self._links[key]
        self._links[key].wards[serial] = Ward(
            int(job), float(keepalive), float(delay), float(timeout), ends=ends == b"1"
        )

    def _carry_on_alone(self) -> None:
        self._alone = True
        now = time.monotonic()
        for link in self._links.values():
            for serial, ward in list(link.wards.items()):
                if ward.reason:
                    continue
                if ward.ends:
                    ward.end(OWNER_ENDED, now)
                else:
                    del link.wards[serial]

    def _report(self, kept: list[int]) -> None:
        # So many fit into one write, whole or not at all.
        for first in range(0, len(kept), 50):
            self._tell(
                b"kept %f %b\n" % (time.time(), b" ".join(b"%d" % serial for serial in kept[first : first + 50]))
            )

    def _tell(self, line: bytes) -> None:
        try:
            self._channel.send(line)
        except OSError:
            return  # the owner is busy, or gone: news that nobody awaits


def main() -> None:
    """Leave the owner's family, then keep its jobs: ``guardian_process.py OWNER CHANNEL PIDFD``."""
    owner, channel, pidfd = (int(word) for word in sys.argv[1:])
    if os.fork():
        # The owner waits for this process. The other is nobody's child: the owner's os.wait() does not wait for
        # it, and what kills the owner with all its children does not kill it.
        return
    os.chdir("/")
    for name in os.listdir("/dev/fd"):  # noqa: PTH208 - pathlib would double the time to start
        descriptor = int(name)
        if descriptor > 2 and descriptor not in (channel, pidfd):
            _close(descriptor)
    Guardian(_socket.socket(fileno=channel), owner, pidfd).run()


def _close(descriptor: int) -> None:
    try:
        os.close(descriptor)
    except OSError:
        return  # the one through which the list was read


if __name__ == "__main__":
    main()
