"""The signals that end a program, as exceptions, so that what was begun is put in order first."""

from __future__ import annotations

import signal
from typing import Final, NoReturn

ENDING: Final = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
)  # Windows has no SIGHUP


class Interrupted(KeyboardInterrupt):
    """A signal came that ends the program.

    Parameters
    ----------
    number
        Which.
    """

    def __init__(self, number: int) -> None:
        super().__init__("Ctrl-C" if number == signal.SIGINT else signal.Signals(number).name)
        self.number = number
        self.outcome = ""
        """What became of what was begun, in words."""

    @property
    def is_ctrl_c(self) -> bool:
        """True if somebody pressed Ctrl-C."""
        return self.number == signal.SIGINT

    @property
    def exit_code(self) -> int:
        """What a shell calls the end by this signal."""
        return 128 + self.number


def let_signals_interrupt() -> None:
    """Let the first signal that ends a program raise :class:`Interrupted`; a second one ends it at once.

    That does no harm, because the guardian then does what is left to do.
    """
    for number in ENDING:
        # What is ignored stays ignored: nohup and background jobs of shells want it so.
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _interrupt)


def _interrupt(number: int, frame: object) -> NoReturn:
    del frame
    for other in ENDING:
        if signal.getsignal(other) is _interrupt:
            signal.signal(other, signal.SIG_DFL)
    raise Interrupted(number)
