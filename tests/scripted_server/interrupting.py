"""Ctrl-C at the n-th moment at which Python would deliver it: a sweep over all such moments leaves none untried."""

import dis
import functools
import sys
from collections.abc import Callable, Iterator
from types import CodeType, FrameType

# After these, and nowhere else, CPython looks whether a signal has arrived.
CHECKING = {"RESUME", "JUMP_BACKWARD", "CALL", "CALL_FUNCTION_EX", "CALL_KW"}


@functools.cache
def opcodes(code: CodeType) -> dict[int, str]:
    return {instruction.offset: instruction.opname for instruction in dis.get_instructions(code)}


class Interrupter:
    """Raises KeyboardInterrupt in this thread at one chosen moment while it runs code of a package.

    Parameters
    ----------
    moment
        Which of the moments, from 0.
    package
        A part of the file names that count.
    """

    def __init__(self, moment: int, package: str = "/spalloc_client/") -> None:
        self.left = moment
        self.package = package
        self.where = ""
        """The file and line at which it struck; empty if the code was over before."""
        self._previous: dict[FrameType, str] = {}

    def run(self, action: Callable[[], object]) -> object:
        """Run an action; the interrupt comes out of it, unless the action stops it."""
        before = sys.gettrace()
        sys.settrace(self._trace)
        try:
            return action()
        finally:
            sys.settrace(before)

    def _trace(self, frame: FrameType, event: str, _arg: object) -> Callable | None:
        if self.package not in frame.f_code.co_filename:
            return None
        if event == "call" and not frame.f_code.co_name.startswith("__") and frame.f_back in self._previous:
            # Python calls Python without a look between the return and the next step.
            self._previous[frame.f_back] = "INLINED"
        frame.f_trace_opcodes = True
        frame.f_trace_lines = False
        if event == "opcode":
            self._step(frame)
        return self._trace

    def _step(self, frame: FrameType) -> None:
        previous = self._previous.get(frame, "")
        self._previous[frame] = opcodes(frame.f_code).get(frame.f_lasti, "")
        if previous not in CHECKING:
            return
        self.left -= 1
        if self.left < 0 and not self.where:
            self._previous.clear()
            self.where = f"{frame.f_code.co_filename}:{frame.f_lineno} in {frame.f_code.co_name}"
            raise KeyboardInterrupt


def moments(step: int = 1, start: int = 0) -> Iterator[Interrupter]:
    """Yield an interrupter for each moment, until one finds that the code is over before."""
    moment = start
    while True:
        interrupter = Interrupter(moment)
        yield interrupter
        if not interrupter.where:
            return
        moment += step
