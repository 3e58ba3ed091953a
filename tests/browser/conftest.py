"""Real JupyterLab with a real Chromium before it, and a sandbox behind it."""

import json
import os
import re
import shutil
import sys
from pathlib import Path

import pytest
from browser.lab_page import CHROMIUM_FLAGS, OLDER, LabPage, write_notebook
from kernels.kernel import installed
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
    older = older_kernel(tmp_path_factory.mktemp("kernels"), tmp_path_factory.getbasetemp())
    own = {"HOME": str(home), "JUPYTER_PATH": str(older), "SPALLOC_OWNER": "me@example.org"}
    environ = {**os.environ, **lab_sandbox.environ(), **own}
    with Lab(first, tmp_path_factory.mktemp("lab") / "own", environ, port=0, browser=False) as started:
        started.root = root
        yield started


def older_kernel(directory, base):
    """Make a directory for JUPYTER_PATH that has a kernel with the oldest ipykernel that lets presses through."""
    # Workers that run tests side by side share what lies above their own directories.
    packages = installed("7.3.0", base.parent if "PYTEST_XDIST_WORKER" in os.environ else base)
    words = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec = {"argv": words, "display_name": f"Python 3 ({OLDER})", "language": "python"}
    file = directory / "kernels" / OLDER / "kernel.json"
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps({**spec, "env": {"PYTHONPATH": str(packages)}}), encoding="utf-8")
    return directory


@pytest.fixture
def open_notebook(lab, chromium, request, ask):
    """Open a notebook: a file, or the sources of its cells."""
    pages = []

    def open_it(*cells, file=None, kernel="python3", **context):
        name = re.sub(r"\W+", "-", request.node.name)
        path = lab.root / f"{name}-{len(pages)}.ipynb"
        if file is None:
            write_notebook(path, *cells, kernel=kernel)
        else:
            shutil.copyfile(file, path)
        pages.append(LabPage(lab, chromium, path, **context))
        return pages[-1]

    yield open_it
    for page in pages:
        page.close()
    for job in ask.call("list_jobs"):  # of a test that failed: they are in the way of the next one
        ask.call("destroy_job", job["job_id"], reason="the test is over")


@pytest.fixture
def ask(lab_sandbox):
    """Ask the server itself."""
    with ProtocolClient(lab_sandbox.hostname, lab_sandbox.port, timeout=10) as client:
        client.connect()
        yield client


NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
