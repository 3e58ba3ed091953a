"""Each notebook runs from the top to the bottom on its own, and is saved as it is before that."""

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted(path.name for path in (ROOT / "notebooks").glob("*.ipynb"))


@pytest.fixture
def surroundings(sandbox, monkeypatch, tmp_path):
    """Give what `spalloc-sandbox lab` gives, and a home of its own."""
    for name, value in {**sandbox.environ(), "HOME": str(tmp_path)}.items():
        monkeypatch.setenv(name, value)
    return {"metadata": {"path": str(tmp_path)}}


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_runs(name, surroundings):
    """Cells that are to fail fail; all others do not."""
    notebook = nbformat.read(ROOT / "notebooks" / name, as_version=4)
    NotebookClient(notebook, timeout=120, kernel_name="python3", resources=surroundings).execute()
    for cell in notebook.cells:
        fails = any(output["output_type"] == "error" for output in cell.get("outputs", ()))
        said = "".join(output.get("text", "") for output in cell.get("outputs", ()))
        assert ("raises-exception" in cell.metadata.get("tags", ())) == (fails or "UsageError" in said), cell.source


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_is_saved_without_outputs(name):
    notebook = nbformat.read(ROOT / "notebooks" / name, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.outputs for cell in code] == [[]] * len(code)
    assert {cell.execution_count for cell in code} == {None}
    assert notebook.metadata.kernelspec.name == "python3"
    ids = [cell.id for cell in notebook.cells]
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_says_what_it_is(name):
    """It begins with a title and a text, and no two cells of code follow each other without need."""
    notebook = nbformat.read(ROOT / "notebooks" / name, as_version=4)
    first = notebook.cells[0]
    assert first.cell_type == "markdown"
    assert first.source.startswith("# ")
    assert len(first.source.splitlines()) > 2


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_the_tutorials_lead_to_it(name):
    assert f"notebooks/{name.removesuffix('.ipynb')}\n" in (ROOT / "docs" / "tutorials.md").read_text(encoding="utf-8")
