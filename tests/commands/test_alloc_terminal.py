"""``spalloc`` in a terminal: one line that is worth looking at, and a prompt."""

import re


def test_waiting_is_one_line_that_is_updated(rack):
    holder = rack.make(23)
    other = rack.make(3, owner="she")
    terminal = rack.terminal("spalloc", "6")
    job_id = other + 1
    terminal.wait_for(f"Job {job_id}: queued, number 2, wants 6 boards, 0 of 24 free on sandbox (1 s)")
    assert len(terminal.text.splitlines()) == 1
    rack.server.destroy_job(other, None)
    terminal.wait_for("number 1")
    assert len(terminal.text.splitlines()) == 1
    rack.server.destroy_job(holder, None)
    terminal.wait_for("Press Enter when done")
    assert terminal.text.splitlines()[0] == f"Job {job_id}: ready"
    terminal.send("\r")
    assert terminal.end() == 0
    assert rack.jobs() == []


def test_the_line_fits_a_narrow_window(rack):
    rack.make(24)
    terminal = rack.terminal("spalloc", "3", columns=40)
    terminal.wait_for("queued, number 1", "…")
    assert len(terminal.text.splitlines()) == 1


def test_powering_tells_how_long_it_usually_takes(shell):
    from spalloc_client.sandbox import Sandbox

    with Sandbox(boards=3, power_on_seconds=4.0) as slow:
        shell.use(slow.hostname, slow.port)
        terminal = shell.terminal("spalloc", "3", "-c", "true")
        terminal.wait_for("its boards are being switched on (1 s, usually 5 to 20 s)")
        assert terminal.end() == 0


def test_the_facts_are_aligned_in_a_terminal(rack):
    terminal = rack.terminal("spalloc", "3", columns=200)
    terminal.wait_for("Press Enter")
    text = terminal.text
    assert re.search(r"^     Hostname: 127\.\S+$", text, re.MULTILINE)
    assert re.search(r"^        Width: 16$", text, re.MULTILINE)
    assert re.search(r"^All hostnames: /\S+\.csv$", text, re.MULTILINE)
    terminal.send("\x04")
    assert terminal.end() == 0


def test_the_csv_that_is_told_at_the_prompt_is_there_and_then_removed(rack):
    from pathlib import Path

    terminal = rack.terminal("spalloc", "3", columns=200)
    terminal.wait_for("Press Enter")
    file = Path(re.search(r"All hostnames: (\S+)", terminal.text)[1])
    assert file.read_text().startswith("x,y,hostname\n0,0,127.")
    terminal.send("\x03")
    assert terminal.end() == 0
    assert not file.exists()


def test_a_job_destroyed_by_somebody_else_is_told_at_the_prompt(rack):
    terminal = rack.terminal("spalloc", "1", columns=120)
    terminal.wait_for("Press Enter")
    (job,) = rack.jobs()
    rack.server.destroy_job(job.id, "needed \x1b[31melsewhere")
    assert terminal.end() == 1
    assert f"spalloc: job {job.id} was destroyed: needed \\x1b[31melsewhere" in terminal.text


def test_colours_are_for_terminals_unless_told_otherwise(rack):
    terminal = rack.terminal("spalloc", "-c", "true")
    assert terminal.end() == 0
    assert b"\x1b[32m" in terminal.written
    terminal = rack.terminal("spalloc", "-c", "true", NO_COLOR="1")
    assert terminal.end() == 0
    assert not re.search(rb"\x1b\[[0-9;]*m", terminal.written)
    assert "\x1b[32m" in rack.run("spalloc", "-c", "true", FORCE_COLOR="1").stderr


def test_a_server_that_comes_back_is_waited_for(own_rack):
    own_rack.make(24)
    terminal = own_rack.terminal("spalloc", "3", "--timeout", "1", "--reconnect-delay", "0.2")
    terminal.wait_for("number 1")
    own_rack.sandbox.restart()
    for job in own_rack.jobs():
        if job.boards:
            own_rack.server.destroy_job(job.id, None)
    terminal.wait_for("Press Enter")
    terminal.send("\r")
    assert terminal.end() == 0
