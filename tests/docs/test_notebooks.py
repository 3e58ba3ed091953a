"""The notebooks are saved as they are before they run. That each runs is shown where the pages are built."""

from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted(path.name for path in (ROOT / "notebooks").glob("*.ipynb"))


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
def test_a_notebook_says_what_it_is_about(name):
    first = nbformat.read(ROOT / "notebooks" / name, as_version=4).cells[0]
    assert first.cell_type == "markdown"
    assert first.source.startswith("# ")
    assert len(first.source.splitlines()) > 2


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_the_tutorials_lead_to_it(name):
    assert f"\nnotebooks/{name.removesuffix('.ipynb')}\n" in (ROOT / "docs/tutorials.md").read_text(encoding="utf-8")
