"""Real JupyterLab with a real Chromium before it, and a sandbox behind it."""

import os
import re
import shutil
from pathlib import Path

import pytest
from browser.lab_page import CHROMIUM_FLAGS, LabPage, write_notebook
from playwright.sync_api import sync_playwright

from spalloc_client.protocol_client import ProtocolClient
from spalloc_client.sandbox import Sandbox
from spalloc_client.sandbox.lab import Lab


# Playwright leaves its event loop running in the thread: it has to be gone before other tests start loops of their own.
@pytest.fixture(scope="module")
def chromium():
    """Debian's Chromium, without a window. Where there is none, the tests fail: they have something to say."""
    executable = shutil.which("chromium")
    assert executable, "Chromium is not installed; on Debian: apt-get install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=list(CHROMIUM_FLAGS))
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def lab_sandbox():
    """The server that notebooks are told of; boards take a moment to switch on, so that it can be seen."""
    with Sandbox(boards=24, power_on_seconds=1.0) as sandbox:
        yield sandbox


@pytest.fixture(scope="session")
def lab(lab_sandbox, tmp_path_factory):
    """JupyterLab, with a home directory of its own."""
    root = tmp_path_factory.mktemp("notebooks")
    home = tmp_path_factory.mktemp("home")
    first = write_notebook(root / "first.ipynb")
    environ = {**os.environ, "HOME": str(home), **lab_sandbox.environ(), "SPALLOC_OWNER": "me@example.org"}
    with Lab(first, tmp_path_factory.mktemp("lab") / "own", environ, port=0, browser=False) as started:
        started.root = root
        yield started


@pytest.fixture
def open_notebook(lab, chromium, request):
    """Open a notebook: a file, or the sources of its cells."""
    pages = []

    def open_it(*cells, file=None, **context):
        name = re.sub(r"\W+", "-", request.node.name)
        path = lab.root / f"{name}-{len(pages)}.ipynb"
        if file is None:
            write_notebook(path, *cells)
        else:
            shutil.copyfile(file, path)
        pages.append(LabPage(lab, chromium, path, **context))
        return pages[-1]

    yield open_it
    for page in pages:
        page.close()


@pytest.fixture
def ask(lab_sandbox):
    """Ask the server itself."""
    with ProtocolClient(lab_sandbox.hostname, lab_sandbox.port, timeout=10) as client:
        client.connect()
        yield client


NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
