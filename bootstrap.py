"""Make the virtual environment .venv in this directory and install the project into it.

    python3 bootstrap.py sandbox    what the sandbox and its notebook need
    python3 bootstrap.py test       what the tests need, too

Everything is written so that an old Python can read it and say that it is too old.
"""

import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ENVIRONMENT = os.path.join(HERE, ".venv")
PYTHON = os.path.join(ENVIRONMENT, "Scripts" if os.name == "nt" else "bin", "python")
EXTRAS = ("sandbox", "test", "docs", "boot")


def main(extras):
    """Install with the extras that are named; return the exit code."""
    unknown = [extra for extra in extras if extra not in EXTRAS]
    if unknown or not extras:
        return stop("say what to install: python3 bootstrap.py {%s}" % "|".join(EXTRAS))
    if sys.version_info < (3, 11):
        return stop(
            "Python 3.11 or newer is needed, and this is %d.%d (%s)" % (sys.version_info[:2] + (sys.executable,))
        )
    if os.name == "nt" and "sandbox" in extras:
        return stop("the sandbox needs Linux, whose loopback addresses stand for the boards; use WSL on Windows")
    try:
        import ensurepip  # noqa: F401 - asked for by venv below
        import venv  # noqa: F401
    except ImportError:
        return stop("this Python has no venv module; on Debian and Ubuntu: sudo apt install python3-venv")
    print("bootstrap.py: installing into %s; this takes some minutes" % ENVIRONMENT)
    sys.stdout.flush()
    return run(
        ("cannot make the virtual environment " + ENVIRONMENT, [sys.executable, "-m", "venv", ENVIRONMENT]),
        (
            "cannot install the project; the lines above say why",
            # --use-pep517: older pips warn about Rig, which has no pyproject.toml, where nobody can do anything about it.
            [PYTHON, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--use-pep517", "-e"]
            + ["%s[%s]" % (HERE, ",".join(extras))],
        ),
    )


def run(*steps):
    """Run commands, each with what to say if it fails; return the exit code."""
    for complaint, command in steps:
        try:
            failed = subprocess.call(command)
        except (OSError, KeyboardInterrupt) as error:
            return stop("%s (%s)" % (complaint, str(error) or "interrupted"))
        if failed:
            return stop(complaint)
    return 0


def stop(sentence):
    """Say why it does not go on; return the exit code."""
    sys.stderr.write("bootstrap.py: %s\n" % sentence)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
