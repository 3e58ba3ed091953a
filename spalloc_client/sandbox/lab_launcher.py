"""Run JupyterLab: ``python lab_launcher.py DIRECTORY [Lab's arguments]``.

It ends, with its kernels, when the other end of its standard input is gone, and takes its directory with it.
"""

import os
import runpy
import shutil
import signal
import sys
import threading


def _follow_owner() -> None:
    os.read(0, 1)  # nobody ever writes
    os.kill(os.getpid(), signal.SIGTERM)


def main() -> None:
    """Run JupyterLab as ``python -m jupyterlab`` does, until it or its owner ends."""
    directory = sys.argv.pop(1)
    threading.Thread(target=_follow_owner, daemon=True).start()
    try:
        runpy.run_module("jupyterlab", run_name="__main__", alter_sys=True)
    finally:
        shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    main()
