"""The spalloc protocol as it is: one method a command, one connection, no policy.

For a job that looks after itself, see :class:`spalloc_client.Job`.
"""

from collections.abc import Callable
from time import monotonic
from types import TracebackType
from typing import Final, NoReturn, Self

from spalloc_client.connection import Connection
from spalloc_client.deadline import NEVER, Deadline
from spalloc_client.exceptions import ProtocolError, ProtocolTimeoutError, RequestError, SpallocServerException
from spalloc_client.forking import in_forked_child
from spalloc_client.protocol_commands import ProtocolCommands
from spalloc_client.transport import connect
from spalloc_client.wire import Message, Notification, encode_request
from spalloc_client.wish import Wish

DEFAULT_PORT: Final = 22244


class NotGiven:
    """The type of an argument that was left out, where None means something else."""

    def __repr__(self) -> str:
        return "not given"


NOT_GIVEN: Final = NotGiven()


class ProtocolClient(ProtocolCommands):
    """A connection to a spalloc server, on which any command can be called.

    ``client.call("version")`` and ``client.version()`` are the same, for commands known here and for any other.
    The client can be shared by threads; each gets its own answers. Nothing is sent before :meth:`connect`, which
    a ``with`` block calls, and nothing connects again by itself.

    Parameters
    ----------
    hostname
        Name or IP address of the server.
    port
        Its TCP port, as a number or as digits.
    timeout
        Seconds that connecting and each call may take where the call itself does not say; None for no limit.

    Raises
    ------
    RequestError
        If `port` is no port number.

    Examples
    --------
    >>> with ProtocolClient("localhost", timeout=5) as client:
    ...     client.version()
    '1!7.0.0'
    """

    def __init__(self, hostname: str, port: int | str = DEFAULT_PORT, timeout: float | None = None) -> None:
        self._hostname = hostname
        self._port = parse_port(port)
        self._timeout = timeout
        self._connection: Connection | None = None
        self._renewal = in_forked_child(self._forget_connection)

    def __repr__(self) -> str:
        state = "connected" if self.connected else "not connected"
        return f"<ProtocolClient {self._hostname}:{self._port}, {state}>"

    # ---- connecting

    @property
    def connected(self) -> bool:
        """True while the connection is open, as far as is known."""
        return self._connection is not None and not self._connection.broken

    @property
    def connection(self) -> Connection | None:
        """The connection in use, None before the first."""
        return self._connection

    def connect(self, timeout: float | NotGiven | None = NOT_GIVEN) -> None:
        """Connect to the server; a connection that is open is closed first.

        Parameters
        ----------
        timeout
            Seconds for all addresses of the server's name together; left out, those of the client.

        Raises
        ------
        ProtocolTimeoutError
            If no address answered in time.
        ProtocolError
            If the name is unknown or every address refused; like all connection errors, an OSError.
        """
        self.close()
        self._connection = Connection(connect(self._hostname, self._port, self._deadline(timeout)))

    def close(self) -> None:
        """Disconnect; threads that wait for an answer get a ProtocolError at once. May be called at any time."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.give_up(f"the connection to {connection.where} was closed here")

    def __enter__(self) -> Self:
        self.connect()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # ---- calling

    def call(
        self, name: str, /, *args: object, timeout: float | NotGiven | None = NOT_GIVEN, **kwargs: object
    ) -> object:
        """Call a command and return the server's answer.

        Parameters
        ----------
        name
            The command.
        *args, **kwargs
            Its arguments, sent as they are; they must have a JSON form.
        timeout
            Seconds to wait for the answer; None for no limit; left out, those of the client.

        Returns
        -------
        object
            What the server returned, as JSON gives it.

        Raises
        ------
        ProtocolTimeoutError
            If the answer did not come in time. The connection stays usable: the late answer is dropped.
        ProtocolError
            If the connection is not open, or breaks.
        SpallocServerException
            If the server answered with an error.
        RequestError
            If an argument has no JSON form.
        """
        connection = self._connection or self._not_connected()
        seconds = self._timeout if isinstance(timeout, NotGiven) else timeout
        deadline = NEVER if seconds is None else Deadline(monotonic() + seconds)
        answer = connection.exchange(encode_request(name, args, kwargs), deadline)
        return answer["return"] if "return" in answer else _refused(name, answer)

    def begin(self, call: "PendingCall", /, *args: object, deadline: Deadline, **kwargs: object) -> None:
        """Send a command without waiting for the answer; see :meth:`call` for what it raises.

        A call that must not be lost halfway (creating a job) is begun by whoever keeps `call`, and can still ask for
        the answer when Ctrl-C came in between.
        """
        call.connection = self._connection or self._not_connected()
        call.connection.ask(encode_request(call.name, args, kwargs), call.wish, deadline)

    def finish(self, call: "PendingCall", deadline: Deadline) -> object:
        """Wait for the answer to a call that was begun; see :meth:`call` for what it raises."""
        if call.connection is None:
            raise ProtocolError(f"{call.name} was never sent")
        answer = call.connection.answer(call.wish, deadline)
        return answer["return"] if "return" in answer else _refused(call.name, answer)

    def wait_for_notification(self, timeout: float | None = None) -> Notification | None:
        """Return the next notification, such as ``{"jobs_changed": [1, 3]}``.

        Parameters
        ----------
        timeout
            Seconds to wait; None for no limit (the client's own timeout is for answers, and nobody owes a
            notification). If negative, do not wait: return what has arrived, or None.

        Raises
        ------
        ProtocolTimeoutError
            If none came in time (never with a negative `timeout`).
        ProtocolError
            If the connection is not open, or breaks.
        """
        only_look = timeout is not None and timeout < 0
        if only_look and self._connection is None:
            return None
        connection = self._connection or self._not_connected()
        notification = connection.notification(Deadline.after(timeout))
        if notification is None and not only_look:
            raise ProtocolTimeoutError(f"no notification came from {connection.where} in time")
        return notification

    def __getattr__(self, name: str) -> Callable[..., object]:
        # Commands that this client does not know yet.
        if name.startswith("_"):
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

        def command(*args: object, **kwargs: object) -> object:
            return self.call(name, *args, **kwargs)  # type: ignore[arg-type]  # a timeout among them is checked there

        command.__name__ = name
        return command

    def _not_connected(self) -> NoReturn:
        raise ProtocolError(f"not connected to the spalloc server at {self._hostname}:{self._port}")

    def _deadline(self, timeout: float | NotGiven | None) -> Deadline:
        return Deadline.after(self._timeout if isinstance(timeout, NotGiven) else timeout)

    def _forget_connection(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.forget()


class PendingCall:
    """A call that is sent by one step and waited for by another.

    Parameters
    ----------
    name
        The command.
    """

    __slots__ = ("connection", "name", "wish")

    def __init__(self, name: str) -> None:
        self.name = name
        self.connection: Connection | None = None
        self.wish = Wish()


def _refused(name: str, answer: Message) -> NoReturn:
    text = str(answer["exception"] or "")
    raise SpallocServerException(text or f"the server refused {name} without saying why")


def parse_port(port: int | str) -> int:
    """Return a TCP port given as a number or as digits.

    Raises
    ------
    RequestError
        If it is neither, or out of range.
    """
    try:
        number = int(port)
    except ValueError:
        number = -1
    if not 0 < number < 65536:
        raise RequestError(f"a port is a number from 1 to 65535, not {port!r}")
    return number
