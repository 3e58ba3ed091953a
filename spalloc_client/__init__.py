"""SpiNNaker boards from a script or a shell: ask a spalloc server for them, keep them, give them back.

>>> from spalloc_client import Job
>>> with Job(3) as job:
...     print(job.hostname, job.width, job.height)

Names are loaded when they are first used, so that a command that needs few of them starts fast.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from spalloc_client.exceptions import (
        ConfigError,
        JobDestroyedError,
        MessageTooLongError,
        NotSupportedError,
        ProtocolError,
        ProtocolTimeoutError,
        RequestError,
        ServerVersionError,
        SpallocError,
        SpallocServerException,
        StateChangeTimeoutError,
        UnexpectedAnswerError,
    )
    from spalloc_client.job import Job
    from spalloc_client.protocol_client import ProtocolClient
    from spalloc_client.states import JobState

__version__ = "0.1.0"

__all__ = [
    "ConfigError",
    "Job",
    "JobDestroyedError",
    "JobState",
    "MessageTooLongError",
    "NotSupportedError",
    "ProtocolClient",
    "ProtocolError",
    "ProtocolTimeoutError",
    "RequestError",
    "ServerVersionError",
    "SpallocError",
    "SpallocServerException",
    "StateChangeTimeoutError",
    "UnexpectedAnswerError",
    "__version__",
]

_MODULES = {"Job": "job", "JobState": "states", "ProtocolClient": "protocol_client"}


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value: object = getattr(import_module(f"{__name__}.{_MODULES.get(name, 'exceptions')}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
