"""The benchmarks work; how fast anything is, they tell and no test asserts."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

RUN = Path(__file__).parents[2] / "benchmarks" / "run.py"


@pytest.mark.parametrize(
    ("groups", "more_than"),
    [(["starting", "calling", "waiting", "keeping", "notebooks", "kernels", "crowd"], 20), (["pages"], 5)],
    ids=["without pages", "pages"],
)
def test_a_small_run_writes_its_tables(groups, more_than, tmp_path):
    done = subprocess.run(
        [sys.executable, RUN, "--small", "--out", tmp_path, "--only", *groups],
        capture_output=True,
        text=True,
        check=False,
        timeout=280,
    )
    assert done.returncode == 0, done.stderr
    results = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))
    assert len(results["results"]) == len(groups)
    rows = [row for group in results["results"].values() for row in group]
    assert len(rows) > more_than
    assert all(row["ours"] is not None and row["goal"] for row in rows)
    table = (tmp_path / "RESULTS.md").read_text(encoding="utf-8")
    assert all(row["what"] in table for row in rows)
