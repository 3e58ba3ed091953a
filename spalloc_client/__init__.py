"""SpiNNaker boards from a script or a shell: ask a spalloc server for them, keep them, give them back.

>>> from spalloc_client import Job
>>> with Job(3) as job:
...     print(job.hostname, job.width, job.height)
"""

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
