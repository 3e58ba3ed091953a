"""The benchmarks work; how fast anything is, they tell and no test asserts."""

import json
import subprocess
import sys
from pathlib import Path

RUN = Path(__file__).parents[2] / "benchmarks" / "run.py"


def test_a_small_run_writes_its_tables(tmp_path):
    """The groups that need no page in a browser: those are slow, and tested as what they are."""
    groups = ["starting", "calling", "waiting", "keeping", "notebooks", "kernels", "crowd"]
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
    assert len(rows) > 20
    assert all(row["ours"] is not None and row["goal"] for row in rows)
    table = (tmp_path / "RESULTS.md").read_text(encoding="utf-8")
    assert all(row["what"] in table for row in rows)
