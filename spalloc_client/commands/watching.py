"""Looking at a server again and again, whenever something has changed."""

import time
from collections.abc import Callable, Iterator
from typing import Final, Generic, NamedTuple, TypeVar

from spalloc_client.deadline import Deadline
from spalloc_client.exceptions import ProtocolError, ProtocolTimeoutError
from spalloc_client.server import POLL, News, Server

T = TypeVar("T")

_PAUSE: Final = 0.25  # seconds between looks, so that a storm of changes costs four looks a second
_TICK: Final = 0.5  # seconds between glances while nothing changes


class Look(NamedTuple, Generic[T]):
    """What was seen last.

    Parameters
    ----------
    seen
        The value.
    at
        When it was seen, in seconds since 1970 (UTC).
    trouble
        What stands between the server and a newer look; None if nothing does.
    """

    seen: T
    at: float
    trouble: str | None


def looks(server: Server, read: Callable[[], T], *subscriptions: str) -> Iterator[Look[T]]:
    """Yield what `read` returns, at least twice a second, and without end.

    The server is asked again only after news, and every few seconds in case it sends none. A lost connection is made
    again.

    Parameters
    ----------
    server
        The server.
    read
        Asks it; called again after each change.
    *subscriptions
        Of what to be told: ``notify_job``, ``notify_machine``.

    Raises
    ------
    SpallocError
        If the very first look fails, or the server refuses.
    """
    news, seen = _read(server, read, subscriptions)
    last = Look(seen, time.time(), None)
    while True:
        for _ in _wait(server, news):
            yield last
        if not server.connected:
            last = last._replace(trouble="the connection to the server is lost")
            yield last
        try:
            news, seen = _read(server, read, subscriptions)
            last = Look(seen, time.time(), None)
        except (ProtocolError, ProtocolTimeoutError) as error:
            last = last._replace(trouble=str(error))


def _read(server: Server, read: Callable[[], T], subscriptions: tuple[str, ...]) -> tuple[News, T]:
    for subscription in subscriptions:
        server.subscribe(subscription)
    # Before reading: what changes meanwhile is news.
    return server.news(), read()


def _wait(server: Server, news: News) -> Iterator[None]:
    """Yield now and then, at least once, until there is something to look at."""
    end = Deadline.after(POLL)
    yield
    time.sleep(_PAUSE)
    while not end.expired and server.connected and server.news() == news:
        server.wait_for_news(news, Deadline.after(_TICK))
        yield
