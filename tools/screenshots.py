"""Take the pictures of the README and of the documentation from real pages: ``python tools/screenshots.py [NAME …]``.

It starts sandboxes and JupyterLab, and writes ``docs/pictures/*.png``. Names choose some of the scenes.
"""

import os
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Locator, expect, sync_playwright

ROOT = Path(__file__).parents[1]
PICTURES = ROOT / "docs" / "pictures"
sys.path.insert(0, str(ROOT / "tests"))

from browser.lab_page import CHROMIUM_FLAGS, PATIENCE, LabPage, write_notebook  # noqa: E402 - found by the line above

from spalloc_client import Job  # noqa: E402
from spalloc_client.sandbox import Sandbox  # noqa: E402
from spalloc_client.sandbox.lab import Lab  # noqa: E402

ME = "jdh@example.org"
LOAD = "%load_ext spalloc_jupyter"
MACHINE = """
from spalloc_client.config import Config
from spalloc_jupyter.machine_panel import MachinePanel
view = MachinePanel(Config.load(), {name!r})
view.show()
"""
JOBS = """
from spalloc_client.config import Config
from spalloc_jupyter.job_list import JobList
view = JobList(Config.load())
view.show()
"""
PEOPLE = ("alice", "bob", "carol", "dan", "erin")


class Studio:
    """JupyterLab and a browser before a sandbox."""

    def __init__(self, sandbox: Sandbox, lab: Lab, root: Path, browser: Browser) -> None:
        self.sandbox = sandbox
        self._lab, self._root, self._browser = lab, root, browser

    @contextmanager
    def page(self, name: str, *cells: str, width: int = 860, theme: str = "Light") -> Iterator[LabPage]:
        """Open a notebook, in the calmest surroundings there are."""
        notebook = write_notebook(self._root / f"{name}.ipynb", *cells)
        viewport = {"width": width, "height": 1500}
        page = LabPage(self._lab, self._browser, notebook, viewport=viewport, device_scale_factor=2)
        try:
            if theme != "Light":
                page.choose_theme(f"JupyterLab {theme}")
            page.page.keyboard.press("Control+B")
            page.run_cell(0)
            yield page
            if theme != "Light":
                page.choose_theme("JupyterLab Light")
        finally:
            page.close()

    def job(self, *what: int, owner: str = ME) -> Job:
        """Ask for boards."""
        return Job(*what, hostname=self.sandbox.hostname, port=self.sandbox.port, owner=owner, config_filenames=[])


def _take(what: Locator, name: str) -> None:
    time.sleep(0.6)  # until fonts, tooltips and moving parts have settled
    what.screenshot(path=PICTURES / f"{name}.png")
    print(f"{name}.png")  # noqa: T201 - so that one knows how far it is


def _panel(page: LabPage, state: str) -> Locator:
    panel = page.output(1).locator(".spalloc-panel")
    expect(panel.locator(".spalloc-state")).to_have_text(state, timeout=PATIENCE)
    return panel


def panel(studio: Studio) -> None:
    """A job's panel from powering on to destroyed, in both themes."""
    for theme, ending in (("Light", ""), ("Dark", "-dark")):
        with studio.page(f"panel{ending}", LOAD, "%spalloc 3", theme=theme) as page:
            page.run_cell(1)
            switching = _panel(page, "Powering on")
            expect(switching.locator("[data-board]")).to_have_count(3, timeout=PATIENCE)
            _take(switching, f"panel-powering{ending}")
            ready = _panel(page, "Ready")
            expect(ready.locator("[data-board]")).to_have_count(3)
            page.wait_until_done(1)
            page.page.locator(".jp-CodeCell").first.click()
            _take(ready, f"panel{ending}")
            ready.get_by_role("button", name="Destroy…").click()
            time.sleep(1)
            _take(ready, f"panel-destroying{ending}")
            ready.get_by_role("button", name=re.compile("Destroy job")).click()
            gone = _panel(page, "Destroyed")
            expect(gone.locator("img")).to_be_visible(timeout=PATIENCE)
            _take(gone, f"panel-destroyed{ending}")


def narrow(studio: Studio) -> None:
    """A job's panel on 320 pixels."""
    with studio.page("narrow", LOAD, "%spalloc 3", width=500) as page:
        page.run_cell(1)
        ready = _panel(page, "Ready")
        ready.evaluate("panel => panel.style.width = '320px'")
        expect(ready.locator("[data-board]")).to_have_count(3)
        _take(ready, "panel-narrow")


def queued(studio: Studio) -> None:
    """A job's panel while it waits for boards."""
    others = [studio.job(12, owner="alice@example.org"), studio.job(24, owner="bob@example.org")]
    for theme, ending in (("Light", ""), ("Dark", "-dark")):
        with studio.page(f"queued{ending}", LOAD, "%spalloc 18", theme=theme) as page:
            page.run_cell(1)
            waiting = _panel(page, "Queued")
            time.sleep(4)
            _take(waiting, f"panel-queued{ending}")
    for job in others:
        job.destroy()


def machine(studio: Studio) -> None:
    """A machine of 24 boards, and the list of its jobs."""
    jobs = [studio.job(3), studio.job(3, owner="alice@example.org"), studio.job(6, owner="bob@example.org")]
    jobs += [studio.job(1), studio.job(24, owner="carol@example.org")]
    for theme, ending in (("Light", ""), ("Dark", "-dark")):
        cells = (MACHINE.format(name="sandbox"), JOBS)
        with studio.page(f"machine{ending}", *cells, width=1060, theme=theme) as page:
            page.run_cell(1)
            shown = page.output(0).locator(".spalloc-panel")
            expect(shown.locator("[data-board]")).to_have_count(24, timeout=PATIENCE)
            _take(shown, f"machine{ending}")
            page.wait_until_done(1)
            _take(page.output(1).locator(".spalloc-panel"), f"jobs{ending}")
    for job in jobs:
        job.destroy()


def million(studio: Studio) -> None:
    """A machine of 1,200 boards with 40 jobs."""
    sizes = [120, 90, 60, 48, 48, 36, 27, 24, 24, 18, 18, 12, 12, 12, 9, 9, 9, 6, 6, 6, 6, 6, 3, 3, 3, 3, 3, 3, 3, 3]
    sizes += [1] * 10
    owners = [f"{PEOPLE[i % 5]}@example.org" if i % 4 else ME for i in range(len(sizes))]
    jobs = [studio.job(size, owner=owner) for size, owner in zip(sizes, owners, strict=True)]
    for theme, ending in (("Light", ""), ("Dark", "-dark")):
        cell = MACHINE.format(name="million")
        with studio.page(f"million{ending}", cell, width=1240, theme=theme) as page:
            shown = page.output(0).locator(".spalloc-panel")
            expect(shown.locator("[data-board]")).to_have_count(1200, timeout=PATIENCE)
            shown.locator("[data-board='9 8 1']").hover()
            _take(shown, f"machine-1200{ending}")
    for job in jobs:
        job.destroy()


SMALL: tuple[Callable[[Studio], None], ...] = (panel, narrow, queued, machine)


@contextmanager
def studio(browser: Browser, boards: int, name: str) -> Iterator[Studio]:
    """Start a sandbox and JupyterLab."""
    sandbox = Sandbox(
        boards=boards,
        name=name,
        power_on_seconds=8.0 if boards == 24 else 1.0,
        dead_boards=[(5, 3, 1), (12, 9, 0), (17, 2, 2)] if boards == 1200 else [],
        dead_links=[(3, 12, 0, 2), (10, 4, 1, 0)] if boards == 1200 else [],
    )
    with sandbox, tempfile.TemporaryDirectory() as directory:
        root = Path(directory) / "notebooks"
        root.mkdir()
        first = write_notebook(root / "first.ipynb")
        environ = {**os.environ, "HOME": directory, **sandbox.environ(), "SPALLOC_OWNER": ME}
        with Lab(first, Path(directory) / "lab", environ, port=0, browser=False) as lab:
            yield Studio(sandbox, lab, root, browser)


def main() -> None:
    """Take all pictures, or those of the scenes that were named."""
    wanted = set(sys.argv[1:]) or {scene.__name__ for scene in (*SMALL, million)}
    PICTURES.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=list(CHROMIUM_FLAGS))
        small = [scene for scene in SMALL if scene.__name__ in wanted]
        if small:
            with studio(browser, 24, "sandbox") as started:
                for scene in small:
                    scene(started)
        if million.__name__ in wanted:
            with studio(browser, 1200, "million") as started:
                million(started)
        browser.close()


if __name__ == "__main__":
    main()
