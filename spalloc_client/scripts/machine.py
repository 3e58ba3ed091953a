"""The command ``spalloc-machine``."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from spalloc_client.scripts.signals import interruptible

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from spalloc_client.commands.arguments import MachineArguments
    from spalloc_client.scripts.shell import Output
    from spalloc_client.scripts.showing import Face
    from spalloc_client.server import Server

T = TypeVar("T")


def main(words: Sequence[str] | None = None) -> int:
    """Run the command with `words` (None: those of the process) and return its exit code."""
    return interruptible("spalloc-machine", lambda: _parse_and_run(words))


def _parse_and_run(words: Sequence[str] | None) -> int:
    from spalloc_client.commands.catalogue import MACHINE
    from spalloc_client.scripts.shell import parse, run

    arguments, output = parse(MACHINE, words, csv="one line a machine, or a board of one machine")
    return run(MACHINE.name, lambda: _main(arguments, output))


def _main(arguments: MachineArguments, output: Output) -> int:
    from spalloc_client.commands.machine import list_machines, show_machine
    from spalloc_client.config import Config
    from spalloc_client.scripts.machine_views import MACHINE_DETAILS, MACHINE_LOAD, MACHINES
    from spalloc_client.server import Server

    name = arguments.machine
    with Server.from_config(Config.load(arguments=arguments.options)) as server:
        if name is None:
            _show(server, lambda: list_machines(server), MACHINES, arguments, output)
        else:
            face = MACHINE_DETAILS if arguments.detailed else MACHINE_LOAD
            _show(server, lambda: show_machine(server, name), face, arguments, output)
    return 0


def _show(server: Server, read: Callable[[], T], face: Face[T], arguments: MachineArguments, output: Output) -> None:
    from spalloc_client.commands.watching import looks
    from spalloc_client.scripts.showing import keep_showing, show_once

    if arguments.watch:
        keep_showing(looks(server, read, "notify_job", "notify_machine"), face, output)
    else:
        show_once(read(), face, output)
