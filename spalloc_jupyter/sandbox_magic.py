"""``%spalloc_sandbox``: a server with simulated boards for this kernel, and the way back from it."""

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from spalloc_client.sandbox import Sandbox
from spalloc_jupyter.grammar import SPALLOC_SANDBOX

if TYPE_CHECKING:
    from spalloc_jupyter.call import Call


@dataclass(frozen=True, slots=True)
class _Started:
    sandbox: Sandbox
    before: dict[str, str | None]
    """The environment variables that it took the place of."""


_started: list[_Started] = []


def run_sandbox(call: "Call", words: tuple[str, ...]) -> Sandbox | None:
    """Return the sandbox that is the default server from now on; nothing if it was ended."""
    del call
    asked = SPALLOC_SANDBOX.read(words)
    if asked.stop:
        _say("The sandbox has ended." if _stop() else "There is no sandbox.")
        return None
    if _started and asked.boards in (None, _size(_started[0].sandbox)):
        _say("The sandbox runs already (--stop ends it).")
        return _started[0].sandbox
    _stop()
    sandbox = Sandbox(asked.boards or 24, power_on_seconds=asked.power_on_seconds)
    variables = sandbox.environ()
    _started.append(_Started(sandbox, {name: os.environ.get(name) for name in variables}))
    os.environ.update(variables)
    _say(f"A spalloc server with {_size(sandbox)} simulated boards is the default server of this kernel.")
    return sandbox


def _size(sandbox: Sandbox) -> int:
    return sum(machine.boards for machine in sandbox.machines)


def _stop() -> bool:
    """End the sandbox, and set what was set before it; False if there is none."""
    if not _started:
        return False
    started = _started.pop()
    for name, value in started.before.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
    started.sandbox.close()
    return True


def _say(sentence: str) -> None:
    print(sentence, flush=True)  # noqa: T201 - a cell's output is where it belongs
