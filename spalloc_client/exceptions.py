"""Everything this package raises.

The tree, from the root down::

    SpallocError
    ├── ConfigError (ValueError)            a setting that cannot be read or used
    ├── RequestError (ValueError)           a request that no server could fulfil; nothing was sent
    ├── ProtocolError (OSError)             the connection is closed, lost, or speaks another language
    │   └── MessageTooLongError             a line longer than is safe to keep in memory
    ├── ProtocolTimeoutError (TimeoutError) the server did not answer in time
    ├── SpallocServerException              the server answered with an error
    │   └── NotSupportedError               this server has no such command
    ├── UnexpectedAnswerError               the server answered, but not what the protocol has for that
    ├── ServerVersionError                  the server is too old, or is no spalloc server
    ├── JobDestroyedError                   the job ended while it was waited for
    ├── StateChangeTimeoutError (TimeoutError)  the job did not get there in time
    └── SandboxError                        the sandbox could not be started

``ProtocolError`` and ``ProtocolTimeoutError`` are brothers on purpose: a server that is slow and a connection
that is gone call for different answers.
"""

__all__ = [
    "ConfigError",
    "JobDestroyedError",
    "MessageTooLongError",
    "NotSupportedError",
    "ProtocolError",
    "ProtocolTimeoutError",
    "RequestError",
    "SandboxError",
    "ServerVersionError",
    "SpallocError",
    "SpallocServerException",
    "StateChangeTimeoutError",
    "UnexpectedAnswerError",
]


class SpallocError(Exception):
    """The root of everything this package raises."""


class ConfigError(SpallocError, ValueError):
    """A setting cannot be read, or its value cannot be used."""


class RequestError(SpallocError, ValueError):
    """No server could fulfil this request, so it was not sent."""


class ProtocolError(SpallocError, OSError):
    """The connection to the server is closed or lost, or does not speak the protocol."""


class MessageTooLongError(ProtocolError):
    """The server sent a line longer than is safe to keep in memory; the connection was dropped."""


class ProtocolTimeoutError(SpallocError, TimeoutError):
    """The server did not answer in time."""


class SpallocServerException(SpallocError):  # noqa: N818 - the reference client's name, which people catch
    """The server answered with an error; the message is the server's."""


class NotSupportedError(SpallocServerException):
    """The server has no such command."""


class UnexpectedAnswerError(SpallocError):
    """The server answered, but not in the way that the protocol has for this command."""


class ServerVersionError(SpallocError):
    """The server is older than any this client can talk to, or what answers is no spalloc server."""


class JobDestroyedError(SpallocError):
    """The job was destroyed while it was waited for; the message is the server's reason."""


class StateChangeTimeoutError(SpallocError, TimeoutError):
    """The job did not reach the awaited state in time."""


class SandboxError(SpallocError):
    """The sandbox could not be started or used; the message says what to do."""
