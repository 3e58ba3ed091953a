"""What ``--debug`` tells: what happens behind the scenes, in the cell."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from spalloc_jupyter.errors import one_line


@contextmanager
def log_told() -> Iterator[None]:
    """Write this package's log messages into the cell that runs, as long as the block lasts."""
    import logging

    class ToCell(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            sys.stderr.write(f"spalloc: {one_line(record.getMessage())}\n")

    logger, handler = logging.getLogger("spalloc_client"), ToCell()
    level, propagate = logger.level, logger.propagate
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    logger.propagate = False
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)
        logger.propagate = propagate
