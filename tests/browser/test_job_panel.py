"""A job's panel in real JupyterLab: what it shows, what its buttons do, and what becomes of it."""

import json
import time

import pytest
from browser.lab_page import OLDER, PATIENCE
from browser.panel_page import CONTRASTS, HOSTILE, LOAD, Panel
from playwright.sync_api import expect

BUSY = "import time; time.sleep(8)"


@pytest.fixture
def ready(open_notebook):
    """Open a notebook with a panel of three boards that are ready; more cells follow it."""

    def make(*cells, before=LOAD, ask_for="%spalloc 3", **context):
        lab = open_notebook(before, ask_for, *cells, **context)
        lab.run_cell(0)
        lab.run_cell(1)
        panel = Panel(lab)
        panel.wait_for("Ready")
        lab.wait_until_done(1)
        return panel

    return make


def wait_for_events(sandbox, number):
    """Return the power log when so many more events have come."""
    deadline = time.monotonic() + 60
    while len(sandbox.power_log()) < number:
        assert time.monotonic() < deadline, "the boards were not switched"
        time.sleep(0.02)
    return sandbox.power_log()


@pytest.mark.parametrize("kernel", ["python3", OLDER])
def test_a_press_works_while_a_cell_computes(ready, lab_sandbox, kernel):
    """Power off and on again are done by the server while a cell still runs."""
    panel = ready(BUSY, kernel=kernel)
    panel.lab.page.locator("#jp-main-statusbar").get_by_text("7.3" if kernel == OLDER else "sandbox").wait_for()
    before = len(lab_sandbox.power_log())
    panel.lab.run_cell(2)
    expect(panel.lab.prompt(2)).to_have_text("[*]:")
    panel.press("Power off")
    events = wait_for_events(lab_sandbox, before + 1)
    assert not events[-1].on
    expect(panel.lab.prompt(2)).to_have_text("[*]:", timeout=1)
    panel.wait_for("Powered off")
    expect(panel.lab.prompt(2)).to_have_text("[*]:", timeout=1)
    panel.lab.wait_until_done(2)
    panel.press("Power on")
    panel.wait_for("Ready")
    assert wait_for_events(lab_sandbox, before + 2)[-1].on


def test_where_presses_wait_for_the_cell_the_panel_says_so(ready, lab_sandbox):
    """Without the way around ipykernel's routing, a press is done after the cell, and said to wait."""
    off = f"{LOAD}\nfrom spalloc_jupyter.job_panel import JobPanel\nJobPanel.presses_while_busy = False"
    panel = ready(BUSY, before=off)
    before = len(lab_sandbox.power_log())
    panel.lab.run_cell(2)
    expect(panel.lab.prompt(2)).to_have_text("[*]:")
    panel.press("Power off")
    expect(panel.root.get_by_text("The kernel is busy")).to_be_visible()
    assert len(lab_sandbox.power_log()) == before
    panel.wait_for("Powered off")
    assert not wait_for_events(lab_sandbox, before + 1)[-1].on
    expect(panel.root.get_by_text("The kernel is busy")).to_be_hidden()


def test_the_keyboard_alone_reaches_every_button(ready, ask):
    """Tab leads from the table to the buttons, Enter presses them."""
    panel = ready()
    panel.root.get_by_role("button", name="Copy as CSV").focus()
    reached = []
    for _ in range(8):
        panel.page.keyboard.press("Tab")
        reached.append(panel.page.evaluate("document.activeElement.innerText"))
    assert [name for name in reached if name in ("Reset", "Power off", "Destroy…")] == [
        "Reset",
        "Power off",
        "Destroy…",
    ]
    panel.root.get_by_role("button", name="Destroy…").focus()
    panel.page.keyboard.press("Enter")
    expect(panel.root.get_by_role("button", name="Keep")).to_be_visible()
    time.sleep(0.8)
    panel.page.keyboard.press("Enter")
    panel.wait_for("Destroyed")
    assert ask.call("list_jobs") == []


def test_one_press_copies_the_table(ready):
    """The clipboard has the addresses as CSV, the first columns as the console command prints them."""
    panel = ready("print(sorted((*chip, host) for chip, host in job.connections.items()))")
    panel.press("Copy as CSV")
    expect(panel.root.get_by_text("Copied")).to_be_visible()
    lines = panel.page.evaluate("navigator.clipboard.readText()").splitlines()
    assert lines[0] == "x,y,hostname,board_x,board_y,board_z,cabinet,frame,board"
    panel.lab.run_cell(2)
    panel.lab.wait_until_done(2)
    told = panel.lab.output(2).inner_text()
    assert [(int(x), int(y), host) for x, y, host, *_ in (line.split(",") for line in lines[1:])] == eval(told)


def test_what_a_server_tells_is_shown_as_letters(ready, ask):
    """An owner and a reason made of markup are read, not obeyed, live and in what stays."""
    panel = ready(ask_for=f"%spalloc 3 --owner {HOSTILE!r}".replace("{{", "{").replace("}}", "}"))
    (job,) = ask.call("list_jobs")
    assert "onerror" in job["owner"]
    expect(panel.fact("Owner")).to_have_text(job["owner"])
    ask.call("destroy_job", job["job_id"], reason=HOSTILE)
    panel.wait_for("Destroyed")
    expect(panel.root.locator("img")).to_have_count(1)  # the map
    expect(panel.fact("Reason")).to_contain_text(HOSTILE)
    expect(panel.fact("Owner")).to_have_text(job["owner"])
    assert panel.page.evaluate("window.hit") is None


def test_a_page_loaded_again_has_the_panel_and_later_its_last_facts(ready, ask):
    """Buttons work after a reload; when the job has ended, the page is not blank, though it can't be replaced."""
    panel = ready("job.destroy('enough')")
    panel.lab.save()
    panel.lab.open()
    panel.wait_for("Ready")
    panel.press("Power off")
    panel.wait_for("Powered off")
    expect(panel.root.locator("[data-board]")).to_have_count(3)
    panel.lab.run_cell(2)
    panel.wait_for("Destroyed")
    expect(panel.fact("Reason")).to_contain_text("enough")
    expect(panel.root.get_by_role("button", name="Reset")).to_have_count(0)
    assert ask.call("list_jobs") == []


def test_what_stays_in_the_file_needs_no_kernel(ready):
    """The saved output is HTML with a picture, and text; it is there when the notebook is opened without kernel."""
    panel = ready("job.destroy('enough')")
    panel.lab.run_cell(2)
    panel.wait_for("Destroyed")
    expect(panel.root.locator("img")).to_have_count(1)
    panel.lab.save()
    deadline = time.monotonic() + 60
    while "data:image/png" not in panel.lab.notebook.read_text() and time.monotonic() < deadline:
        time.sleep(0.2)
    cells = json.loads(panel.lab.notebook.read_text())["cells"]
    (output,) = [output for output in cells[1]["outputs"] if output["output_type"] == "display_data"]
    assert set(output["data"]) == {"text/html", "text/plain"}
    assert "enough" in "".join(output["data"]["text/plain"])
    panel.lab.shut_down()
    panel.lab.open()
    panel.wait_for("Destroyed")
    expect(panel.root.locator("img")).to_be_visible()


def test_nothing_is_asked_of_any_network(ready):
    """Everything on the page comes from this computer."""
    panel = ready()
    panel.root.locator("[data-board]").first.hover()
    foreign = [url for url in panel.lab.requests if not url.startswith(("http://127.0.0.1:", "data:", "blob:"))]
    assert foreign == []


def test_a_panel_whose_kernel_is_gone_says_so(ready):
    """A killed kernel sends no more beats: the panel fades, and says that its news are old."""
    panel = ready("import os; os.kill(os.getpid(), 9)")
    panel.lab.run_cell(2)
    expect(panel.root.get_by_text("no news from the kernel")).to_be_visible()


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_everything_can_be_read_in_both_themes_and_on_narrow_pages(ready, theme):
    """Contrasts are 4.5 to 1 at least, and 320 pixels are enough."""
    panel = ready("job.destroy()")
    panel.lab.choose_theme(theme)
    try:
        panel.root.get_by_text("History").click()
        panel.press("Destroy…")
        found = panel.root.evaluate(CONTRASTS)
        panel.page.set_viewport_size({"width": 400, "height": 900})
        panel.page.keyboard.press("Control+B")
        panel.root.evaluate("panel => panel.style.width = '320px'")
        assert panel.root.evaluate("panel => panel.scrollWidth <= 320")
        panel.lab.run_cell(2)
        panel.wait_for("Destroyed")
        expect(panel.root.locator("img")).to_have_count(1)
        found += panel.root.evaluate(CONTRASTS)
    finally:
        panel.lab.choose_theme("JupyterLab Light")
    assert len(found) > 40
    assert [(words, ratio) for words, ratio in found if ratio < 4.5] == []


def test_a_queued_job_tells_what_it_waits_for_and_moves_on(open_notebook, ask):
    """Its place, the boards that are free and the time it waits are shown; then it gets boards."""
    other = ask.call("create_job", 24, owner="somebody else", keepalive=120.0)
    lab = open_notebook(LOAD, "%spalloc 3")
    lab.run_cell(0)
    lab.run_cell(1)
    panel = Panel(lab)
    panel.wait_for("Queued")
    expect(panel.fact("Place in queue")).to_have_text("1st")
    expect(panel.fact("Boards free")).to_have_text("0 of 24 on sandbox")
    expect(panel.root.get_by_role("button", name="Reset")).to_be_hidden()
    expect(panel.root.get_by_text("so far")).to_be_visible()
    ask.call("destroy_job", other)
    panel.wait_for("Ready")


def test_an_error_is_shown_in_the_panel(ready, lab_sandbox):
    """A server that answers no more: the press fails, says so, and can be tried again."""
    panel = ready()
    lab_sandbox.pause()
    try:
        panel.press("Reset")
        expect(panel.root.get_by_text("Reset failed")).to_be_visible()
    finally:
        lab_sandbox.resume()
    # The server now does what it was asked before; while it does, the button is disabled and a press is none.
    deadline = time.monotonic() + PATIENCE / 1000
    while panel.root.get_by_text("Reset failed").is_visible():
        assert time.monotonic() < deadline
        panel.press("Reset")
        time.sleep(0.5)
    panel.wait_for("Ready")
