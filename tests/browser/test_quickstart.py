"""The quick start, as a newcomer does it."""

import re
import time

from browser.conftest import NOTEBOOKS
from playwright.sync_api import expect


def test_the_quickstart_runs_and_its_buttons_do_what_they_say(open_notebook, lab_sandbox, ask):
    """Run All Cells, then Reset, then Destroy in two presses: each is seen in the panel and has happened."""
    lab = open_notebook(file=NOTEBOOKS / "quickstart.ipynb")
    page = lab.page
    lab.run_all()
    panel = page.locator(".spalloc-panel")
    state = panel.locator(".spalloc-state")
    expect(state).to_have_text("Ready")
    lab.wait_until_done(5)
    expect(state).to_have_text("Ready")
    (job,) = ask.call("list_jobs")
    assert job["state"] == 3
    assert job["args"] == [3]

    hostname = panel.locator("dd code").first.inner_text()
    assert hostname in lab.output(2).inner_text()
    assert "16, 16" in lab.output(2).inner_text()
    assert panel.get_by_label("Ethernet chips").locator("tbody tr").count() == 3

    before = len(lab_sandbox.power_log())
    panel.get_by_role("button", name="Reset").click()
    expect(panel.get_by_text("Resetting")).to_be_visible()
    expect(state).to_have_text("Powering on")
    expect(state).to_have_text("Ready")
    expect(panel.get_by_text("Resetting")).to_be_hidden()
    switched = lab_sandbox.power_log()[before:]
    assert [event.on for event in switched] == [True]
    assert len(switched[0].boards) == 3

    panel.get_by_role("button", name="Destroy…").click()
    again = panel.get_by_role("button", name=re.compile(r"Destroy job \d+\?"))
    expect(again).to_be_visible()
    assert ask.call("list_jobs"), "one press is not enough"
    time.sleep(1)
    again.click()
    expect(page.locator(".spalloc-panel.spalloc-ended .spalloc-state").first).to_have_text("Destroyed")
    assert ask.call("list_jobs") == []
    assert not lab_sandbox.boards_on()
    expect(panel.get_by_role("button", name="Reset")).to_have_count(0)
