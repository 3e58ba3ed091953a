"""The signals that end a program, as exceptions, so that what was begun is put in order first."""

from __future__ import annotations

import signal
import sys
from typing import TYPE_CHECKING, Final, NoReturn

if TYPE_CHECKING:
    from collections.abc import Callable

ENDING: Final = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
)  # Windows has no SIGHUP


_came: list[int] = []


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
    let_signals_end()
    _came.append(number)
    raise Interrupted(number)


def check_interrupted() -> None:
    """Raise the signal that came, if its exception was lost.

    Python drops exceptions that strike in a destructor, or in a callback of its import system.
    """
    if _came:
        raise Interrupted(_came[0])


def _be_silent(lost: sys.UnraisableHookArgs) -> None:
    """Say nothing of a signal's exception that was lost; it is raised again."""
    if not isinstance(lost.exc_value, Interrupted):
        sys.__unraisablehook__(lost)


def interruptible(name: str, main: Callable[[], int], ctrl_c: int = 128 + signal.SIGINT) -> int:
    """Do what a command does, from its first import on; where a signal ends it, say so in one line.

    Parameters
    ----------
    name
        The command.
    main
        Returns its exit code.
    ctrl_c
        Its exit code after Ctrl-C.
    """
    let_signals_interrupt()
    sys.unraisablehook = _be_silent
    try:
        return main()
    except Interrupted as signal_:
        _say_so(name, signal_)
        return ctrl_c if signal_.is_ctrl_c else signal_.exit_code
    finally:
        let_signals_end()


def _say_so(name: str, signal_: Interrupted) -> None:
    from spalloc_client.scripts.shell import complain, write_no_more

    outcome = f"; {signal_.outcome}" if signal_.outcome else ""
    complain(name, f"ended by {signal_}{outcome}")
    try:
        sys.stdout.flush()
    except OSError:
        write_no_more()  # the terminal was closed


def let_signals_end() -> None:
    """Let signals end the program again, without a word: all that is left is Python's own end."""
    for number in ENDING:
        if signal.getsignal(number) is _interrupt:
            signal.signal(number, signal.SIG_DFL)
