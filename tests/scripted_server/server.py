"""The scripted server: accepts, records, obeys the script, and notifies."""

import contextlib
import json
import queue
import socket
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Self

from scripted_server.classic import Classic, HangUpError, OldClassic
from scripted_server.connection import TICK, Connection
from scripted_server.faults import Action
from scripted_server.java import Java
from scripted_server.model import READY, Job, Machine, Model


@dataclass(frozen=True)
class Request:
    """One request that came."""

    command: str
    args: list
    kwargs: dict
    connection: int
    """Which connection it came by."""
    at: float = field(default_factory=time.monotonic, compare=False)


@dataclass
class Rule:
    """What to do to the next `times` requests of a command; None: to all."""

    command: str
    action: Action
    times: int | None


@dataclass
class Notifying:
    """How notifications behave."""

    delay: float = 0.0
    """Seconds by which they are late."""
    repeat: int = 1
    """How often each is sent; 0: they are lost."""


class ScriptedServer:
    """A spalloc server under a test's control; see the package's docstring.

    Parameters
    ----------
    version
        What it says of itself: any JSON value.
    java
        True for the Java dialect; else the classic one (that of before 1.0 if the version starts with ``0.``).
    pace
        How far jobs get by themselves: ``QUEUED``, ``POWER`` or ``READY``.
    machines
        What there is to allocate: by default one machine ``m`` of 4 by 4 triads.
    host, port
        Where to listen; an address with a colon is IPv6, port 0 is any free one.
    receive_buffer
        The size of the kernel's buffer for what clients send, in bytes.
    """

    def __init__(
        self,
        *,
        version: object = None,
        java: bool = False,
        pace: int = READY,
        machines: Iterable[Machine] | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        receive_buffer: int | None = None,
    ) -> None:
        self.model = Model([Machine()] if machines is None else machines, pace)
        self.model.listener = lambda jobs, names: self._changes.put((jobs, names))
        self.dialect = make_dialect(self.model, version, java)
        self.host, self.port = host, port
        self.requests: list[Request] = []
        self.connections: list[Connection] = []
        self.notifying = Notifying()
        self.greeting: Callable[[Connection], None] | None = None
        """What to do to each new connection before anything is read: say, ``Connection.rst``."""
        self._rules: list[Rule] = []
        self._receive_buffer = receive_buffer
        self._changes: queue.SimpleQueue[tuple[set[int], set[str]]] = queue.SimpleQueue()
        self._news = threading.Condition()
        self._awake = threading.Event()
        self._awake.set()
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []
        self._listener = self._reserve()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        self._listener.close()

    @property
    def jobs(self) -> dict[int, Job]:
        """The jobs by number, those that have ended as well."""
        return self.model.jobs

    def live_jobs(self) -> list[int]:
        with self.model.lock:
            return [job.id for job in self.model.live()]

    # Coming and going

    def start(self) -> None:
        """Listen (again, on the same port)."""
        self._stopping.clear()
        self.thaw()
        self._listener.listen(64)
        self._listener.settimeout(TICK)
        tasks = (self._accept, self._notify, self._expire)
        self._threads = [threading.Thread(target=task, daemon=True) for task in tasks]
        for thread in self._threads:
            thread.start()

    def stop(self, *, reset: bool = False) -> None:
        """Stop listening, and end all connections."""
        self._stopping.set()
        self._threads[0].join(5)  # no new connections from here on
        self._listener.close()
        self._listener = self._reserve()
        self.drop_connections(reset=reset)
        for thread in self._threads:
            thread.join(5)

    def _reserve(self) -> socket.socket:
        """Hold the port without listening: while the server is away, nobody else gets it."""
        held = socket.socket(socket.AF_INET6 if ":" in self.host else socket.AF_INET, socket.SOCK_STREAM)
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if self._receive_buffer:
            held.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self._receive_buffer)
        held.bind((self.host, self.port))
        self.port = held.getsockname()[1]
        return held

    def restart(self, *, outage: float = 0.0, keep_jobs: bool = True, reset: bool = False) -> None:
        """Stop, stay away for `outage` seconds, and come back on the same port."""
        self.stop(reset=reset)
        if not keep_jobs:
            self.model.jobs.clear()
        time.sleep(outage)
        self.start()

    def drop_connections(self, *, reset: bool = False) -> None:
        """End all connections, and wait until they are closed."""
        present = list(self.connections)  # others may come in the meantime
        for connection in present:
            (connection.rst if reset else connection.fin)()
        for connection in present:
            connection.join()

    def freeze(self) -> None:
        """Go on accepting and never answer, as the classic server does when its only thread has died."""
        self._awake.clear()

    def thaw(self) -> None:
        self._awake.set()

    # The script

    def script(self, command: str, action: Action, *, times: int | None = 1) -> Action:
        """Do `action` to the next `times` requests of a command (``"*"``: of any); None: to all of them."""
        self._rules.append(Rule(command, action, times))
        return action

    def unscript(self) -> None:
        """Answer as a good server again."""
        self._rules.clear()

    def send(self, data: bytes) -> None:
        """Send bytes to every connection."""
        for connection in self.open_connections():
            connection.send(data)

    def open_connections(self) -> list[Connection]:
        return [connection for connection in self.connections if connection.open]

    # What came

    def commands(self) -> list[str]:
        return [request.command for request in self.requests]

    def wait_for(self, command: str, count: int = 1, timeout: float = 10.0) -> Request:
        """Wait until `count` requests of a command have come; return the last of them."""

        def arrived() -> list[Request]:
            return [request for request in self.requests if request.command == command]

        with self._news:
            if not self._news.wait_for(lambda: len(arrived()) >= count, timeout):
                raise AssertionError(f"no {count} requests {command} within {timeout} s, but {self.commands()}")
            return arrived()[count - 1]

    def wait_until(self, condition: Callable[[], object], timeout: float = 10.0) -> None:
        """Wait until something is true of this server."""
        give_up = time.monotonic() + timeout
        while not condition():
            assert time.monotonic() < give_up, f"not within {timeout} s; {self.jobs=} {self.connections=}"
            time.sleep(0.005)

    # Threads

    def _accept(self) -> None:
        while not self._stopping.is_set():
            if not self._awake.wait(TICK):
                continue
            with contextlib.suppress(TimeoutError):
                sock, _ = self._listener.accept()
                connection = Connection(len(self.connections), sock, self._line, self.dialect.stall_limit)
                self.connections.append(connection)
                connection.start(self.greeting)

    def _line(self, connection: Connection, line: bytes) -> None:
        request = read_request(line, connection.number)
        if request:
            with self._news:
                self.requests.append(request)
                self._news.notify_all()
        while not self._awake.wait(TICK):
            if not connection.open:
                return

        def answer() -> bytes:
            return self.dialect.answer(line, connection.watches, connection.host) or b""

        try:
            self._action(request)(connection, answer)
        except HangUpError:
            connection.fin()

    def _action(self, request: Request | None) -> Action:
        with self._news:
            for rule in list(self._rules) if request else []:
                if rule.command not in {"*", request.command if request else ""}:
                    continue
                if rule.times is not None:
                    rule.times -= 1
                if rule.times == 0:
                    self._rules.remove(rule)
                return rule.action
        return lambda connection, answer: connection.send(answer())

    def _notify(self) -> None:
        while not self._stopping.is_set():
            try:
                jobs, machines = self._changes.get(timeout=TICK)
            except queue.Empty:
                continue
            self._stopping.wait(self.notifying.delay)
            for connection in self.open_connections():
                for _ in range(self.notifying.repeat):
                    self._tell(connection, jobs, machines)

    def _tell(self, connection: Connection, jobs: set[int], machines: set[str]) -> None:
        if isinstance(self.dialect, Java):
            # It tells of whatever lives, at any change; of a job's end it never tells directly.
            jobs = set(self.live_jobs()) if jobs else jobs
            machines = {machine.name for machine in self.model.machines} if machines else machines
        watches = connection.watches
        changed_jobs = sorted(job for job in jobs if {job, None} & watches.jobs)
        changed_machines = sorted(name for name in machines if {name, None} & watches.machines)
        if changed_jobs:
            connection.send(self.dialect.encode({"jobs_changed": changed_jobs}))
        if changed_machines:
            connection.send(self.dialect.encode({"machines_changed": changed_machines}))

    def _expire(self) -> None:
        while not self._stopping.wait(TICK):
            with self.model.lock:
                overdue = [job for job in self.model.live() if job.overdue and self._awake.is_set()]
                for job in overdue:
                    if job.deadly:
                        self.freeze()
                        return
                    self.model.destroy(job.id, "Job timed out.")


def make_dialect(model: Model, version: object, java: bool) -> Classic:
    if java:
        return Java(model, version or "5.0.0")
    version = "1!7.0.0" if version is None else version
    return (OldClassic if str(version).startswith("0.") else Classic)(model, version)


def read_request(line: bytes, connection: int) -> Request | None:
    """Return what a line asks for, for the record; None if it is no request."""
    with contextlib.suppress(ValueError):
        message = json.loads(line)
        if isinstance(message, dict):
            args, kwargs = message.get("args", []), message.get("kwargs", {})
            return Request(str(message.get("command")), args, kwargs, connection)
    return None
