"""SpiNNaker boards from a notebook.

``%load_ext spalloc_jupyter`` brings the magics ``%spalloc``, ``%%spalloc``, ``%spalloc_job``, ``%spalloc_ps``,
``%spalloc_machine``, ``%spalloc_where_is`` and ``%spalloc_sandbox``; a question mark behind each tells what it takes.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

__all__ = ["load_ipython_extension", "unload_ipython_extension"]


def load_ipython_extension(ipython: "InteractiveShell") -> None:
    """Bring the magics and their completion; nothing else is imported or opened before one of them runs."""
    from spalloc_jupyter.completion import complete_in
    from spalloc_jupyter.magic_line import detach_semicolons
    from spalloc_jupyter.magics import SpallocMagics
    from spalloc_jupyter.showing import teach

    ipython.register_magics(SpallocMagics)
    complete_in(ipython)
    ipython.input_transformers_cleanup.append(detach_semicolons)
    teach(ipython)


def unload_ipython_extension(ipython: "InteractiveShell") -> None:
    """Take the magics away; jobs live on, and are there again when the extension is loaded again."""
    from spalloc_jupyter.completion import complete_no_longer_in
    from spalloc_jupyter.magic_line import detach_semicolons
    from spalloc_jupyter.magics import remove_from

    remove_from(ipython)
    complete_no_longer_in(ipython)
    if detach_semicolons in ipython.input_transformers_cleanup:
        ipython.input_transformers_cleanup.remove(detach_semicolons)
