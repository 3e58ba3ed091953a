"""A spalloc server as the rest of the package sees it: records in and out, and connections that come back.

:class:`Job` and the commands use nothing else of a server; a server that speaks another protocol would be another
class with these methods.
"""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from types import TracebackType
from typing import Final, NamedTuple, Self

from spalloc_client import log
from spalloc_client.config import Config
from spalloc_client.connection import Connection
from spalloc_client.deadline import NEVER, Deadline
from spalloc_client.dialect import CLASSIC, Dialect, dialect_of
from spalloc_client.exceptions import (
    ConfigError,
    NotSupportedError,
    ProtocolError,
    ProtocolTimeoutError,
    SpallocServerException,
    UnexpectedAnswerError,
)
from spalloc_client.forking import in_forked_child
from spalloc_client.protocol_client import PendingCall, ProtocolClient
from spalloc_client.records import Allocation, JobRecord, JobStatus, Location, MachineRecord
from spalloc_client.request import JobRequest
from spalloc_client.version import parse_version

POLL: Final = 5.0
"""Seconds after which a state is read again without a notification: some servers send them late, or not at all."""


class News(NamedTuple):
    """How much was heard from a server: to be kept before reading, and waited on after it."""

    connection: Connection | None
    arrivals: int


class Server:
    """A server, and a connection to it that is made again when it is lost.

    Everything that asks the server may raise :class:`ProtocolError` (it cannot be reached) and
    :class:`ProtocolTimeoutError` (it does not answer), both only after `timeout`, and
    :class:`SpallocServerException` (it refuses). It can be shared by threads.

    Parameters
    ----------
    hostname, port
        Where it is.
    timeout
        Seconds that each request may take, connecting again included; None for no limit.
    reconnect_delay
        Seconds between attempts to connect again.
    """

    def __init__(self, hostname: str, port: int, *, timeout: float | None, reconnect_delay: float) -> None:
        self.hostname = hostname
        self.port = port
        self.timeout = timeout
        self.version = ""
        """What the server reports as its version, once connected."""
        self.reconnect_delay = reconnect_delay
        self._client = ProtocolClient(hostname, port)
        self._dialect: Dialect = CLASSIC
        self._connecting = threading.Lock()
        self._closed = threading.Event()
        self._renewal = in_forked_child(self._renew)
        self._subscriptions: dict[tuple[str, tuple[object, ...]], None] = {}

    @classmethod
    def from_config(cls, config: Config) -> Self:
        """Return the server that the settings name, not connected yet.

        Raises
        ------
        ConfigError
            If they name none.
        """
        if config.hostname is None:
            raise ConfigError(
                "no spalloc server is set; give hostname=… (--hostname in a shell), set SPALLOC_HOSTNAME, "
                "or write “hostname = server” in a config file (python -m spalloc_client.config lists them)"
            )
        return cls(config.hostname, config.port, timeout=config.timeout, reconnect_delay=config.reconnect_delay)

    def __repr__(self) -> str:
        return f"<Server {self.hostname}:{self.port}, {'connected' if self._client.connected else 'not connected'}>"

    def _renew(self) -> None:
        self._connecting = threading.Lock()

    # ---- connecting

    def connect(self) -> None:
        """Connect now, with one attempt, so that a server that is not there is known at once.

        Raises
        ------
        ServerVersionError
            If it is too old, or no spalloc server.
        """
        with self._connecting:
            self._connect(Deadline.after(self.timeout))

    @property
    def closed(self) -> bool:
        """True once it was closed here."""
        return self._closed.is_set()

    @property
    def connected(self) -> bool:
        """True while there is a connection, as far as is known here."""
        return self._client.connected

    def close(self) -> None:
        """Disconnect; whoever waits for this server gets a ProtocolError at once."""
        self._closed.set()
        self._client.close()

    def __enter__(self) -> Self:
        self.connect()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _connect(self, deadline: Deadline) -> None:
        """Connect, ask the version, subscribe again. Requires the connecting lock."""
        assert self._connecting.locked()
        self._client.connect(deadline.remaining())
        try:
            version = self._client.call("version", timeout=deadline.remaining())
            parse_version(version)
            self.version = str(version)
            connection = self._client.connection
            self._dialect = dialect_of(carriage_returns=connection is not None and connection.carriage_returns)
            for command, args in list(self._subscriptions):
                # A Java server refuses it for a job that is gone; that the job is gone is found by looking.
                with suppress(SpallocServerException):
                    self._client.call(command, *args, timeout=deadline.remaining())
        except BaseException:
            self._client.close()
            raise
        if self._closed.is_set():
            self._client.close()

    def _connected(self, deadline: Deadline) -> None:
        """Return when there is a connection; raise what stood in its way when the deadline has passed."""
        while not self._client.connected:
            with _held(self._connecting, deadline):
                self._connect_unless_another_did(deadline)

    def _connect_unless_another_did(self, deadline: Deadline) -> None:
        if self._client.connected:
            return
        self._check_not_closed()
        try:
            self._connect(deadline)
        except (ProtocolError, ProtocolTimeoutError) as error:
            if not self._pause(deadline):
                raise
            log.info("connecting again: %s", error)

    def _pause(self, deadline: Deadline) -> bool:
        """Wait before the next attempt; False if there is no time for one."""
        remaining = deadline.remaining()
        # Near the deadline attempts come faster, so that a server that is back just in time is found.
        delay = self.reconnect_delay if remaining is None else min(self.reconnect_delay, remaining / 2)
        if remaining is not None and remaining < 0.05:
            return False
        self._closed.wait(max(delay, 0.01))
        return not self._closed.is_set()

    def _check_not_closed(self) -> None:
        if self._closed.is_set():
            raise ProtocolError(f"the connection to the spalloc server at {self.hostname}:{self.port} was closed here")

    def _ask(self, command: str, *args: object, **kwargs: object) -> object:
        return self._ask_until(Deadline.after(self.timeout), command, *args, **kwargs)

    def _ask_until(self, deadline: Deadline, command: str, *args: object, **kwargs: object) -> object:
        """Ask what may be asked twice: after a lost connection it is asked again."""
        losses = 0
        while True:
            if not self._client.connected:
                self._connected(deadline)
            try:
                return self._client.call(command, *args, timeout=deadline.remaining(), **kwargs)
            except ProtocolError as error:
                losses += 1
                if self._closed.is_set() or not self._pause_after_loss(losses, deadline):
                    raise
                log.info("asking %s again: %s", command, error)
            except SpallocServerException as error:
                if self._dialect.is_no_answer(command, error):
                    return None
                raise

    def _pause_after_loss(self, losses: int, deadline: Deadline) -> bool:
        if losses > 1:
            return self._pause(deadline)  # a server that drops each connection is not to be hammered
        return not self._closed.wait(0.01) and not deadline.expired

    # ---- jobs

    def begin_creation(self, request: JobRequest, creation: PendingCall) -> None:
        """Ask for a job; `creation` can be finished, or undone, even if Ctrl-C comes in between."""
        deadline = Deadline.after(self.timeout)
        self._connected(deadline)
        arguments = self._dialect.creation_arguments(request.requirements)
        self._client.begin(creation, *request.what, deadline=deadline, owner=request.owner, **arguments)

    def finish_creation(self, creation: PendingCall) -> int:
        """Return the id of the job that was asked for."""
        answer = self._client.finish(creation, Deadline.after(self.timeout))
        if isinstance(answer, bool) or not isinstance(answer, int):
            raise UnexpectedAnswerError(f"the server's answer to create_job makes no sense: {str(answer)[:120]!r}")
        return answer

    def status(self, job_id: int, deadline: Deadline = NEVER) -> JobStatus:
        """Return how a job is doing, by the deadline. On some servers this keeps the job alive: for own jobs only."""
        answer = self._ask_until(deadline.sooner(self.timeout), "get_job_state", job_id)
        return self._dialect.status({"state": 0} if answer is None else answer)

    def allocation(self, job_id: int) -> Allocation | None:
        """Return the boards of a job, None if it has none. May keep the job alive: for own jobs only."""
        answer = self._ask("get_job_machine_info", job_id)
        return self._dialect.allocation(answer)

    def set_power(self, job_id: int, power: bool) -> None:
        """Begin to switch a job's boards on (which resets boards that are on) or off."""
        self._ask("power_on_job_boards" if power else "power_off_job_boards", job_id)

    def destroy_job(self, job_id: int, reason: str | None) -> None:
        """End a job."""
        self._ask("destroy_job", job_id, reason=reason)

    def jobs(self) -> list[JobRecord]:
        """Return all jobs that are queued or running, the oldest first; keeps nobody's job alive."""
        answer = self._ask("list_jobs")
        return self._dialect.jobs(answer)

    def report_problem(self, address: str, description: str, place: Sequence[int | None]) -> None:
        """Report a fault of a board.

        Raises
        ------
        NotSupportedError
            If the server has no such command.
        """
        if self._dialect is CLASSIC:
            # It would hang up.
            raise NotSupportedError("this spalloc server takes no problem reports; tell its administrator")
        named = {name: number for name, number in zip("xyp", place, strict=True) if number is not None}
        self._ask("report_problem", address, **named, description=description)

    def interval_to_keep(self, keepalive: float | None) -> float | None:
        """Return the interval in seconds at which this server expects keepalives of a job made with `keepalive`."""
        return self._dialect.interval_to_keep(keepalive)

    def failed_to_power_on(self, status: JobStatus) -> bool:
        """True if a job was destroyed because its boards could not be switched on."""
        return self._dialect.failed_to_power_on(status)

    # ---- machines

    def machines(self) -> list[MachineRecord]:
        """Return all machines, in the order in which the server tries them."""
        answer = self._ask("list_machines")
        return self._dialect.machines(answer)

    def where_is(self, **query: object) -> Location | None:
        """Return where a chip or board is, None if there is no such place.

        Parameters
        ----------
        **query
            One of: machine, x, y, z; machine, cabinet, frame, board; machine, chip_x, chip_y; job_id, chip_x, chip_y.
        """
        answer = self._ask("where_is", **query)
        return self._dialect.location(answer)

    # ---- changes

    def subscribe(self, command: str, *args: object, deadline: Deadline = NEVER) -> None:
        """Ask to be told of changes, on this connection and on each that follows it.

        Parameters
        ----------
        command, *args
            ``notify_job`` with a job id, or without for all jobs; ``notify_machine`` likewise.
        deadline
            When to give up, if that is sooner than `timeout`.
        """
        if (command, args) not in self._subscriptions:
            self._ask_until(deadline.sooner(self.timeout), command, *args)
            self._subscriptions[(command, args)] = None

    def news(self) -> News:
        """Return how much was heard so far; to be kept before a state is read."""
        connection = self._client.connection
        return News(connection, 0 if connection is None else connection.arrivals)

    def wait_for_news(self, news: News, deadline: Deadline) -> None:
        """Return when anything was heard after `news`, the connection was lost, or the deadline has passed."""
        if news.connection is None or news.connection is not self._client.connection:
            return
        with suppress(ProtocolError):  # whoever asks next meets it, or a new connection
            news.connection.wait_for_arrival(news.arrivals, deadline)


@contextmanager
def _held(lock: threading.Lock, deadline: Deadline) -> Iterator[None]:
    remaining = deadline.remaining()
    timeout = -1 if remaining is None else min(remaining, threading.TIMEOUT_MAX)
    held: list[bool] = []
    try:
        # Ctrl-C cannot come between taking the lock and noting that it was taken: that is one step.
        held.extend(map(lock.acquire, (True,), (timeout,)))
        if True not in held:
            raise ProtocolTimeoutError("another thread is still connecting")
        yield
    finally:
        if True in held:
            lock.release()
