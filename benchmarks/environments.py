"""The two environments that are compared: this project, and the reference client."""

import fcntl
import subprocess
import sys
import venv
from pathlib import Path

PROJECT = Path(__file__).parent.parent
REFERENCE = "spalloc==1!7.4.1"
CACHE = Path.home() / ".cache" / "spalloc-benchmarks"


def environment(name: str, *packages: str) -> Path:
    """Return the Python of an environment with some packages, made if it is not there yet."""
    directory = CACHE / name
    python = directory / "bin" / "python"
    done = directory / "done"
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # another run may be making it
        if not done.exists():
            print(f"making the environment {name} …", file=sys.stderr)
            venv.create(directory, clear=True, with_pip=True)
            subprocess.run([python, "-m", "pip", "install", "--quiet", *packages], check=True)
            done.touch()
    return python


def ours(*, fresh: bool) -> Path:
    """Return the Python that has this project: the one that runs, or one of a fresh environment."""
    if not fresh:
        return Path(sys.executable)
    python = environment("ours", f"{PROJECT}[sandbox]")
    # The dependencies may stay from an earlier run, this project not.
    quiet = ["--quiet", "--no-deps", "--force-reinstall"]
    subprocess.run([python, "-m", "pip", "install", *quiet, str(PROJECT)], check=True)
    return python


def reference() -> Path:
    return environment("reference", REFERENCE)
