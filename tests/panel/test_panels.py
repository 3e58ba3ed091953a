"""The panels with a real server, without a page: what they know, what presses do, what is left of them."""

import gc
import threading
import time
import tracemalloc

import ipywidgets
import pytest
from scripted_server import ScriptedServer, failing

from spalloc_client import Job
from spalloc_client.config import Config
from spalloc_client.server import Server
from spalloc_client.states import JobState
from spalloc_jupyter.job_list import JobList
from spalloc_jupyter.job_panel import JobPanel
from spalloc_jupyter.machine_panel import MachinePanel


@pytest.fixture
def panel(make_job, wait_until):
    """A panel of three boards that are ready."""
    job = make_job(3)
    shown = JobPanel(job)
    wait_until(lambda: shown.story.state is JobState.ready and shown.story.chips and shown._controls.power)
    yield shown
    shown.close()


@pytest.fixture
def config(sandbox):
    """Settings that lead to the sandbox."""
    given = {"hostname": sandbox.hostname, "port": sandbox.port, "owner": "me@example.org"}
    return Config.load([], environ={}, arguments=given)


def widgets():
    """All widgets that live."""
    return set(ipywidgets.widgets.widget._instances)


def followers():
    """The threads that follow servers."""
    return [thread for thread in threading.enumerate() if thread.name.startswith("spalloc live")]


def test_a_press_is_done_when_the_server_says_so(panel, sandbox, wait_until):
    """Meanwhile it is said, and no other press is taken."""
    power = panel._controls.power
    power["off"].click()
    assert "Powering off" in panel._view.notice
    assert all(button.disabled for button in power.values())
    power["reset"].click()
    wait_until(lambda: panel.story.power is False and not panel._view.notice)
    assert not sandbox.boards_on()
    assert (power["on"].disabled, power["reset"].disabled, power["off"].disabled) == (False, False, True)
    assert [event.on for event in sandbox.power_log()][-1] is False
    assert "Power off pressed" in [change.words for change in panel.story.changes]


def test_destroying_takes_two_presses_with_time_to_think(panel, wait_until):
    """Presses that were queued come all at once, and are one; Keep takes the first one back."""
    destroy, keep = panel._controls.destroy, panel._controls.keep
    for _ in range(3):
        destroy.click()
    assert destroy.description == f"Destroy job {panel.job.id}?"
    time.sleep(0.7)
    keep.click()
    assert destroy.description == "Destroy…"
    assert panel.job.state is JobState.ready
    destroy.click()
    time.sleep(0.7)
    destroy.click()
    wait_until(lambda: panel.story.over)
    assert panel.job.state is JobState.destroyed


def test_destroying_does_not_wait_for_the_boards(panel, sandbox, wait_until):
    """The second press comes while the boards are being switched off."""
    destroy = panel._controls.destroy
    destroy.click()
    time.sleep(0.7)
    with panel._lock:  # so that nothing can be done before the second press
        panel._controls.power["off"].click()
        assert "Powering off" in panel._view.notice
        destroy.click()
        assert "Destroying" in panel._view.notice
    wait_until(lambda: panel.story.over)
    with Server(sandbox.hostname, sandbox.port, timeout=10.0, reconnect_delay=0.1) as server:
        assert panel.job.id not in [job.id for job in server.jobs()]


def test_what_a_press_did_is_looked_for_at_once(monkeypatch, wait_until):
    """The server sends no notifications, and would not be read again for an hour."""
    monkeypatch.setattr("spalloc_jupyter.live.POLL", 3600.0)
    with ScriptedServer() as scripted:
        where = {"hostname": scripted.host, "port": scripted.port, "owner": "me", "config_filenames": []}
        with Job(3, **where) as job:
            panel = JobPanel(job)
            wait_until(lambda: panel.story.state is JobState.ready and panel._controls.power)
            scripted.notifying.repeat = 0
            for name, power in (("off", False), ("on", True), ("reset", True)):
                panel._controls.power[name].click()
                wait_until(lambda power=power: panel.story.power is power and not panel._view.notice)
                assert scripted.jobs[job.id].power is power
            assert [name for name in scripted.commands() if name.startswith("power_")] == [
                "power_off_job_boards",
                "power_on_job_boards",
                "power_on_job_boards",
            ]
            panel.close()


def test_what_others_do_to_the_job_is_told(panel, wait_until):
    """Somebody destroys it on the server: the panel says why, and where it was."""
    panel._live.server.destroy_job(panel.job.id, "maintenance")
    wait_until(lambda: panel._view.over)
    assert "maintenance" in panel._view.facts
    assert "0 0 0, 0 0 1 and 0 0 2" in panel._view.facts
    assert panel._root.children == (panel._view,)


def test_a_job_that_is_let_go_is_still_shown(panel, wait_until):
    """It is said that nobody here keeps it alive."""
    panel.job.close()
    wait_until(lambda: "no longer from here" in panel._view.facts)


def test_ten_panels_are_one_connection_and_leave_nothing(make_job, wait_until):
    """One thread follows the server; when the last panel is closed it ends, and no widget is left."""
    before = widgets()
    panels = [JobPanel(make_job(1), f"job{i}") for i in range(10)]
    wait_until(lambda: all(panel.story.state is JobState.ready and panel.story.chips for panel in panels))
    assert len({id(panel._live) for panel in panels}) == 1
    assert len(followers()) == 1
    for panel in panels:
        panel.close()
        panel.close()
    assert widgets() == before
    wait_until(lambda: not followers(), "the thread's end")


def test_half_an_hour_of_updates_takes_no_memory(panel):
    """Hundreds of repaints, with the job's state changing, leave the memory as it was."""
    with panel._lock:
        record = panel._live.jobs[0]
        states = [record, record._replace(state=JobState.power, power=False)]

        def paint(times):
            for i in range(times):
                panel._chronicle.hear([states[i % 2]], panel._live.machines, time.time())
                panel._paint()

        paint(100)
        gc.collect()
        tracemalloc.start()
        paint(100)
        gc.collect()
        first, _ = tracemalloc.get_traced_memory()
        paint(300)
        gc.collect()
        last, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert last - first < 100_000


def test_nothing_is_repainted_that_did_not_change(panel):
    """Another look at the same facts sends the beat alone."""
    sent = []
    with panel._lock:
        panel._paint()
        panel._view.observe(lambda change: sent.append(change["name"]))
        time.sleep(1.2)
        panel._paint()
    assert sent == ["now"]


def test_a_machine_shows_its_jobs_and_who_waits(config, make_job, wait_until):
    """Own jobs are marked, loads add up, and a selected board is located."""
    mine, other = make_job(3), make_job(6, owner="<b>bob</b>")
    waiting = make_job(24)
    panel = MachinePanel(config, "sandbox", [mine])
    wait_until(lambda: panel._story is not None and panel._story.used == 9 and panel._view.queue)
    assert panel._story.own == (mine.id,)
    assert "9 boards in 2 jobs · 15 free" in panel._view.load
    assert "&lt;b&gt;bob&lt;/b&gt;" in panel._view.jobs
    assert f"<td>{waiting.id}</td>" in panel._view.queue
    assert panel._map.outlined
    wait_until(lambda: len(panel._map.physical) == 24, "places")
    wait_until(lambda: set(panel._map.addresses.values()) == set(mine.connections.values()), "own addresses")
    board = other.boards[0]
    panel._map.selected = list(board)
    place = other.server.where_is(machine="sandbox", x=board.x, y=board.y, z=board.z)
    wait_until(lambda: "cabinet {}, frame {}, board {}".format(*place.physical) in panel._view.notice)
    assert f"<dd>{other.id}</dd>" in panel._view.notice
    text = panel._facts(picture=False)["text/plain"]
    assert "<b>bob</b>" in text
    panel.finish()
    panel.close()


def test_a_machine_that_there_is_not(config, wait_until):
    """The panel says so."""
    panel = MachinePanel(config, "<nowhere>")
    wait_until(lambda: "no machine named &lt;nowhere&gt;" in panel._view.notice)
    panel.close()


def test_the_list_of_jobs_destroys_ones_own_only(config, make_job, wait_until):
    """Own jobs are offered; others' only with the switch; the reason is told to their owners."""
    mine, other = make_job(1), make_job(1, owner="bob")
    mine.wait_until_ready()
    jobs = JobList(config)
    wait_until(lambda: len(jobs._which.options) == 1 and jobs._which.value == mine.id)
    jobs._which.options = [("bob's", other.id)]  # as a page that is behind might have it
    jobs._carry_out(other.id, "mine now")
    assert "not yours" in jobs._view.notice
    jobs._paint()
    jobs._reason.value = "I am done"
    jobs._destroy.click()
    jobs._destroy.click()
    assert mine.state is JobState.ready
    time.sleep(0.7)
    jobs._destroy.click()
    wait_until(lambda: mine.state is JobState.destroyed)
    assert mine.reason == "I am done"
    wait_until(lambda: jobs._which.value is None)
    jobs._others.value = True
    wait_until(lambda: jobs._which.value == other.id)
    jobs._carry_out(other.id, "too long")
    assert (other.state, other.reason) == (JobState.destroyed, "too long")
    wait_until(lambda: not jobs._live.jobs)
    jobs._carry_out(other.id, "again")
    assert "had ended before" in jobs._view.notice
    jobs.finish()
    jobs.close()


def test_the_list_of_jobs_can_be_filtered(config, make_job, wait_until):
    """By owner and by machine; what is hidden is counted."""
    make_job(1), make_job(1, owner="bob")
    jobs = JobList(config, owner="bob")
    wait_until(lambda: "1 job (1 more not shown)" in jobs._view.head)
    assert "me@example.org" not in jobs._view.jobs
    jobs._machine.value = "elsewhere"
    assert "0 jobs (2 more not shown)" in jobs._view.head
    assert "There are none" in jobs._view.jobs
    jobs._owner.value = jobs._machine.value = ""
    assert "2 jobs" in jobs._facts(picture=True)["text/plain"]
    jobs.close()


def test_a_machine_that_comes_back(wait_until):
    """An administrator takes it away for a while: the panel says so, and no more once it is there again."""
    with ScriptedServer() as scripted, Server(scripted.host, scripted.port, timeout=5.0, reconnect_delay=0.1) as server:
        panel = MachinePanel(server, "m")
        wait_until(lambda: "48 boards" in panel._view.head)
        machines = scripted.model.machines[:]
        scripted.model.machines.clear()
        wait_until(lambda: "no machine named m" in panel._view.notice)
        scripted.model.machines.extend(machines)
        wait_until(lambda: panel._view.notice == "")
        panel.close()


def test_host_names_that_could_not_be_asked_for_are_asked_for_again(wait_until):
    """The server refuses once."""
    with ScriptedServer() as scripted:
        where = {"hostname": scripted.host, "port": scripted.port, "owner": "me", "config_filenames": []}
        with Job(3, **where) as job:
            names = set(job.connections.values())
            scripted.script("get_job_machine_info", failing("busy"))
            panel = MachinePanel(job.server, "m", [job])
            wait_until(lambda: panel._map is not None and set(panel._map.addresses.values()) == names)
            panel.close()
