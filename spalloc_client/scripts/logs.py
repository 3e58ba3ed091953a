"""What happens behind the scenes, told to the user who asked for it; warnings are told to everybody."""

import logging

from spalloc_client.scripts.status_line import StatusLine


class _ToLine(logging.Handler):
    def __init__(self, line: StatusLine) -> None:
        super().__init__()
        self._line = line

    def emit(self, record: logging.LogRecord) -> None:
        self._line.keep(f"spalloc: {record.getMessage()}", "dim" if record.levelno < logging.WARNING else "yellow")


def tell_of_logs(line: StatusLine, *, debug: bool) -> None:
    """Show this package's log messages, without disturbing a status line.

    Parameters
    ----------
    line
        The status line.
    debug
        Whether to show all of them, and not only warnings.
    """
    logger = logging.getLogger("spalloc_client")
    logger.handlers = [_ToLine(line)]
    logger.propagate = False
    logger.setLevel(logging.DEBUG if debug else logging.WARNING)
