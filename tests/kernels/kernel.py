"""A real kernel, as a front end talks to it."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from jupyter_client.manager import KernelManager
from owners import until

PATIENCE = 90.0  # seconds, on a computer that does many other things


@dataclass
class Cell:
    """What became of a cell."""

    reply: dict
    outputs: list = field(default_factory=list)

    @property
    def text(self):
        return "".join(one.get("text", "") for one in self.outputs)

    @property
    def bundles(self):
        return [one["data"] for one in self.outputs if "data" in one]

    @property
    def error(self):
        """The traceback that the front end shows, as plain text; there is no more than one."""
        errors = [one for one in self.outputs if "traceback" in one]
        assert len(errors) <= 1
        return "\n".join(errors[0]["traceback"]) if errors else ""


class Kernel:
    """A kernel of some version of ipykernel.

    Parameters
    ----------
    directory
        Where it may write.
    environ
        Environment variables beside this process's own.
    packages
        Directories whose modules come before all others.
    """

    def __init__(self, directory, environ, packages=()):
        own = {
            "HOME": directory,
            "IPYTHONDIR": directory / "ipython",
            "JUPYTER_RUNTIME_DIR": directory / "runtime",
            "JUPYTER_CONFIG_DIR": directory / "config",
            "PYTHONPATH": os.pathsep.join(map(str, packages)),
        }
        self.environ = {**os.environ, **{name: str(value) for name, value in own.items()}, **environ}
        self.manager = KernelManager(kernel_name="python3", connection_file=str(directory / "connection.json"))
        self.manager.kernel_spec.argv[0] = sys.executable
        self.manager.start_kernel(env=self.environ, cwd=str(directory))
        self.client = self._connected()

    def _connected(self):
        client = self.manager.blocking_client()
        client.start_channels()
        client.wait_for_ready(PATIENCE)
        return client

    @property
    def pid(self):
        return self.manager.provisioner.pid

    def begin(self, code, cell=None):
        """Begin to run a cell, and return its request's id; JupyterLab tells the cell's own id, too."""
        content = {"code": code, "silent": False, "store_history": True, "user_expressions": {}, "allow_stdin": False}
        metadata = {} if cell is None else {"cellId": cell}
        request = self.client.session.msg("execute_request", content, metadata=metadata)
        self.client.shell_channel.send(request)
        return request["header"]["msg_id"]

    def end(self, request, updates=None):
        """Wait for the end of a cell; what it updates of other cells' outputs is put into `updates`."""
        cell = Cell({})
        deadline = time.monotonic() + PATIENCE
        while True:
            message = self.client.get_iopub_msg(timeout=max(0.1, deadline - time.monotonic()))
            if message["parent_header"].get("msg_id") != request:
                continue
            kind, content = message["msg_type"], message["content"]
            if kind in ("stream", "display_data", "execute_result", "error"):
                cell.outputs.append(content)
            elif kind == "update_display_data":
                replaced = replace(cell.outputs, content)
                if not replaced and updates is not None:
                    updates.append(content)
            elif kind == "status" and content["execution_state"] == "idle":
                break
        while cell.reply == {}:
            reply = self.client.get_shell_msg(timeout=PATIENCE)
            if reply["parent_header"].get("msg_id") == request:
                cell.reply = reply["content"]
        return cell

    def attempt(self, code, cell=None):
        return self.end(self.begin(code, cell))

    def run(self, code, cell=None):
        """Run a cell that has to succeed."""
        ran = self.attempt(code, cell)
        assert ran.reply["status"] == "ok", ran.error or ran.text
        return ran

    def value(self, expression):
        """Return what an expression's text is in the kernel."""
        return self.run(f"print({expression})").text.strip()

    def ask(self, request):
        """Return the answer to one of the front end's other questions."""
        while True:
            reply = self.client.get_shell_msg(timeout=PATIENCE)
            if reply["parent_header"].get("msg_id") == request:
                return reply["content"]

    def subshell(self):
        """Return the id of a new subshell, as JupyterLab has one for widgets; None where there are none."""
        self.client.kernel_info()
        reply = self.client.get_shell_msg(timeout=PATIENCE)
        if "kernel subshells" not in reply["content"].get("supported_features", ()):
            return None
        self.client.control_channel.send(self.client.session.msg("create_subshell_request", {}))
        return self.client.get_control_msg(timeout=PATIENCE)["content"]["subshell_id"]

    def press(self, button, subshell):
        """Send what a front end sends when a button is pressed."""
        content = {"comm_id": button, "data": {"method": "custom", "content": {"event": "click"}}}
        message = self.client.session.msg("comm_msg", content)
        if subshell is not None:
            message["header"]["subshell_id"] = subshell
        self.client.shell_channel.send(message)

    def interrupt(self):
        self.manager.interrupt_kernel()

    def kill(self):
        """Kill it as the system does that has run out of memory."""
        os.kill(self.pid, signal.SIGKILL)

    def restart(self):
        """Restart it as a front end does."""
        self.client.stop_channels()
        self.manager.restart_kernel(env=self.environ)
        self.client = self._connected()

    def shutdown(self):
        """Shut it down as a front end does."""
        self.client.stop_channels()
        self.manager.shutdown_kernel()

    def close(self):
        self.client.stop_channels()
        if self.manager.is_alive():
            self.manager.shutdown_kernel(now=True)
        self.manager.cleanup_resources()


def replace(outputs, content):
    """Do what a front end does with an update of an output; False if it is another cell's."""
    display_id = content["transient"]["display_id"]
    replaced = False
    for number, output in enumerate(outputs):
        if output.get("transient", {}).get("display_id") == display_id:
            outputs[number] = content
            replaced = True
    return replaced


def installed(version, shared):
    """Return a directory with a version of ipykernel, put there once for all who share a directory."""
    directory = Path(shared) / f"ipykernel-{version}"
    if directory.exists():
        return directory
    ours = Path(shared) / f"ipykernel-{version}-{os.getpid()}"
    needs = ["nest-asyncio"] if version.startswith("6.") else []
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
    subprocess.run([*pip, "--target", ours, f"ipykernel=={version}", *needs], check=True, stderr=subprocess.DEVNULL)
    try:
        ours.rename(directory)
    except OSError:
        until(directory.exists)  # somebody else was faster
    return directory
