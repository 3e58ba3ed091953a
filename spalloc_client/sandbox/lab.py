"""JupyterLab beside a sandbox."""

import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

from spalloc_client.deadline import Deadline
from spalloc_client.exceptions import SandboxError
from spalloc_client.sandbox.jupyter import jupyter_environ
from spalloc_client.sandbox.server import HOST

_PACKAGE = Path(__file__).parent
_USUAL_PORTS = range(8888, 8938)
_STARTING_TAKES = 120.0
_ENDING_TAKES = 15.0


class Lab:
    """JupyterLab with one notebook open, until `close` or the end of this process.

    Parameters
    ----------
    notebook
        The notebook.
    directory
        An empty directory for Jupyter's own files; Lab removes it at its end.
    environ
        The environment of its kernels.
    port
        Its TCP port; None for the first free one from 8888.
    browser
        True to open it in a browser.

    Raises
    ------
    SandboxError
        It could not be started; the message says why.
    """

    def __init__(
        self, notebook: Path, directory: Path, environ: Mapping[str, str], *, port: int | None, browser: bool
    ) -> None:
        self.port, self._claim = _free_port(port)
        self._token = secrets.token_hex(24)
        # Without a name: Lab takes its directory with it, and what it said last must not go the same way.
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - `close` closes it
        notebook = notebook.resolve()
        self.address = f"http://{HOST}:{self.port}/lab/tree/{quote(notebook.name)}?token={self._token}"
        arguments = [
            f"--ServerApp.ip={HOST}",
            f"--ServerApp.port={self.port}",
            "--ServerApp.port_retries=0",
            f"--ServerApp.root_dir={notebook.parent}",
            f"--ServerApp.open_browser={browser}",
            f"--FileCheckpoints.checkpoint_dir={directory / 'checkpoints'}",
            "--LanguageServerManager.autodetect=False",  # looking for one writes into the home directory
            f"--LabApp.default_url=/lab/tree/{quote(notebook.name)}",
            *(["--allow-root"] if os.geteuid() == 0 else []),
        ]
        directory.mkdir(parents=True)
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and file
            [sys.executable, "-P", str(_PACKAGE / "lab_launcher.py"), str(directory), *arguments],
            stdin=subprocess.PIPE,
            stdout=self._log,
            stderr=self._log,
            # Not on the command line, where every user of this computer could read it.
            env={**jupyter_environ(directory, environ), "JUPYTER_TOKEN": self._token},
            start_new_session=True,
        )
        try:
            self._wait_until_up()
        except BaseException:
            self.close()
            raise

    def _wait_until_up(self) -> None:
        deadline = Deadline.after(_STARTING_TAKES)
        while not self._answers():
            if self._process.poll() is not None or deadline.expired:
                raise SandboxError(f"JupyterLab did not start: {self._last_words()}")
            time.sleep(0.1)

    def _answers(self) -> bool:
        request = urllib.request.Request(f"http://{HOST}:{self.port}/api/status")
        request.add_header("Authorization", f"token {self._token}")
        # Whatever proxy the user has, it is not on the way to this computer.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=5) as response:
                return "started" in json.load(response)
        except (OSError, ValueError):
            return False

    def _last_words(self) -> str:
        self._log.seek(0)
        lines = self._log.read().decode(errors="replace").splitlines()
        return next((line.strip() for line in reversed(lines) if line.strip()), "it said nothing")

    def wait(self) -> None:
        """Wait until it ends by itself: somebody chose File, Shut Down."""
        self._process.wait()

    def close(self) -> None:
        """End it with its kernels."""
        with self._claim, self._log, self._process as process:
            assert process.stdin is not None
            process.stdin.close()  # which tells it to end
            with suppress(subprocess.TimeoutExpired):
                process.wait(_ENDING_TAKES)
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _free_port(wanted: int | None) -> tuple[int, socket.socket]:
    """Return a port that nobody listens on, and what claims it while it is open: another Lab may start just now."""
    for port in _USUAL_PORTS if wanted is None else [wanted]:
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as sock, suppress(OSError, OverflowError):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            sock.bind((HOST, port))
            free = int(sock.getsockname()[1])
            return free, _claim(free)
    taken = f"port {wanted}" if wanted is not None else f"any port from {_USUAL_PORTS[0]} to {_USUAL_PORTS[-1]}"
    raise SandboxError(f"JupyterLab cannot have {taken}: it is taken. Choose another one with --lab-port.")


def _claim(port: int) -> socket.socket:
    """Take a name that only one process of this computer can have, and that goes with it."""
    claim = socket.socket(socket.AF_UNIX)
    try:
        claim.bind(f"\0spalloc-sandbox-lab-{port}")
    except OSError:
        claim.close()
        raise
    return claim


def quickstart(package: Path = _PACKAGE) -> Path:
    """Return the quick-start notebook: the checkout's own, or else a copy in the current directory.

    Parameters
    ----------
    package
        Where this package lies: in a checkout, or in an installation, which has the notebook within it.
    """
    checkout = package.parents[1] / "notebooks" / "quickstart.ipynb"
    if checkout.is_file():
        return checkout
    here = Path("quickstart.ipynb")
    if not here.exists():
        try:
            shutil.copyfile(package / "quickstart.ipynb", here)
        except OSError as error:
            raise SandboxError(f"The quick-start notebook cannot be copied to {here}: {error.strerror}.") from error
    return here
