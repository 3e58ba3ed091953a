"""The magics: ``%spalloc``, ``%%spalloc``, ``%spalloc_job``, ``_ps``, ``_machine``, ``_where_is`` and ``_sandbox``.

A magic only hands over: what it does, and what that imports, begins when it runs.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from IPython.core.magic import Magics, line_cell_magic, line_magic, magics_class, needs_local_scope, no_var_expand

from spalloc_jupyter.settings import Settings

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

NAMES = ("spalloc", "spalloc_job", "spalloc_ps", "spalloc_machine", "spalloc_where_is", "spalloc_sandbox")

_Magic = TypeVar("_Magic", bound=Callable[..., object])


def _with_help(magic: _Magic) -> _Magic:
    """Let ``%magic?`` show the whole help, which is put together when it is asked for."""

    def getdoc() -> str:
        from spalloc_jupyter.help import help_text

        return help_text(magic.__name__)

    vars(magic)["getdoc"] = getdoc  # where IPython looks first
    return magic


@magics_class
class SpallocMagics(Settings, Magics):
    """SpiNNaker boards from a cell; ``%config SpallocMagics`` shows and sets the options in force here."""

    @_with_help
    @no_var_expand
    @needs_local_scope
    @line_cell_magic
    def spalloc(self, line: str, cell: str | None = None, local_ns: Mapping[str, object] | None = None) -> object:
        """Ask for SpiNNaker boards, wait until they are ready and bind the job; as cell magic, for one cell."""
        return self._run("spalloc", line, local_ns, cell)

    @_with_help
    @no_var_expand
    @needs_local_scope
    @line_magic
    def spalloc_job(self, line: str, local_ns: Mapping[str, object] | None = None) -> object:
        """Show a job, switch its boards, list their host names, or destroy it."""
        return self._run("spalloc_job", line, local_ns)

    @_with_help
    @no_var_expand
    @needs_local_scope
    @line_magic
    def spalloc_ps(self, line: str, local_ns: Mapping[str, object] | None = None) -> object:
        """List the jobs that are queued or running."""
        return self._run("spalloc_ps", line, local_ns)

    @_with_help
    @no_var_expand
    @needs_local_scope
    @line_magic
    def spalloc_machine(self, line: str, local_ns: Mapping[str, object] | None = None) -> object:
        """List the machines, or show one of them with its jobs."""
        return self._run("spalloc_machine", line, local_ns)

    @_with_help
    @no_var_expand
    @needs_local_scope
    @line_magic
    def spalloc_where_is(self, line: str, local_ns: Mapping[str, object] | None = None) -> object:
        """Find out where a chip or a board is."""
        return self._run("spalloc_where_is", line, local_ns)

    @_with_help
    @no_var_expand
    @needs_local_scope
    @line_magic
    def spalloc_sandbox(self, line: str, local_ns: Mapping[str, object] | None = None) -> object:
        """Start a spalloc server with simulated boards for this kernel, and make it the default server."""
        return self._run("spalloc_sandbox", line, local_ns)

    def _run(self, name: str, line: str, local_ns: Mapping[str, object] | None, cell: str | None = None) -> object:
        from spalloc_jupyter.call import Call
        from spalloc_jupyter.running import run

        shell: Any = self.shell  # IPython declares it optional; a magic that runs has one
        return run(Call(name, line, cell, shell, self, local_ns or {}))


def remove_from(shell: "InteractiveShell") -> None:
    """Take the magics out of a shell; what they made stays."""
    manager: Any = shell.magics_manager
    for kind in manager.magics.values():
        for name in NAMES:
            kind.pop(name, None)
    magics = manager.registry.pop(SpallocMagics.__name__, None)
    shell.configurables[:] = [item for item in shell.configurables if item is not magics]
