"""``%spalloc_job``, ``%spalloc_ps``, ``%spalloc_machine``, ``%spalloc_where_is`` and ``%spalloc_sandbox``."""

import os
import signal
import sys
import threading

import pytest
from owners import until

from spalloc_client import JobState
from spalloc_client.commands.errors import AmbiguousOwnerError
from spalloc_client.records import Board, JobRecord
from spalloc_jupyter.results import jobs_table, location_bundle, machine_bundle, report_bundle


def html_of(notebook, value):
    data, _ = notebook.shell.display_formatter.format(value, include=["text/html"])
    formatter = notebook.shell.display_formatter.formatters["text/html"]
    return data.get("text/html") or formatter(value)


def test_jobs_are_returned_and_shown_as_a_table(notebook):
    """As records, by which one can go on."""
    notebook.run("%spalloc 3 --owner me@example.org")
    ran = notebook.run("%spalloc_ps")
    (job,) = ran.value
    assert (job.id, job.owner, job.state, len(job.boards)) == (1, "me@example.org", JobState.ready, 3)
    assert ran.value == [job]
    assert ran.value[:1] == ran.value
    assert repr(ran.value) == "<1 job>"
    for word in ("me@example.org", "Ready", "sandbox"):
        assert word in ran.out
        assert word in ran.value._repr_html_()


def test_jobs_can_be_filtered(notebook):
    """By owner and machine, as in a shell."""
    notebook.run("%spalloc 1 -o a --owner one")
    notebook.run("%spalloc 1 -o b --owner two")
    assert [job.id for job in notebook.run("%spalloc_ps --owner two").value] == [2]
    assert len(notebook.run("%spalloc_ps --machine sandbox").value) == 2
    assert "there is no machine sandpit; did you mean sandbox?" in notebook.attempt("%spalloc_ps -m sandpit").told


def test_no_jobs_are_told_as_such(notebook):
    """In words."""
    ran = notebook.run("%spalloc_ps")
    assert "no jobs" in ran.out
    assert "0 jobs" in ran.value._repr_html_()


def test_looking_keeps_nobodys_job_alive(notebook, ask):
    """A job without an owner that keeps it ends although it is looked at all the time."""
    job_id = ask("create_job", owner="gone", keepalive=1.0)
    until(lambda: job_id not in looked_at(notebook, job_id), 60)
    assert ask("get_job_state", job_id)["state"] == JobState.destroyed


def looked_at(notebook, job_id):
    notebook.run("%spalloc_machine sandbox;")
    notebook.attempt(f"%spalloc_job {job_id};")
    return [job.id for job in notebook.run("%spalloc_ps").value]


def test_machines_are_returned_and_shown(notebook):
    """All of them, or one with its map and its jobs."""
    notebook.run("%spalloc 3")
    (load,) = notebook.run("%spalloc_machine").value
    assert (load.machine.name, load.machine.size, load.in_use) == ("sandbox", 24, 3)
    ran = notebook.run("%spalloc_machine sandbox")
    assert ran.value == load
    assert "job 1: 3 boards" in ran.out
    html = html_of(notebook, load)
    assert html.count("<path data-board=") == 24
    assert (
        "NoMachineError: there is no machine m; %spalloc_machine lists them"
        in notebook.attempt("%spalloc_machine m").told
    )


def test_a_place_is_returned_and_shown(notebook):
    """In every way there is to say it."""
    notebook.run("%spalloc 3")
    ran = notebook.run("%spalloc_where_is --job-chip 1 9, 5")
    assert (ran.value.job_id, ran.value.job_chip) == (1, (9, 5))
    again = notebook.run("%spalloc_where_is --board sandbox {} {} {}".format(*ran.value.board)).value
    assert (again.physical, again.job_id) == (ran.value.physical, 1)
    assert "cabinet 0, frame 0" in ran.out
    assert "(9, 5)" in html_of(notebook, ran.value)
    assert "NoPlaceError" in notebook.attempt("%spalloc_where_is --chip sandbox 900 0").told


def test_the_kernels_only_job_is_meant_without_an_id(notebook):
    """Whatever else the owner has; with two of them, it has to be said."""
    notebook.run("from spalloc_client import Job\nby_hand = Job(1)")
    notebook.run("%spalloc 3")
    assert notebook.run("%spalloc_job").value.job.id == 2
    notebook.run("%spalloc 1 -o other")
    ran = notebook.attempt("%spalloc_job")
    assert isinstance(ran.error, AmbiguousOwnerError)
    assert "has 3 jobs, say which one is meant: 1 (ready), 2 (ready), 3 (ready)" in ran.told
    notebook.run("by_hand.destroy()")


def test_a_job_is_shown_with_its_facts(notebook):
    """Host name, size, boards and the rest."""
    notebook.run("%spalloc 3")
    ran = notebook.run("%spalloc_job 1")
    assert (ran.value.hostname, ran.value.width) == (notebook["job"].hostname, 16)
    for words in ("Job 1: Ready", notebook["job"].hostname, "16 × 16 chips"):
        assert words in ran.out
        assert words in html_of(notebook, ran.value)


def test_a_queued_job_is_shown_with_its_place(notebook):
    """And the boards that are free."""
    notebook.run("%spalloc 24")
    notebook.run("%spalloc 3 -o other --no-wait")
    assert "1st, 0 of 24 boards free on sandbox" in notebook.run("%spalloc_job 2").out


def test_a_job_that_is_not_there_is_told_in_one_line(notebook):
    """In the notebook's own words."""
    assert notebook.attempt("%spalloc_job 99").told == (
        "NoJobError: the server knows no job 99; %spalloc_ps lists the jobs"
    )


def test_boards_are_switched(notebook, sandbox):
    """And the magic waits until that is done."""
    notebook.run("%spalloc 3")
    assert len(sandbox.boards_on()) == 3
    assert notebook.run("%spalloc_job --power-off").value.job.power is False
    assert sandbox.boards_on() == frozenset()
    log = len(sandbox.power_log())
    notebook.run("%spalloc_job 1 --power-on")
    assert len(sandbox.boards_on()) == 3
    notebook.run("%spalloc_job --reset;")
    assert len(sandbox.power_log()) > log


def test_host_names_are_listed(notebook):
    """As the shell's CSV has them."""
    notebook.run("%spalloc 3")
    ran = notebook.run("%spalloc_job --ethernet-ips")
    assert {(ip.x, ip.y): ip.hostname for ip in ran.value} == notebook["job"].connections
    assert "x  y  hostname" in ran.out


def test_interrupt_of_a_switch_is_told_in_one_line(notebook, sandbox):
    """What was begun goes on."""
    notebook.run("%spalloc 3")
    sandbox.pause()
    threading.Timer(1.0, os.kill, (os.getpid(), signal.SIGINT)).start()
    ran = notebook.attempt("%spalloc_job 1 --reset --timeout 30")
    sandbox.resume()
    assert isinstance(ran.error, KeyboardInterrupt)
    assert len(ran.told.splitlines()) == 1


def test_jobs_are_destroyed_with_a_reason(notebook, ask, jobs):
    """One's own and, by id, others'; what has ended before is told."""
    notebook.run("%spalloc 3")
    assert "Job 1 was destroyed." in notebook.run("%spalloc_job --destroy 'enough now'").out
    assert ask("get_job_state", 1)["reason"] == "enough now"
    assert notebook["job"].reason == "enough now"
    other = ask("create_job", owner="other", keepalive=60.0)
    notebook.run(f"%spalloc_job {other} --destroy")
    assert jobs() == []
    assert "had ended before" in notebook.run(f"%spalloc_job {other} --destroy").out
    notebook.run("%spalloc 3")


def test_text_from_the_server_is_data(notebook, ask):
    """An owner, machine or reason is never markup or terminal control."""
    evil = "<img src=x onerror=alert(1)></script>\x1b[31m"
    ask("create_job", owner=evil, keepalive=60.0)
    ran = notebook.run("%spalloc_ps")
    load = notebook.run("%spalloc_machine sandbox").value
    report = notebook.run("%spalloc_job 1").value
    shown = [ran.value._repr_html_(), *machine_bundle(load).values(), *report_bundle(report).values(), ran.out]
    assert not any("\x1b" in text for text in shown)
    assert not any("<img" in text or "</script>" in text for text in shown if "<table" in text or "<dl" in text)
    assert "&lt;img src=x" in shown[0]


def test_moments_that_are_none_do_no_harm():
    """What a server says need not be a date."""
    job = JobRecord(1, "me", JobState.queued, start_time=1e300)
    assert "me" in jobs_table([job]).as_text()


def test_a_location_without_a_job_is_shown(notebook):
    """It says that there is none."""
    place = notebook.run("%spalloc_where_is --board sandbox 0 0 0").value
    assert place.board == Board(0, 0, 0)
    assert "none" in location_bundle(place)["text/plain"]


def test_records_become_a_dataframe_only_where_pandas_is(notebook, tmp_path):
    """Without it, one sentence; with it (here: a stand-in that keeps the rows), a row a record."""
    notebook.run("%spalloc 3")
    listed = notebook.run("%spalloc_ps").value
    (tmp_path / "pandas.py").write_text("class DataFrame:\n    def __init__(self, rows):\n        self.rows = rows\n")
    sys.modules.pop("pandas", None)
    with pytest.raises(ModuleNotFoundError, match="pip install pandas"):
        block_and_convert(listed)
    sys.path.insert(0, str(tmp_path))
    try:
        rows = listed.to_dataframe().rows
        machines = notebook.run("%spalloc_machine").value.to_dataframe().rows
        hosts = notebook.run("%spalloc_job --ethernet-ips").value.to_dataframe().rows
    finally:
        sys.path.remove(str(tmp_path))
        del sys.modules["pandas"]
    assert (rows[0]["id"], rows[0]["owner"]) == (1, listed[0].owner)
    assert (machines[0]["name"], machines[0]["in_use"], machines[0]["jobs"]) == ("sandbox", 3, (1,))
    assert len(hosts) == 3


def block_and_convert(listed):
    """Convert as on a computer without pandas."""
    sys.modules["pandas"] = None  # by which Python knows that it cannot be imported
    try:
        listed.to_dataframe()
    finally:
        del sys.modules["pandas"]


def test_the_sandbox_becomes_the_default_server(lonely):
    """It is started once, changed by another size, and ended; what was set before comes back."""
    ran = lonely.run("%spalloc_sandbox 3 --power-on-seconds 0.1")
    assert "3 simulated boards" in ran.out
    sandbox = ran.value
    assert lonely.run("%spalloc 3 --quiet").value.hostname.startswith("127.")
    assert lonely.run("%spalloc_sandbox").value is sandbox
    lonely.run("job.destroy()")
    assert "24 simulated boards" in lonely.run("%spalloc_sandbox 24").out
    lonely.run("%spalloc_sandbox --stop")
    assert "no spalloc server is set" in lonely.attempt("%spalloc_ps").told
    assert "There is no sandbox" in lonely.run("%spalloc_sandbox --stop").out


def test_the_sandbox_gives_way_to_what_was_set_before(notebook):
    """Environment variables are set back."""
    notebook.run("%spalloc_sandbox 1")
    assert len(notebook.run("%spalloc_machine").value) == 1
    assert notebook.run("%spalloc_machine").value[0].machine.size == 3
    notebook.run("%spalloc_sandbox --stop")
    assert notebook.run("%spalloc_machine").value[0].machine.size == 24
