"""Bytes to messages and back: no socket, no clock, no thread.

The laws of the wire:

1. A message is one JSON object in one line of UTF-8, ended by a line feed; a carriage return before it is allowed.
2. A request is ``{"command": name, "args": [...], "kwargs": {...}}``; all three are always there, because servers
   before 1.0 hang up on less.
3. A message with the key ``return`` or ``exception`` answers the oldest unanswered request. Every other object is
   a notification, known or not.
4. A blank line says nothing. We never send one: some servers hang up on it.
5. What is no JSON object breaks the conversation, because nobody can tell any more which answer is whose.

Source: watched on the classic server (``spalloc_server`` 0.1 to 1!7.0.0) and the Java server.
"""

import functools
import json

from spalloc_client.exceptions import MessageTooLongError, ProtocolError, RequestError

LONGEST_LINE = 32 * 1024 * 1024
"""Bytes; the list of 4,000 jobs of 1,200 boards each needs about a third of it."""

_encode = json.JSONEncoder(allow_nan=False, separators=(",", ":")).encode
_scan = json.JSONDecoder().scan_once  # type: ignore[attr-defined]  # known to all but the stubs


Message = dict[str, object]
"""One message, as JSON gives it."""

Notification = Message
"""A message that answers nothing."""


def is_answer(message: Message) -> bool:
    """Return whether a message answers the oldest unanswered request; if not, it is a notification."""
    return "return" in message or "exception" in message


def encode_request(name: str, args: tuple[object, ...], kwargs: dict[str, object]) -> bytes:
    """Return the line that asks for a command.

    Raises
    ------
    RequestError
        If an argument has no JSON form.
    """
    try:
        if not kwargs and not args:
            return _bare_request(name)
        listed = f"[{args[0]}]" if len(args) == 1 and type(args[0]) is int else _encode(args)
        named = _encode(kwargs) if kwargs else "{}"
        text = f'{_beginning(name)}{listed},"kwargs":{named}}}\n'
    except (TypeError, ValueError, RecursionError) as error:
        raise RequestError(f"the arguments of {name} cannot be sent as JSON: {error}") from None
    return text.encode("ascii")


@functools.lru_cache(maxsize=64)
def _bare_request(name: str) -> bytes:
    return f'{_beginning(name)}[],"kwargs":{{}}}}\n'.encode("ascii")


@functools.lru_cache(maxsize=64)
def _beginning(name: str) -> str:
    return f'{{"command":{_encode(name)},"args":'


def decode_line(line: bytes) -> Message | None:
    """Return the message in a line without its line feed; None for a blank line.

    Raises
    ------
    ProtocolError
        If the line is no JSON object in UTF-8.
    """
    try:
        text = line.decode().strip()
        if not text:
            return None
        message, end = _scan(text, 0)
    except (ValueError, RecursionError, StopIteration):
        raise _not_a_message(line) from None
    if end != len(text) or not isinstance(message, dict):
        raise _not_a_message(line)
    return message


def _not_a_message(line: bytes) -> ProtocolError:
    seen = repr(line[:60])[1:] + ("…" if len(line) > 60 else "")
    return ProtocolError(f"what answers is not a spalloc server: expected a JSON object, got {seen}")


class LineSplitter:
    """Cuts a stream of bytes into lines, looking at each byte once and keeping at most `longest` of them.

    Parameters
    ----------
    longest
        Bytes that an unfinished line may have.
    """

    __slots__ = ("_length", "_longest", "_pieces")

    def __init__(self, longest: int = LONGEST_LINE) -> None:
        self._longest = longest
        self._pieces: list[bytes] = []
        self._length = 0

    def feed(self, data: bytes) -> list[bytes]:
        """Take the next bytes of the stream; return the lines they complete, without their line feeds.

        Raises
        ------
        MessageTooLongError
            If an unfinished line is longer than `longest`; the stream cannot be used any further.
        """
        lines = data.split(b"\n")
        rest = lines.pop()
        if lines and self._pieces:
            self._pieces.append(lines[0])
            lines[0] = b"".join(self._pieces)
            self._pieces, self._length = [], 0
        if rest:
            self._keep(rest)
        return lines

    def _keep(self, piece: bytes) -> None:
        self._pieces.append(piece)
        self._length += len(piece)
        if self._length > self._longest:
            self._pieces = []
            raise MessageTooLongError(
                f"the server sent a line of more than {self._longest / 2**20:.0f} MiB; the connection was dropped"
            )
