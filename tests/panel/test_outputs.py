"""What notebooks keep: run by nbclient with a real kernel, read by nbconvert, with widgets and without."""

import nbformat
import pytest
from nbclient import NotebookClient

BLOCK = "import sys; sys.modules['ipywidgets'] = sys.modules['anywidget'] = None"


@pytest.fixture
def run(sandbox, tmp_path, monkeypatch):
    """Run cells as a notebook, and return it."""
    for name, value in {**sandbox.environ(), "HOME": str(tmp_path), "IPYTHONDIR": str(tmp_path / "ipython")}.items():
        monkeypatch.setenv(name, value)

    def run_it(*cells):
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
        NotebookClient(
            notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": tmp_path}}
        ).execute()
        return notebook

    return run_it


def shown(cell):
    """What a cell displayed, by MIME type."""
    return [output["data"] for output in cell.outputs if output["output_type"] == "display_data"]


def test_a_job_that_ends_leaves_its_facts(run, sandbox):
    """Ended in a cell, also in the last one, its panel is HTML with a picture, and text."""
    notebook = run("%load_ext spalloc_jupyter", "%spalloc 3", "job.destroy('enough')")
    (data,) = shown(notebook.cells[1])
    assert set(data) == {"text/html", "text/plain"}
    assert "data:image/png" in data["text/html"]
    for told in data.values():
        assert "enough" in told
        assert "127." in told
    assert not sandbox.boards_on()


def test_nbconvert_shows_the_facts(run):
    """The page it makes has them, without a script of ours."""
    from nbconvert import HTMLExporter

    notebook = run("%load_ext spalloc_jupyter", "%spalloc 3", "job.destroy('enough')")
    page, _ = HTMLExporter().from_notebook_node(notebook)
    assert "“enough”" in page
    assert 'class="spalloc-panel spalloc-ended"' in page


def test_without_widgets_the_facts_are_the_same(run):
    """Where ipywidgets is not installed, HTML and text are shown alone."""
    notebook = run(BLOCK, "%load_ext spalloc_jupyter", "%spalloc 3", "job.hostname", "job.destroy()")
    (data,) = shown(notebook.cells[2])
    assert set(data) == {"text/html", "text/plain"}
    hostname = notebook.cells[3].outputs[0]["data"]["text/plain"].strip("'")
    assert hostname in data["text/html"]
    assert hostname in data["text/plain"]


def test_a_job_that_lives_has_its_facts_beside_the_widget(run):
    """What shows no widgets shows the facts of when the boards were ready."""
    notebook = run("%load_ext spalloc_jupyter", "%spalloc 3", "import time; time.sleep(2)")
    (data,) = shown(notebook.cells[1])
    assert "application/vnd.jupyter.widget-view+json" in data
    assert "Ready" in data["text/html"]
    assert "Ethernet chips (3)" in data["text/plain"]
