"""Booting boards with Rig, which is an extra: ``pip install "spalloc-jupyter[boot]"``.

Rig 2.4.1 is the last of its kind and expects things that newer Pythons have removed: ``inspect.getargspec``,
``pkg_resources`` and ``collections.Iterable``. While it is imported, and only then, stand-ins take their place.
"""

import collections
import collections.abc
import contextlib
import inspect
import sys
import warnings
from collections.abc import Iterator, Mapping
from importlib import import_module, util
from pathlib import Path
from types import ModuleType
from typing import Any

from spalloc_client.exceptions import SpallocError
from spalloc_client.records import Chip

__all__ = ["BootError", "RigMissingError", "boot", "check_rig"]

INSTALL = 'pip install "spalloc-jupyter[boot]"'


class BootError(SpallocError):
    """The boards did not boot."""


class RigMissingError(BootError):
    """Rig is not installed, or does not load."""


def boot(connections: Mapping[Chip, str]) -> None:
    """Boot boards that are on, unless they are booted already, and wait until each of them answers.

    Parameters
    ----------
    connections
        The host names of all their Ethernet chips; the boot image goes to that of chip (0, 0).

    Raises
    ------
    RigMissingError
        If Rig is not installed.
    BootError
        If boards do not answer afterwards.
    """
    rig = _rig()
    first = connections.get(Chip(0, 0))
    if first is None:
        raise BootError("there is no Ethernet chip at (0, 0) to boot from")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # Rig closes no sockets
        trouble = _boot_from(rig, first)
        silent = [] if trouble else [host for host in connections.values() if not _answers(rig, host)]
    if trouble:
        raise BootError(trouble)
    if silent:
        raise BootError(f"{len(silent)} of {len(connections)} boards did not boot: {', '.join(silent)}")


def check_rig() -> None:
    """Find out whether boards can be booted here.

    Raises
    ------
    RigMissingError
        If they cannot.
    """
    if util.find_spec("rig") is None:
        raise RigMissingError(f"booting needs Rig, which is not installed here: {INSTALL}")


def _boot_from(rig: Any, host: str) -> str | None:
    """Boot, and return what went wrong; the errors themselves would keep Rig's sockets open."""
    try:
        rig.MachineController(host).boot(**rig.boot.spin5_boot_options)
    except (rig.machine_controller.SpiNNakerBootError, rig.scp_connection.SCPError) as error:
        return f"the boards at {host} did not boot: {str(error) or type(error).__name__}"
    except OSError as error:
        return f"the boards at {host} cannot be reached: {error.strerror or error}"
    return None


def _answers(rig: Any, host: str) -> bool:
    try:
        version = rig.MachineController(host).get_software_version(255, 255, 0)
    except (rig.scp_connection.SCPError, OSError):
        return False
    return "SpiNNaker" in version.version_string


def _rig() -> Any:
    """Return ``rig.machine_control``, which has no types."""
    check_rig()
    try:
        with _stand_ins():
            rig = import_module("rig.machine_control")
            controller: Any = import_module("rig.machine_control.machine_controller")
    except (ImportError, AttributeError) as error:
        raise RigMissingError(f"Rig is installed here but does not load ({error}): {INSTALL}") from error
    if not hasattr(controller.collections, "Iterable"):
        controller.collections = _collections()
    return rig


@contextlib.contextmanager
def _stand_ins() -> Iterator[None]:
    """Put what Rig expects in its place, and take it away again."""
    before = sys.modules.get("pkg_resources")
    had_getargspec = hasattr(inspect, "getargspec")
    sys.modules["pkg_resources"] = _pkg_resources()
    if not had_getargspec:
        inspect.getargspec = _getargspec  # type: ignore[attr-defined]  # that is why
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # escapes that newer Pythons frown at
            yield
    finally:
        if not had_getargspec:
            del inspect.getargspec  # type: ignore[attr-defined]  # as above
        if before is None:
            del sys.modules["pkg_resources"]
        else:
            sys.modules["pkg_resources"] = before


def _getargspec(function: Any) -> tuple[list[str], str | None, str | None, tuple[object, ...] | None]:
    spec = inspect.getfullargspec(function)
    return spec.args, spec.varargs, spec.varkw, spec.defaults


def _pkg_resources() -> Any:
    """Return a module with the two functions by which Rig finds its boot image."""
    module: Any = ModuleType("pkg_resources")
    module.resource_filename = lambda package, name: str(_resource(package, name))
    module.resource_string = lambda package, name: _resource(package, name).read_bytes()
    return module


def _resource(package: str, name: str) -> Path:
    return Path(sys.modules[package].__file__ or "").parent / name


def _collections() -> Any:
    """Return what ``collections`` was when it still had the abstract classes."""
    module: Any = ModuleType("collections")
    module.__dict__.update({**vars(collections.abc), **vars(collections)})
    return module
