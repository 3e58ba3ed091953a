"""The first command a newcomer copies stops with one plain sentence where it cannot go on."""

import subprocess
import sys
from pathlib import Path

import pytest

BOOTSTRAP = Path(__file__).parents[2] / "bootstrap.py"

# What another computer would be like, told before the script runs.
COMPUTERS = {
    "an old Python": ("sys.version_info = (3, 9, 2)", "test", "Python 3.11 or newer is needed, and this is 3.9 ("),
    "no venv": (
        "sys.modules['ensurepip'] = None",
        "test",
        "this Python has no venv module; on Debian and Ubuntu: sudo apt",
    ),
    "Windows": ("os.name = 'nt'", "sandbox", "the sandbox needs Linux"),
    "nothing asked": ("", "", "say what to install: python3 bootstrap.py {sandbox|test|docs|boot}"),
    "something unknown": ("", "tset", "say what to install"),
}


@pytest.mark.parametrize("name", COMPUTERS)
def test_it_says_in_one_line_why_it_does_not_go_on(name, tmp_path):
    change, extra, sentence = COMPUTERS[name]
    # Read before the change: a path of this computer is none on Windows.
    source = BOOTSTRAP.read_text(encoding="utf-8")
    program = (
        f"import os, sys\nsource = {source!r}\nsys.argv = ['bootstrap.py', *{extra.split()!r}]\n{change}\n"
        f"exec(compile(source, 'bootstrap.py', 'exec'), {{'__name__': '__main__', '__file__': 'bootstrap.py'}})"
    )
    result = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert result.returncode == 1
    assert result.stderr.startswith(f"bootstrap.py: {sentence}")
    assert result.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_an_old_python_can_read_it():
    """Nothing newer than Python 3.6 is in it, so that it can say what it has to say."""
    import ast

    ast.parse(BOOTSTRAP.read_text(encoding="utf-8"), feature_version=(3, 6))
