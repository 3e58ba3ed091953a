"""Pages in real JupyterLab: how soon a panel is there, how late it knows, and how late the server hears of a press."""

import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from measure import Row, Settings, at_most

LOAD = "%load_ext spalloc_jupyter"
LABEL = "import ipywidgets\nipywidgets.Label('here')"
CALM = 1.0  # seconds in which the page comes to rest: nobody presses Enter at once
BUSY = "import time\ntime.sleep(25)"

# The page notes times itself, by the same clock as everybody here: asking it again and again would be late.
WATCH = """([cell, selector, text]) => {
  window.began = window.seen = 0;
  const begin = (event) => { if (event.type === "click" || event.key === "Enter") window.began ||= Date.now() };
  for (const kind of ["click", "keydown"]) addEventListener(kind, begin, true);
  const look = () => {
    const found = document.querySelectorAll(".jp-CodeCell")[cell].querySelector(selector);
    if (found && (!text || found.textContent.includes(text))) window.seen ||= Date.now();
  };
  window.watcher?.disconnect();
  window.watcher = new MutationObserver(look);
  window.watcher.observe(document.body, { childList: true, subtree: true, characterData: true });
}"""


def rows(settings: Settings) -> list[Row]:
    sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
    rounds = settings.rounds(5)
    with _lab() as (open_page, sandbox):
        turns = [
            (
                _appearing(open_page, [LABEL, LABEL], ".widget-label"),
                _appearing(open_page, [LOAD, "%spalloc 3", "%spalloc 3 -o again"], ".spalloc-panel"),
            )
            for _ in range(rounds)
        ]
        floor, panel = (
            [statistics.median(times) for times in zip(*kind, strict=True)] for kind in zip(*turns, strict=True)
        )
        late = {busy: _news(open_page, sandbox, rounds, busy=busy) for busy in (False, True)}
    result = []
    for which, name, more in ((0, "the first in a kernel", 0.3), (1, "the second", 0.1)):
        ours, least = panel[which], floor[which]
        result.append(
            Row(
                f"Enter on %spalloc 3 to its panel on the page, {name}; floor: one ipywidgets label",
                "s",
                least,
                None,
                ours,
                **at_most(ours, least + more, f"at most the floor and {more} s"),
            )
        )
    for busy, limits in ((False, (0.15, 0.1)), (True, (0.15, 0.25))):
        kernel = "busy" if busy else "idle"
        for name, value, limit in zip(
            ("an event at the server to the page", "a press on the page to the simulated boards"),
            late[busy],
            limits,
            strict=True,
        ):
            result.append(
                Row(f"{name}, kernel {kernel}", "s", None, None, value, **at_most(value, limit, f"at most {limit} s"))
            )
    return result


@contextmanager
def _lab() -> Iterator[tuple[Callable[..., Any], Any]]:
    """Start JupyterLab, a browser and a sandbox; yields what opens a notebook of some cells, and the sandbox."""
    from browser.lab_page import CHROMIUM_FLAGS, LabPage, write_notebook
    from playwright.sync_api import sync_playwright

    from spalloc_client.sandbox import Sandbox
    from spalloc_client.sandbox.lab import Lab

    with ExitStack() as stack:
        root, home, own = (Path(stack.enter_context(tempfile.TemporaryDirectory())) for _ in range(3))
        sandbox = stack.enter_context(Sandbox(boards=120, power_on_seconds=0.0))
        environ = {**os.environ, "HOME": str(home), **sandbox.environ()}
        first = write_notebook(root / "first.ipynb")
        lab = stack.enter_context(Lab(first, own / "own", environ, port=0, browser=False))
        playwright = stack.enter_context(sync_playwright())
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=list(CHROMIUM_FLAGS))
        stack.callback(browser.close)
        opened: list[Any] = []

        def open_page(cells: list[str]) -> Any:
            path = write_notebook(root / f"page-{len(opened)}.ipynb", *cells)
            opened.append(LabPage(lab, browser, path))
            return opened[-1]

        yield open_page, sandbox


def _appearing(open_page: Callable[..., Any], cells: list[str], selector: str) -> list[float]:
    """Return the seconds from Enter to what a cell shows: for the last but one cell, and for the last."""
    page = open_page(cells)
    for number in range(len(cells) - 2):
        page.run_cell(number)
        page.wait_until_done(number)
    times = []
    for number in (len(cells) - 2, len(cells) - 1):
        time.sleep(CALM)
        page.page.evaluate(WATCH, [number, selector, ""])
        page.page.locator(".jp-CodeCell").nth(number).locator(".cm-content").click()
        page.page.evaluate("window.began = 0")
        page.page.keyboard.press("Shift+Enter")
        times.append(_seconds(page))
        page.wait_until_done(number)
    page.close()
    return times


def _seconds(page: Any) -> float:
    page.page.wait_for_function("window.seen > 0")
    began, seen = page.page.evaluate("[window.began, window.seen]")
    return (seen - began) / 1e3


def _news(open_page: Callable[..., Any], sandbox: Any, rounds: int, *, busy: bool) -> tuple[float, float]:
    """Return the median seconds from an event at the server to the page, and from a press to the boards."""
    from browser.panel_page import Panel

    page = open_page([LOAD, "job = %spalloc 3\njob.id", BUSY])
    panel = Panel(page)
    page.run_cell(0)
    page.run_cell(1)
    panel.wait_for("Ready")
    page.wait_until_done(1)
    if busy:
        page.run_cell(2)
        time.sleep(0.5)
    events, presses = [], []
    from spalloc_client.server import Server

    with Server(sandbox.hostname, sandbox.port, timeout=10.0, reconnect_delay=0.1) as server:
        job_id = max(job.id for job in server.jobs())
        for _ in range(rounds):
            page.page.evaluate(WATCH, [1, ".spalloc-state", "off"])
            time.sleep(0.4)
            begun = time.time()
            server.set_power(job_id, False)
            page.page.wait_for_function("window.seen > 0")
            events.append(page.page.evaluate("window.seen") / 1e3 - begun)
            panel.wait_for("Powered off")
            time.sleep(0.4)
            page.page.evaluate("window.began = 0")
            before = len(sandbox.power_log())
            panel.press("Power on")
            panel.wait_for("Ready")
            presses.append(sandbox.power_log()[before].time - page.page.evaluate("window.began") / 1e3)
    page.close()
    return statistics.median(events), statistics.median(presses)
