"""The live views of a machine and of all jobs in real JupyterLab."""

import time

from browser.panel_page import CONTRASTS, HOSTILE, LOAD, Panel
from playwright.sync_api import expect


def test_a_machine_and_the_jobs_on_it_are_followed_and_controlled(open_notebook, ask):
    """New jobs appear, a board is located, own jobs end with a reason, and those of others only on purpose."""
    lab = open_notebook(LOAD, "%spalloc 3", "%spalloc_machine sandbox", "%spalloc_ps")
    lab.run_cell(0)
    lab.run_cell(1)
    Panel(lab).wait_for("Ready")
    lab.run_cell(2)
    lab.run_cell(3)
    machine, jobs = (lab.output(cell).locator(".spalloc-panel") for cell in (2, 3))
    expect(machine.locator("[data-board]")).to_have_count(24)
    expect(machine.get_by_text("3 boards in 1 job · 21 free")).to_be_visible()
    (mine,) = ask.call("list_jobs")

    other = ask.call("create_job", 6, owner=HOSTILE, keepalive=120.0)
    for view in (machine, jobs):
        expect(view.get_by_text(HOSTILE).first).to_be_visible()
    expect(machine.get_by_text("9 boards in 2 jobs · 15 free")).to_be_visible()
    machine.locator("[data-board='0 0 0']").click()
    expect(machine.locator(".spalloc-part-notice")).to_contain_text("cabinet 0, frame 0, board 0")

    which, reason = jobs.get_by_label("Job", exact=True), jobs.get_by_label("Reason")
    expect(which.locator("option")).to_have_count(1)
    reason.fill("I am done")
    reason.press("Tab")
    jobs.get_by_role("button", name="Destroy…").click()
    again = jobs.get_by_role("button", name=f"Destroy job {mine['job_id']}?")
    again.wait_for()
    time.sleep(0.8)  # a second press that comes at once is none
    again.click()
    expect(jobs.get_by_text(f"Job {mine['job_id']} was destroyed.")).to_be_visible()
    assert ask.call("get_job_state", mine["job_id"])["reason"] == "I am done"
    expect(Panel(lab).fact("Reason")).to_contain_text("I am done")

    jobs.get_by_label("Destroy jobs of others, too").check()
    expect(which.locator("option")).to_contain_text([str(other)])
    assert lab.page.evaluate("window.hit") is None
    found = [*machine.evaluate(CONTRASTS), *jobs.evaluate(CONTRASTS)]
    assert [(words, ratio) for words, ratio in found if ratio < 4.5] == []
    ask.call("destroy_job", other)
    expect(machine.get_by_text("Nobody is on it.")).to_be_visible()
