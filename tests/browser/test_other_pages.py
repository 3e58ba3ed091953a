"""The panel in Notebook 7 and in Voila, beside which this project has no code."""

import time

from browser.panel_page import LOAD, Panel
from playwright.sync_api import expect


class Page:
    """A page that is no JupyterLab's, as :class:`Panel` wants it."""

    def __init__(self, page):
        self.page = page

    def output(self, number):
        """Return the whole page: there is one panel on it."""
        assert number
        return self.page.locator("body")


def wait_for_jobs(ask, number):
    """Return the server's jobs when there are so many."""
    deadline = time.monotonic() + 60
    while len(jobs := ask.call("list_jobs")) != number:
        assert time.monotonic() < deadline, jobs
        time.sleep(0.1)
    return jobs


def test_notebook_7(open_notebook, lab_sandbox, ask):
    """The panel goes to ready, resets the boards and destroys the job."""
    opened = open_notebook(LOAD, "%spalloc 3")
    opened.visit("notebooks")
    page = opened.page
    page.locator(".jp-Notebook").wait_for()
    opened.wait_for_kernel()
    expect(page.locator(".jp-Notebook-ExecutionIndicator")).to_have_attribute("data-status", "idle")
    opened.run_all()
    panel = Panel(Page(page))
    panel.wait_for("Ready")
    before = len(lab_sandbox.power_log())
    panel.press("Reset")
    panel.wait_for("Powering on")
    panel.wait_for("Ready")
    assert [event.on for event in lab_sandbox.power_log()[before:]] == [True]
    panel.destroy()
    panel.wait_for("Destroyed")
    assert wait_for_jobs(ask, 0) == []


def test_voila(open_notebook, ask):
    """A page made by Voila shows the panel, whose buttons work; at the end, the facts are still there."""
    opened = open_notebook(LOAD, "%spalloc 3")
    opened.visit("voila/render")
    panel = Panel(Page(opened.page))
    panel.wait_for("Ready")
    (job,) = wait_for_jobs(ask, 1)
    panel.press("Power off")
    panel.wait_for("Powered off")
    panel.destroy()
    panel.wait_for("Destroyed")
    expect(panel.fact("Reason")).to_contain_text("destroyed")
    assert job["job_id"] not in [one["job_id"] for one in wait_for_jobs(ask, 0)]
