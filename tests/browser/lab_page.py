"""A notebook in real JupyterLab, as somebody at the screen uses it."""

import json
import re
import time
import urllib.request
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, expect

from spalloc_client.sandbox.lab import Lab

PATIENCE = 60_000.0
"""Milliseconds for what a busy computer has to do, such as starting a kernel."""

expect.set_options(timeout=PATIENCE)

OLDER = "ipykernel-7.3"
"""A kernel with the oldest ipykernel that lets presses through."""

CHROMIUM_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def write_notebook(path, *cells, kernel="python3"):
    """Write a notebook of code cells, which names its kernel so that nobody is asked for it."""
    code = [
        {"cell_type": "code", "execution_count": None, "id": f"c{i}", "metadata": {}, "outputs": [], "source": source}
        for i, source in enumerate(cells)
    ]
    kernel = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": kernel}}
    content = {"cells": code, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


class LabPage:
    """A page of JupyterLab with one notebook open."""

    def __init__(self, lab: Lab, browser: Browser, notebook: Path, **context: object) -> None:
        self._lab = lab
        self.requests: list[str] = []
        """All addresses that the page asked for."""
        self._context = browser.new_context(**{"viewport": {"width": 1200, "height": 1000}, **context})
        self._context.grant_permissions(["clipboard-read", "clipboard-write"])
        self.page: Page = self._context.new_page()
        self.page.set_default_timeout(PATIENCE)
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.notebook = notebook
        self.open()

    def open(self) -> None:
        """Open the notebook, or load its page again."""
        address = self._lab.address
        token = address.rpartition("?")[2]
        self.page.goto(
            f"http://127.0.0.1:{self._lab.port}/lab/workspaces/auto-{self.notebook.stem}/tree/{self.notebook.name}?{token}"
        )
        self.page.locator(".jp-Notebook").wait_for()
        # Whoever runs a cell before that is asked to choose a kernel.
        self.page.locator("#jp-main-statusbar").get_by_text(re.compile(r"Python 3 .*Idle")).wait_for()

    def visit(self, kind: str) -> None:
        """Open the notebook in another way that Jupyter's server knows; its kernel is another one, too."""
        token = self._lab.address.rpartition("?")[2]
        self.shut_down()
        self.page.goto(f"http://127.0.0.1:{self._lab.port}/{kind}/{self.notebook.name}?{token}")

    def run_all(self) -> None:
        """Choose Run, Run All Cells."""
        self.page.get_by_role("menuitem", name="Run", exact=True).click()
        self.page.get_by_role("menuitem", name="Run All Cells", exact=True).click()

    def choose_theme(self, name: str) -> None:
        """Choose Settings, Theme, and one of them; it is that of the next pages, too."""
        self.page.get_by_role("menuitem", name="Settings", exact=True).click()
        self.page.locator(".lm-Menu-item").filter(has_text=re.compile("^Theme$")).click()
        self.page.locator(".lm-Menu-item").filter(has_text=re.compile(f"^{name}$")).click()
        expect(self.page.locator("body")).to_have_attribute("data-jp-theme-name", name)

    def run_cell(self, number: int) -> None:
        """Run one cell, without waiting for its end."""
        self.page.locator(".jp-CodeCell").nth(number).locator(".cm-content").click()
        self.page.keyboard.press("Shift+Enter")

    def output(self, number: int) -> Locator:
        """Return the output of a code cell."""
        return self.page.locator(".jp-CodeCell").nth(number).locator(".jp-Cell-outputArea")

    def prompt(self, number: int) -> Locator:
        """Return the prompt of a code cell, such as ``[*]:``."""
        return self.page.locator(".jp-CodeCell").nth(number).locator(".jp-InputPrompt").first

    def wait_until_done(self, number: int) -> None:
        """Wait until a code cell has run."""
        expect(self.prompt(number)).to_have_text(re.compile(r"\[\d+\]:"))

    def save(self) -> None:
        """Save the notebook."""
        self.page.keyboard.press("Control+S")

    def call(self, method: str, path: str) -> object:
        """Ask Jupyter's own server."""
        token = self._lab.address.rpartition("=")[2]
        request = urllib.request.Request(f"http://127.0.0.1:{self._lab.port}/api/{path}", method=method)
        request.add_header("Authorization", f"token {token}")
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=30) as response:
            body = response.read()
        return json.loads(body) if body else None

    def close(self) -> None:
        """Close the page, and end the notebook's kernel."""
        self._context.close()
        self.shut_down()

    def wait_for_kernel(self) -> None:
        """Wait until the notebook has a kernel that has nothing to do."""
        deadline = time.monotonic() + PATIENCE / 1000
        mine = {"path": self.notebook.name, "state": "idle"}
        while mine not in [
            {"path": one["path"], "state": one["kernel"]["execution_state"]} for one in self.call("GET", "sessions")
        ]:
            assert time.monotonic() < deadline, "the kernel did not start"
            time.sleep(0.1)

    def shut_down(self) -> None:
        """End the notebook's kernel."""
        for session in self.call("GET", "sessions"):
            if session["path"] == self.notebook.name:
                self.call("DELETE", f"sessions/{session['id']}")
