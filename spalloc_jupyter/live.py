"""What a server says, pushed: one connection and one thread a server, however many views follow it.

Only ``list_jobs`` and ``list_machines`` are asked, which keep nobody's job alive. Servers that send their
notifications late, or not at all, are asked every few seconds all the same.
"""

import logging
import threading
import time
from typing import Final, Self

import traitlets

from spalloc_client.config import Config
from spalloc_client.deadline import Deadline
from spalloc_client.exceptions import ProtocolError, SpallocError
from spalloc_client.records import JobRecord, MachineRecord
from spalloc_client.server import POLL, News, Server

__all__ = ["LiveServer", "watch"]

CALM: Final = 0.25
"""Seconds that lie between two readings at least, so that no view is painted more than four times a second."""

_PATIENCE: Final = 5.0  # seconds for each answer, where the settings would wait for ever
_log = logging.getLogger(__name__)
_watched: "dict[tuple[str, int], LiveServer]" = {}
_guard = threading.Lock()


def watch(where: Config | Server) -> "LiveServer":
    """Return the live view of a server, the same one for everybody who asks; :meth:`LiveServer.leave` ends it.

    Parameters
    ----------
    where
        The server; only its address and its patience are used.

    Raises
    ------
    ConfigError
        If the settings name no server.
    """
    server = Server.from_config(where) if isinstance(where, Config) else where
    with _guard:
        live = _watched.get((server.hostname, server.port))
        if live is None:
            live = _watched[server.hostname, server.port] = LiveServer(server)
        return live.join()


class LiveServer(traitlets.HasTraits):
    """The jobs and machines of one server, always as it told them last. Made by :func:`watch`.

    Traits are set by a thread of its own. ``heard_at`` is set after all others, each time the server has answered.

    Parameters
    ----------
    like
        A server at the same address; its connection is left alone.
    """

    jobs: traitlets.TraitType[tuple[JobRecord, ...], tuple[JobRecord, ...]] = traitlets.TraitType(())
    """Queued and running jobs, the oldest first."""
    machines: traitlets.TraitType[tuple[MachineRecord, ...], tuple[MachineRecord, ...]] = traitlets.TraitType(())
    """All machines, in the server's order."""
    trouble = traitlets.Unicode("")
    """Why the server could not be asked; empty while it can."""
    heard_at: traitlets.TraitType[float | None, float | None] = traitlets.TraitType(None)
    """When the server last answered, in seconds since 1970 (UTC)."""

    def __init__(self, like: Server) -> None:
        super().__init__()
        timeout = _PATIENCE if like.timeout is None else like.timeout
        delay = min(like.reconnect_delay, POLL)
        self.server: Server = Server(like.hostname, like.port, timeout=timeout, reconnect_delay=delay)
        """A connection to ask more; threads may share it."""
        self.begun = 0
        """How many readings have begun."""
        self.reading = 0
        """Which reading the traits are of, counted from 1; 0 before the first."""
        self._followers = 0
        self._reads = threading.Lock()
        self._over = threading.Event()

    def join(self) -> Self:
        """Count one follower more. Requires the guard of :func:`watch`."""
        self._followers += 1
        if self._followers == 1:
            threading.Thread(target=self._follow, name=f"spalloc live {self.server.hostname}", daemon=True).start()
        return self

    def leave(self) -> None:
        """Count one follower less; the last one closes the connection. Waits for nothing."""
        with _guard:
            self._followers -= 1
            if self._followers > 0 or self._over.is_set():
                return
            self._over.set()
            _watched.pop((self.server.hostname, self.server.port), None)
        self.server.close()

    @property
    def followed(self) -> bool:
        """True until the last follower has left."""
        return not self._over.is_set()

    def _follow(self) -> None:
        while not self._over.is_set():
            calm = time.monotonic() + CALM
            news = self.read()
            try:
                if news is not None:
                    self.server.wait_for_news(news, Deadline.after(POLL))
                else:
                    self._over.wait(min(self.server.reconnect_delay, 1.0))
            except ProtocolError:
                continue  # closed here
            self._over.wait(max(0.0, calm - time.monotonic()))

    def read(self) -> News | None:
        """Read everything once, in whatever thread asks for it; None if the server could not be asked."""
        with self._reads:
            return self._read()

    def _read(self) -> News | None:
        self.begun += 1
        number = self.begun
        try:
            self.server.subscribe("notify_job")
            self.server.subscribe("notify_machine")
            news = self.server.news()
            jobs, machines = tuple(self.server.jobs()), tuple(self.server.machines())
        except SpallocError as error:
            if not self._over.is_set():
                self._tell(trouble=str(error))
            return None
        self.reading = number
        self._tell(machines=machines, jobs=jobs, trouble="", heard_at=time.time())
        return news

    def _tell(self, **facts: object) -> None:
        for name, value in facts.items():
            try:
                setattr(self, name, value)  # nothing is told that did not change
            except Exception:  # noqa: BLE001 - one view that fails must not stop the others
                _log.exception("a follower of %s could not take in %s", self.server, name)
