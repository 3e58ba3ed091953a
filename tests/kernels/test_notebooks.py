"""Notebooks without a browser: executed by nbclient, turned into a page by nbconvert, with and without widgets."""

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbconvert import HTMLExporter

WIDGET = "application/vnd.jupyter.widget-view+json"

NO_WIDGETS = """
import sys


class NoWidgets:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("ipywidgets", "anywidget"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


sys.meta_path.insert(0, NoWidgets())
"""


@pytest.fixture(params=["with ipywidgets", "without ipywidgets"])
def execute(request, sandbox, tmp_path, monkeypatch):
    """Execute cells as a notebook, and return it."""
    for name, value in sandbox.environ().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "runtime"))
    if request.param == "without ipywidgets":
        (tmp_path / "sitecustomize.py").write_text(NO_WIDGETS)
        monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    def executed(*sources):
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])
        NotebookClient(
            notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": tmp_path}}
        ).execute()
        return notebook

    executed.widgets = request.param == "with ipywidgets"
    return executed


def bundles(cell):
    return [output["data"] for output in cell["outputs"] if "data" in output]


def test_a_job_that_has_ended_leaves_its_facts(execute):
    """The executed notebook and the page made of it show them, without kernel or widgets."""
    notebook = execute(
        "%load_ext spalloc_jupyter", "%spalloc 3;\nname = job.hostname", "print(name)", "job.destroy('enough')"
    )
    name = notebook.cells[2]["outputs"][0]["text"].strip()
    assert name.startswith("127.")
    shown = bundles(notebook.cells[1])[0]
    assert name in shown["text/plain"] or execute.widgets
    page, _ = HTMLExporter().from_notebook_node(notebook)
    assert name in page


def test_a_job_that_lives_to_the_end_is_shown_with_its_facts(execute):
    """Nobody destroyed it before the kernel was shut down."""
    notebook = execute("%load_ext spalloc_jupyter\n%spalloc 3", "print(job.hostname)")
    shown = bundles(notebook.cells[0])[0]
    name = notebook.cells[1]["outputs"][0]["text"].strip()
    assert name in shown["text/html"]
    assert name in shown["text/plain"]
    assert (WIDGET in shown) == execute.widgets


def test_looking_shows_facts(execute):
    """Tables and maps, whether or not there are widgets."""
    notebook = execute(
        "%load_ext spalloc_jupyter\n%spalloc 3;",
        "%spalloc_ps",
        "%spalloc_machine sandbox",
        "%spalloc_machine\n%spalloc_job",
    )
    listed, machine, *_ = (bundles(cell)[0] for cell in notebook.cells[1:])
    assert "Ready" in listed["text/html"]
    assert "<svg" in machine["text/html"]
    assert (WIDGET in listed) == execute.widgets
    assert len(bundles(notebook.cells[3])) == 2


def test_a_failing_cell_stops_the_notebook(execute):
    """An error of one line is an error."""
    with pytest.raises(CellExecutionError, match="No suitable machines"):
        execute("%load_ext spalloc_jupyter\n%spalloc 1000", "never = True")
