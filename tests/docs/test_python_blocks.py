"""Every piece of Python that the pages show is run, a page's pieces one after the other in one kernel."""

import os
import sys
from pathlib import Path

import nbformat
import pytest
from code_blocks import PAGES, blocks, pages_with
from nbclient import NotebookClient

from spalloc_client.config import Config
from spalloc_client.sandbox import Sandbox, SimulatedMachine

TAKEN_FOR_GIVEN = """
from traitlets.config import Config as get_config

def my_boot(hostname, width, height):
    assert hostname.startswith("127.") and width >= 8 and height >= 8

def my_experiment(hostname):
    assert hostname.startswith("127.")
"""
"""What the pages leave to the reader."""

OWN_SECTION = {"Machine": "sPyNNaker's"}


@pytest.fixture
def sandbox(monkeypatch, tmp_path):
    """Give a server that the kernels find in their environment, and a machine with the name that the pages use."""
    with Sandbox(machines=[SimulatedMachine(24, "my-machine")]) as started:
        for name, value in {**started.environ(), "HOME": str(tmp_path)}.items():
            monkeypatch.setenv(name, value)
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
        monkeypatch.setenv("PATH", path)
        yield started


def run_cells(cells, directory):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    resources = {"metadata": {"path": str(directory)}}
    NotebookClient(notebook, timeout=120, kernel_name="python3", resources=resources).execute()
    return notebook.cells


@pytest.mark.parametrize("page", pages_with("python"))
@pytest.mark.usefixtures("sandbox")
def test_the_python_of_a_page(page, tmp_path):
    run_cells([TAKEN_FOR_GIVEN, *(block.text for block in blocks(page, "python"))], tmp_path)


@pytest.mark.parametrize("page", pages_with("ini"))
def test_the_config_files_of_a_page(page, tmp_path):
    for number, block in enumerate(blocks(page, "ini")):
        if block.text.strip().split("]")[0].removeprefix("[") in OWN_SECTION:
            continue
        file = tmp_path / str(number)
        file.write_text(block.text)
        assert Config.load([file], environ={}).sources, block.where


@pytest.mark.usefixtures("sandbox")
def test_magics_are_there_without_being_loaded(tmp_path, monkeypatch):
    """As the page about JupyterHub sets it up."""
    (lazy,) = [block.text for block in blocks("docs/howto/jupyterhub.md", "python") if "lazy_magics" in block.text]
    profile = tmp_path / "ipython" / "profile_default"
    profile.mkdir(parents=True)
    (profile / "ipython_config.py").write_text(lazy)
    monkeypatch.setenv("IPYTHONDIR", str(profile.parent))
    cells = run_cells(
        ["import sys; print('spalloc_jupyter' in sys.modules)", "%spalloc_ps", "%%spalloc\nprint(job.width)"], tmp_path
    )
    assert cells[0].outputs[0].text == "False\n"
    assert "0 jobs" in str(cells[1].outputs)
    assert any(output.get("text") == "8\n" for output in cells[2].outputs)


def test_every_block_says_what_it_is():
    known = {"python", "console", "ini", "json", "text"}
    unknown = [
        (block.where, block.language)
        for page in PAGES
        for block in blocks(page)
        if block.language not in known and not block.language.startswith("{")
    ]
    assert unknown == []


def test_imports_of_the_pages_are_public():
    """What a page imports needs no underscore."""
    for page in pages_with("python"):
        for block in blocks(page, "python"):
            assert " import _" not in block.text, block.where
