"""The pages are built from nothing, without a warning and without a network; they tell all that there is.

The tutorials are run meanwhile, through nbclient, each notebook on its own. Building takes its time, so all that is
asked of the pages is asked in one test.
"""

import inspect
import re
import subprocess
import sys
from html import unescape
from pathlib import Path

import nbformat
import pytest

import spalloc_client
from spalloc_client.job import Job
from spalloc_client.options import OPTIONS

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted(path.stem for path in (ROOT / "notebooks").glob("*.ipynb"))
COMMANDS = ("spalloc", "spalloc-job", "spalloc-ps", "spalloc-machine", "spalloc-where-is", "spalloc-sandbox")
FETCHED = (
    re.compile(r'<(?:script|img|iframe|source)[^>]*\ssrc="(https?:[^"]*)'),
    re.compile(r'<link[^>]*rel="stylesheet"[^>]*href="(https?:[^"]*)'),
)


@pytest.mark.timeout(1200)
def test_the_pages(tmp_path):
    """Built once, and then looked at."""
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-E", "-q", "-d", tmp_path / "doctrees"]
    built = subprocess.run(
        [*command, ROOT / "docs", tmp_path / "html"], capture_output=True, text=True, timeout=1100, check=False
    )
    assert built.returncode == 0, built.stdout + built.stderr
    for page in (tmp_path / "html").rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        assert str(ROOT) not in text, f"{page.name} tells where it was built"
        assert [address for pattern in FETCHED for address in pattern.findall(text)] == [], page.name
    for name in NOTEBOOKS:
        check_notebook(nbformat.read(tmp_path / "jupyter_execute" / "notebooks" / f"{name}.ipynb", as_version=4))
    check_tutorials(tmp_path / "html" / "notebooks")
    check_reference(tmp_path / "html" / "reference")


def check_notebook(notebook):
    """Every cell was run; those that are to fail failed, and no others did."""
    for cell in notebook.cells:
        if cell.cell_type == "code":
            fails = any(output["output_type"] == "error" for output in cell.outputs)
            said = "".join(output.get("text", "") for output in cell.outputs)
            assert cell.execution_count, cell.source
            assert ("raises-exception" in cell.metadata.get("tags", ())) == (fails or "UsageError" in said), cell.source


def shown(page):
    """Return the text of a page."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", "", page.read_text(encoding="utf-8"))))


def check_tutorials(directory):
    """Panels, tables and pictures are there as a page without a kernel shows them."""
    assert "127." in shown(directory / "quickstart.html")
    assert "Booting job" in shown(directory / "experiment.html")
    assert "grace@example.org" in shown(directory / "machine-view.html")
    assert "did not answer in time" in shown(directory / "when-things-go-wrong.html")
    assert (directory / "maps-for-a-paper.html").read_text(encoding="utf-8").count("<img") >= 6


def check_reference(directory):
    """Every option, every setting and every public name is told."""
    told = shown(directory / "commands.html")
    assert {option for name in COMMANDS for option in options(name) if option not in told} == set()
    settings = shown(directory / "settings.html")
    assert [option.name for option in OPTIONS if option.name not in settings] == []
    everything = "".join(page.read_text(encoding="utf-8") for page in directory.glob("*.html"))
    names = [name for name in spalloc_client.__all__ if name != "__version__"]
    assert [name for name in names if not re.search(rf'id="spalloc_client\.(\w+\.)?{name}"', everything)] == []
    members = [name for name, _ in inspect.getmembers(Job) if not name.startswith("_")]
    assert [name for name in members if f'id="spalloc_client.Job.{name}"' not in everything] == []


def options(name):
    """Return the options that a command's help names."""
    command = str(Path(sys.executable).with_name(name))
    found = set()
    for words in ([], ["serve"], ["run"], ["lab"]) if name == "spalloc-sandbox" else ([],):
        told = subprocess.run([command, *words, "--help"], capture_output=True, text=True, check=True).stdout
        found |= set(re.findall(r"(?<![\w-])--[a-z][a-z_-]*", told))
    return found - {"--help"}
