"""What happens between a magic's line and its value: words, errors of one line, and the silencing semicolon."""

from collections.abc import Callable

from spalloc_jupyter.call import Call
from spalloc_jupyter.errors import told_in_one_line, usage_error
from spalloc_jupyter.grammar import TOKENS
from spalloc_jupyter.magic_line import parse_line
from spalloc_jupyter.parsing import HelpWasAsked
from spalloc_jupyter.showing import show


def run(call: Call) -> object:
    """Run a magic, show its value and return it; nothing of both if a semicolon at the end asks for no output."""
    names = {**call.shell.user_ns, **call.local_names}
    with told_in_one_line():
        try:
            line = parse_line(call.line, names, TOKENS if call.name == "spalloc" else ())
        except ValueError as error:
            usage_error(f"%{call.name}: {str(error).lower()}")
        try:
            value = _function(call.name)(call, line.words)
        except HelpWasAsked:
            return None
    if line.silenced:
        return None
    # A job has shown itself, and a sandbox has told of itself; their short form tells that they are values, too.
    return value if call.name in ("spalloc", "spalloc_sandbox") else show(value, call.shell)


def _function(name: str) -> Callable[[Call, tuple[str, ...]], object]:
    if name == "spalloc":
        from spalloc_jupyter.allocation import run as run_spalloc

        return run_spalloc
    if name == "spalloc_sandbox":
        from spalloc_jupyter.sandbox_magic import run_sandbox

        return run_sandbox
    from spalloc_jupyter import looking

    looks: dict[str, Callable[[Call, tuple[str, ...]], object]] = {
        "spalloc_job": looking.run_job,
        "spalloc_ps": looking.run_ps,
        "spalloc_machine": looking.run_machine,
        "spalloc_where_is": looking.run_where_is,
    }
    return looks[name]
