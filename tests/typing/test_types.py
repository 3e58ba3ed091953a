"""Users' type checkers understand the public interface; mypy, too, reads the file beside this one with the packages."""

import subprocess
import sys
from pathlib import Path


def test_pyright_finds_the_types_that_are_promised_and_nothing_wrong():
    command = [sys.executable, "-m", "basedpyright"]
    result = subprocess.run(
        command, cwd=Path(__file__).parents[2], capture_output=True, text=True, timeout=280, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr
