"""Errors as one clear sentence in a cell, without a traceback."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from IPython import get_ipython
from IPython.core.error import UsageError

if TYPE_CHECKING:
    from typing import NoReturn


_COMMAND = re.compile(r"(?<![\w%/-])spalloc-(?:job|ps|machine|where-is)(?![\w-])")


class Interrupted(KeyboardInterrupt):
    """Interrupt was pressed; the message tells what became of the job."""


@contextmanager
def told_in_one_line() -> Iterator[None]:
    """Let the errors that users are to expect be shown as one red line; they stay what they are for ``except``."""
    import subprocess

    from spalloc_client.exceptions import ConfigError, RequestError, SpallocError

    try:
        yield
    except (ConfigError, RequestError) as error:
        if _knows_how_to_be_shown(error):
            raise
        raise UsageError(_in_notebook_words(error)) from error
    except (SpallocError, KeyboardInterrupt, subprocess.CalledProcessError) as error:
        show_as_one_line(error)
        raise


def show_as_one_line(error: BaseException) -> None:
    """Have IPython show an exception as one red line, wherever it is caught or raised from now on."""
    if not _knows_how_to_be_shown(error):
        words = _in_notebook_words(error)
        # IPython asks the exception itself, and looks at the instance, too.
        vars(error)["_render_traceback_"] = lambda: [f"{_kind(error)}: {words}" if words else _kind(error)]


def _knows_how_to_be_shown(error: BaseException) -> bool:
    """Tell an error of a cell's own lines, which is shown with their traceback."""
    return hasattr(error, "_render_traceback_")


def one_line(text: str) -> str:
    """Return a text as one line; what a server says cannot command a terminal."""
    message = " ".join(text.split())
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in message)


def _in_notebook_words(error: BaseException) -> str:
    """Return an exception's message; the commands that it may speak of are magics here."""
    return _COMMAND.sub(lambda match: f"%{match[0].replace('-', '_')}", one_line(str(error)))


def _kind(error: BaseException) -> str:
    shell = get_ipython()
    red, plain = ("", "") if shell is None or shell.colors.lower() == "nocolor" else ("\x1b[31m", "\x1b[39m")
    return f"{red}{type(error).__name__}{plain}"


def usage_error(message: str) -> "NoReturn":
    """Raise IPython's UsageError, which it shows as one line."""
    raise UsageError(message)
