"""What a server can do to a request instead of answering it: actions for ``ScriptedServer.script``.

An action gets the connection, and a function that carries the command out and returns the reply's bytes.
"""

import json
import threading
import time
from collections.abc import Callable

from scripted_server.connection import Connection

Answer = Callable[[], bytes]
Action = Callable[[Connection, Answer], None]


def silence(*, execute: bool = True) -> Action:
    """Never reply (but do what was asked, unless told otherwise)."""

    def act(_connection: Connection, answer: Answer) -> None:
        if execute:
            answer()

    return act


def delayed(seconds: float) -> Action:
    """Reply late; what comes later on this connection waits, too."""

    def act(connection: Connection, answer: Answer) -> None:
        reply = answer()
        connection.ended.wait(seconds)
        connection.send(reply)

    return act


def in_segments(size: int = 1, pause: float = 0.0) -> Action:
    """Send the reply in segments of `size` bytes."""
    return lambda connection, answer: connection.send(answer(), size, pause)


def preceded_by(data: bytes, size: int | None = None) -> Action:
    """Send `data` and then the reply, in one piece or in segments."""
    return lambda connection, answer: connection.send(data + answer(), size)


def raw(data: bytes, size: int | None = None, pause: float = 0.0) -> Action:
    """Send `data` for a reply; the command is not carried out."""
    return lambda connection, _answer: connection.send(data, size, pause)


def drip(data: bytes = b"x", pause: float = 0.01) -> Action:
    """Send `data` again and again, and never end the line."""

    def act(connection: Connection, _answer: Answer) -> None:
        while connection.open:
            connection.send(data)
            connection.ended.wait(pause)

    return act


def returning(value: object) -> Action:
    """Reply with `value`; the command is not carried out."""
    return raw(json.dumps({"return": value}).encode() + b"\r\n")


def failing(text: str) -> Action:
    """Reply with an exception; the command is not carried out."""
    return raw(json.dumps({"exception": text}).encode() + b"\r\n")


def fin(*, execute: bool = False, part: int = 0) -> Action:
    """Close the connection in order, after the first `part` bytes of the reply."""

    def act(connection: Connection, answer: Answer) -> None:
        if execute or part:
            connection.send(answer()[:part])
        connection.fin()

    return act


def rst(*, execute: bool = False, part: int = 0) -> Action:
    """Reset the connection, after the first `part` bytes of the reply."""

    def act(connection: Connection, answer: Answer) -> None:
        if execute or part:
            connection.send(answer()[:part])
            time.sleep(0.02 if part else 0.0)  # a reset overtakes what the client has not read yet
        connection.rst()

    return act


class Held:
    """An action that carries the command out, and withholds the reply until it is released.

    Attributes
    ----------
    arrived
        Set once a request has come.
    """

    def __init__(self) -> None:
        self.arrived = threading.Event()
        self._released = threading.Event()

    def __call__(self, connection: Connection, answer: Answer) -> None:
        reply = answer()
        self.arrived.set()
        while not self._released.wait(0.02) and connection.open:
            pass
        connection.send(reply)

    def release(self) -> None:
        self._released.set()
