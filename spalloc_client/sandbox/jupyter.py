"""Jupyter's own files: in the sandbox's directory, so that nothing of it stays behind."""

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path

_KERNEL = {
    "argv": [
        sys.executable,
        "-Xfrozen_modules=off",
        "-m",
        "ipykernel_launcher",
        "-f",
        "{connection_file}",
        "--IPKernelApp.log_level=CRITICAL",  # it complains of its own local connection, and of being ended
    ],
    "display_name": "Python 3 (spalloc-sandbox)",
    "language": "python",
    "metadata": {"debugger": True},
}

# Nobody who tries a sandbox wants to be asked about news, or to wait for a computer that is not there.
_QUIET = {"fetchNews": "false", "checkForUpdates": False}


def jupyter_environ(directory: Path, environ: Mapping[str, str]) -> dict[str, str]:
    """Return `environ` changed so that Jupyter writes below `directory`, and ``python3`` is this Python.

    Extensions that the user has installed are still found.
    """
    from jupyter_core.paths import jupyter_data_dir

    _write(directory / "data" / "kernels" / "python3" / "kernel.json", _KERNEL)
    settings = directory / "settings"
    _write(settings / "@jupyterlab" / "apputils-extension" / "notification.jupyterlab-settings", _QUIET)
    searched = [str(directory / "data"), environ.get("JUPYTER_PATH", ""), jupyter_data_dir()]
    return {
        **environ,
        "IPYTHONDIR": str(directory / "ipython"),
        "JUPYTERLAB_SETTINGS_DIR": str(settings),
        "JUPYTERLAB_WORKSPACES_DIR": str(directory / "workspaces"),
        "JUPYTER_CONFIG_DIR": str(directory / "config"),
        "JUPYTER_DATA_DIR": str(directory / "data"),
        "JUPYTER_PATH": os.pathsep.join(filter(None, searched)),
        "JUPYTER_RUNTIME_DIR": str(directory / "runtime"),
    }


def _write(file: Path, content: object) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(content), encoding="utf-8")
