"""What is kept for this process, the line to the guardian, and the thread that starts it again."""

import atexit
import contextlib
import itertools
import json
import os
import signal
import socket
import threading
import time
import warnings

from spalloc_client.guardian_link import FOREVER, IN, OUT, wait
from spalloc_client.guardian_start import spawn

START_TIMEOUT = 20.0  # seconds; what does not say in this time that it is ready is no guardian
_EXIT_TIMEOUT = 1.0  # seconds; a notebook's kernel has 2.5 for all it does at its end
_LONGEST_PAUSE = 5.0  # seconds between two starts of a guardian that ends at once
_MOST_FAILURES = 3


class Ward:
    """A job that is kept alive; made by :func:`spalloc_client.guardian.keep`.

    Attributes
    ----------
    last_kept_alive : float or None
        When the server last confirmed a keepalive, in seconds since 1970 (UTC); None before the first.
    """

    def __init__(self, keeper: "Keeper", serial: int, name: str, order: bytes) -> None:
        self.last_kept_alive: float | None = None
        self.order = order
        self._keeper = keeper
        self._serial = serial
        self._name = name

    def __repr__(self) -> str:
        return f"<Ward: {self._name}, {'kept' if self.kept else 'released'}>"

    @property
    def kept(self) -> bool:
        """True until it is released or destroyed."""
        return self._serial in self._keeper.wards

    def release(self) -> None:
        """Stop keeping the job alive, and leave it to itself.

        May be called again, from any thread, and in a forked child, where it does nothing: the ward is the parent's.
        """
        self._keeper.dismiss(self._serial, b"release %d\n" % self._serial)

    def destroy(self, reason: str | None = None) -> None:
        """Leave it to the guardian to destroy the job, without waiting for that.

        It is tried for as long as the job's keepalive, at most for 60 s, whether or not this process lives on. May be
        called wherever :meth:`release` may.

        Parameters
        ----------
        reason
            Why, for whoever asks the server later.
        """
        self._keeper.dismiss(self._serial, b"destroy %d %b\n" % (self._serial, json.dumps(reason).encode()))


class Keeper:
    """All that is kept for this process, and the line to the guardian."""

    def __init__(self) -> None:
        self.wards: dict[int, Ward] = {}
        self.lock = (
            threading.RLock()
        )  # reentrant: the garbage collector may release a ward while this thread keeps another
        self._serials = itertools.count(1)
        self._channel: socket.socket | None = None
        self._unsent = b""
        self._flushing = False
        self._child = 0
        self._in_thread = False
        self._watched = False
        self._closing = False
        self._closed = threading.Event()

    def keep(self, name: str, order: str) -> Ward:
        """Take on a job; `order` is what the guardian is told of it, but for the ward's serial number."""
        with self.lock:
            serial = next(self._serials)
            ward = Ward(self, serial, name, f"keep {serial} {order}\n".encode())
            try:
                self.wards[serial] = ward
                if self._watched:
                    self._tell(ward.order)
                else:
                    self._begin()
            except BaseException:
                ward.release()
                raise
        return ward

    def dismiss(self, serial: int, order: bytes) -> None:
        """Let a ward go with a last order about it."""
        if self is not current():
            return  # this is a forked child, and the ward its parent's
        with self.lock:
            if self.wards.pop(serial, None) is not None:
                self._tell(order)

    def forget(self) -> None:
        """Close the line without a word: this is a forked child, and the guardian its parent's."""
        if self._channel is not None:
            self._channel.close()

    def close(self) -> None:
        """End all that is kept, and wait a little until that is done."""
        with self.lock:
            if self._channel is None:
                return
            self._closing = True
            with contextlib.suppress(OSError):
                self._channel.shutdown(socket.SHUT_WR)
        self._closed.wait(_EXIT_TIMEOUT)

    def _tell(self, order: bytes) -> None:
        """Send an order, never waiting. Without a guardian there is no need to: the next will be told of all wards."""
        if self._channel is None:
            return
        self._unsent += order
        if self._flushing:
            return
        try:
            self._unsent = self._unsent[self._channel.send(self._unsent) :]
        except BlockingIOError:
            self._flushing = True
            threading.Thread(target=self._flush, args=(self._channel,), name="spalloc-orders", daemon=True).start()
        except OSError:
            return  # it has ended; the watcher will start another

    def _flush(self, channel: socket.socket) -> None:
        """Wait until a guardian that has been stopped takes orders again."""
        wait({channel.fileno(): OUT}, FOREVER)
        with self.lock:
            self._flushing = False
            if channel is self._channel:
                self._tell(b"")

    def _begin(self) -> None:
        self._watched = True
        # When the interpreter is ending there are no more threads, and no more need of one.
        with contextlib.suppress(RuntimeError):
            # Before the guardian, which would compete with it for the processor while we wait for the thread to run.
            threading.Thread(target=self._watch, name="spalloc-guardian", daemon=True).start()
        self._start()

    def _start(self) -> None:
        """Start a guardian and tell it of all wards."""
        self._channel, other = socket.socketpair()
        self._channel.setblocking(False)
        self._child = 0
        try:
            if not self._in_thread:
                self._child = spawn(other.fileno())
        except (OSError, NotImplementedError) as error:
            self._serve_in_thread(str(error))
        if self._in_thread:
            threading.Thread(target=_serve, args=(other,), name="spalloc-keepalive", daemon=True).start()
        else:
            other.close()
        self._unsent = b"".join(ward.order for ward in self.wards.values())
        self._tell(b"")

    def _serve_in_thread(self, why: str) -> None:
        self._in_thread = True
        text = f"Jobs are kept alive by a thread, which a long call into C can starve. No process can be: {why}."
        try:
            warnings.warn(text, RuntimeWarning, stacklevel=2)
        except RuntimeWarning:
            # Warnings are errors here, but a job matters more.
            import logging

            logging.getLogger(__name__).warning(text)

    def _watch(self) -> None:
        """Hear the guardian's news, and start it again when it has ended."""
        failures = quick_ends = 0
        while True:
            began = time.monotonic()
            failures = 0 if self._hear() else failures + 1
            with self.lock:
                self._hang_up()
                if not self._watched:
                    return
            quick_ends = quick_ends + 1 if time.monotonic() - began < 1.0 else 0
            time.sleep(min(_LONGEST_PAUSE, 0.01 * 2**quick_ends))
            with self.lock:
                if failures >= _MOST_FAILURES and not self._in_thread:
                    self._serve_in_thread("it ends as soon as it has started")
                self._start_again()

    def _start_again(self) -> None:
        try:
            self._start()
        except OSError:
            return  # there are no descriptors left; there may be some after the next pause

    def _hang_up(self) -> None:
        if self._channel is not None:
            self._channel.close()
            self._channel = None
        if self._closing or not self.wards:
            self._watched = False
        if self._closing:
            self._closed.set()

    def _hear(self) -> bool:
        """Read the guardian's news until it ends; return whether there were any."""
        with self.lock:
            channel, child = self._channel, self._child
        if channel is None:
            return False
        # A thread may be slow to start, but it will.
        first = self._receive(channel, START_TIMEOUT if child else FOREVER)
        if child and not first:
            _kill_group(child)
        if child:
            _reap(child)
        unread, data = b"", first
        while data:
            *lines, unread = (unread + data).split(b"\n")
            for line in lines:
                self._note(line.split())
            data = self._receive(channel, FOREVER)
        return bool(first)

    @staticmethod
    def _receive(channel: socket.socket, timeout: float) -> bytes:
        """Return what comes next; nothing if it does not come in time, or the guardian has ended."""
        if not wait({channel.fileno(): IN}, timeout):
            return b""
        try:
            return channel.recv(1 << 16)
        except OSError:
            return b""

    def _note(self, words: list[bytes]) -> None:
        for word in words[2:]:
            ward = self.wards.get(int(word))
            if ward is not None:
                ward.last_kept_alive = float(words[1])


def _serve(channel: socket.socket) -> None:
    from spalloc_client.guardian_process import Guardian

    Guardian(channel).run()


def _reap(child: int) -> None:
    # A program may wait for whatever ends, and so for this.
    with contextlib.suppress(ChildProcessError):
        os.waitpid(child, 0)


def _kill_group(leader: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(leader, signal.SIGKILL)


_keeper = Keeper()


def current() -> Keeper:
    """Return the keeper of this process; a forked child has one of its own."""
    return _keeper


def _before_fork() -> None:
    _keeper.lock.acquire()


def _after_fork_in_parent() -> None:
    _keeper.lock.release()


def _after_fork_in_child() -> None:
    global _keeper
    inherited, _keeper = _keeper, Keeper()
    inherited.forget()


def _at_exit() -> None:
    # It is ending already.
    with contextlib.suppress(KeyboardInterrupt):
        _keeper.close()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before_fork, after_in_parent=_after_fork_in_parent, after_in_child=_after_fork_in_child)
# Registered at import, it comes after what a program registers later, which may still need its boards.
atexit.register(_at_exit)
