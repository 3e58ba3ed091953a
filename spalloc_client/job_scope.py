"""A job in a ``with`` statement, and a job that is awaited, so that an event loop goes on meanwhile."""

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Generator
from contextlib import suppress
from types import TracebackType
from typing import Final, Self

from spalloc_client.exceptions import StateChangeTimeoutError

_TICK: Final = 0.1  # seconds between looks; a notebook's Interrupt is not seen by an event loop that sleeps for longer
_STRETCH: Final = 0.5  # seconds after which a thread whose task was cancelled stops waiting


class JobScope(ABC):
    """How a :class:`spalloc_client.Job` begins and ends with a block of code, with or without ``async``.

    ::

        with Job(3) as job: ...
        async with Job(3) as job: ...
        job = await Job(3)  # ready, and to be destroyed by hand
    """

    _no_destroy: bool

    @abstractmethod
    def wait_until_ready(self, timeout: float | None = None, queue_timeout: float | None = None) -> None:
        """Wait until the boards are given and switched."""

    @abstractmethod
    def destroy(self, reason: str | None = None) -> None:
        """Give the boards back."""

    @abstractmethod
    def close(self) -> None:
        """Leave the job to itself."""

    def __enter__(self) -> Self:
        try:
            self.wait_until_ready()
        except BaseException:
            self._leave()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._leave()

    def __await__(self) -> Generator[object, None, Self]:
        return self._until_ready().__await__()

    async def __aenter__(self) -> Self:
        try:
            return await self
        except BaseException:
            await _beside(self._leave)
            raise

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await _beside(self._leave)

    async def _until_ready(self) -> Self:
        given_up = threading.Event()

        def wait() -> None:
            while not given_up.is_set():
                with suppress(StateChangeTimeoutError):
                    self.wait_until_ready(timeout=_STRETCH)
                    break

        try:
            await _beside(wait)
        finally:
            given_up.set()
        return self

    def _leave(self) -> None:
        if self._no_destroy:
            self.close()
        else:
            self.destroy()


async def _beside(work: Callable[[], None]) -> None:
    """Do work that blocks while the event loop goes on; if the task is cancelled, the work is done all the same."""
    import asyncio

    errors: list[BaseException] = []

    def do() -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - raised where it is awaited
            errors.append(error)

    # A daemon, so that the interpreter's end need not wait for it.
    thread = threading.Thread(target=do, name="spalloc awaited", daemon=True)
    thread.start()
    # An event that another thread sets would not wake a loop that Interrupt is to wake, too.
    while thread.is_alive():  # noqa: ASYNC110
        await asyncio.sleep(_TICK)
    if errors:
        raise errors[0]
