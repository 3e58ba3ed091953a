"""``spalloc``: boards asked for in all forms, and given back."""

import json
import re
import shlex

import pytest

from spalloc_client import Job


@pytest.mark.parametrize(
    ("words", "boards"),
    [((), 1), (("1",), 1), (("5",), 6), (("2", "1"), 6), (("3", "1", "0"), 1)],
)
def test_the_four_forms_get_what_they_ask_for(rack, words, boards):
    """The manual's four ways to call it; Enter gives the boards back."""
    machine = ("-m", "sandbox") if len(words) == 3 else ()
    process = rack.begin("spalloc", *words, *machine)
    while "Running on" not in (line := process.stdout.readline()):
        assert line
    (job,) = rack.jobs()
    assert len(job.boards) == boards
    if len(words) == 3:
        assert job.boards == ((3, 1, 0),)
    process.stdin.write("\n")
    process.stdin.close()
    assert process.wait(60) == 0
    assert rack.jobs() == []


def test_what_it_says_on_a_pipe_is_plain(rack):
    done = rack.run("spalloc", "3")
    said = re.fullmatch(
        r"Hostname: (?P<host>127\.\S+)\nWidth: 16\nHeight: 16\nNum boards: 3\n"
        r"All hostnames: \S+\.csv\nRunning on: sandbox\n",
        done.stdout,
    )
    assert said
    assert done.stderr.splitlines()[-1].endswith(": ready")
    assert "\x1b" not in done.stdout + done.stderr
    assert done.returncode == 0


def test_each_change_is_one_line_on_a_pipe(rack):
    holder = rack.make(24)
    process = rack.begin("spalloc", "3")
    assert process.stderr.readline() == f"Job {holder + 1}: queued, number 1, wants 3 boards, 0 of 24 free on sandbox\n"
    rack.server.destroy_job(holder, "make room")
    rest = process.stderr.readline() + process.stderr.readline()
    assert f"Job {holder + 1}: ready\n" in rest
    process.stdin.close()
    assert process.wait(60) == 0


def test_quiet_says_only_what_was_asked_for(rack):
    done = rack.run("spalloc", "-q", "3", "-c", "echo", "{id}")
    assert done.stderr == ""
    assert done.stdout.strip().isdigit()


def test_json_tells_the_boards(rack):
    done = rack.run("spalloc", "3", "--json")
    told = json.loads(done.stdout)
    assert set(told) == {"id", "hostname", "width", "height", "machine", "boards", "connections"}
    assert (told["width"], told["height"], len(told["boards"])) == (16, 16, 3)
    assert told["hostname"] == told["connections"][0]["hostname"]


def test_debug_tells_what_is_done(rack):
    """The server is away for a moment, which only somebody who asked hears of."""
    done = rack.run("spalloc", "--debug", "-c", "true")
    assert done.returncode == 0
    assert "Traceback" not in done.stderr


def test_an_impossible_request_is_told(rack):
    done = rack.run("spalloc", "200")
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert re.fullmatch(r"spalloc: job \d+ was destroyed: .*No suitable machines.*", line)


def test_more_than_three_numbers_are_a_mistake(rack):
    done = rack.run("spalloc", "1", "2", "3", "4")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "4 numbers were given" in done.stderr
    assert rack.jobs() == []


def test_options_reach_the_server(rack):
    words = shlex.split("--min-ratio 0.5 --max-dead-boards -1 --max-dead-links 3 -W --owner she -t default")
    process = rack.begin("spalloc", "4", *words, "--keepalive", "90")
    while "Running on" not in process.stdout.readline():
        pass
    (job,) = rack.jobs()
    process.stdin.close()
    process.wait(60)
    assert (job.owner, job.keepalive, job.request) == ("she", 90.0, (4,))
    expected = {"min_ratio": 0.5, "max_dead_links": 3, "require_torus": False, "tags": ["default"]}
    assert {name: job.requirements[name] for name in expected} == expected
    assert job.requirements.get("max_dead_boards") is None


def test_a_torus_is_a_whole_machine(rack):
    done = rack.run("spalloc", "4", "2", "-w", "-c", "echo {w} {h}")
    assert (done.stdout, done.returncode) == ("48 24\n", 0)


def test_a_machine_can_be_named_and_unnamed(rack):
    """``--machine`` without a name overrules the config file's."""
    (rack.shell.directory / ".spalloc").write_text("[spalloc]\nmachine = elsewhere\n")
    assert "No suitable machines" in rack.run("spalloc", "-c", "true").stderr
    assert rack.run("spalloc", "-m", "sandbox", "-c", "true").returncode == 0
    assert rack.run("spalloc", "3", "-m", "-c", "true").returncode == 0


def test_the_manuals_config_file_is_all_that_is_needed(rack):
    rack.shell.environ = {name: value for name, value in rack.shell.environ.items() if not name.startswith("SPALLOC_")}
    (rack.shell.directory / ".spalloc").write_text(
        f"[spalloc]\nhostname = {rack.sandbox.hostname}\nport = {rack.sandbox.port}\nowner = jdh@cs.man.ac.uk\n"
    )
    assert rack.run("spalloc", "3", "-c", "spalloc-ps --owner jdh@cs.man.ac.uk").stdout.count("jdh@cs") == 1


def test_a_job_can_be_left_and_resumed(rack):
    """The manual's ``--no-destroy`` and ``--resume``."""
    left = rack.run("spalloc", "3", "-D", "--keepalive", "-1", "-c", "echo {id}")
    job_id = int(left.stdout)
    assert rack.find(job_id).keepalive is None
    assert left.stderr.splitlines()[-1] == f"spalloc: job {job_id} goes on; spalloc --resume {job_id} takes it over"
    again = rack.run("spalloc", "--resume", str(job_id), "-c", "echo {id} {w}")
    assert again.stdout == f"{job_id} 16\n"
    assert rack.jobs() == []


def test_resuming_what_is_gone_is_told(rack):
    assert rack.run("spalloc", "-r", "0").returncode == 2
    assert "knows no job 0" in rack.run("spalloc", "--resume", "0").stderr
    job_id = rack.make(1)
    rack.server.destroy_job(job_id, "enough of it")
    done = rack.run("spalloc", "--resume", str(job_id))
    assert (done.returncode, done.stderr) == (1, f"spalloc: job {job_id} has ended: enough of it\n")


def test_a_resumed_job_is_kept_alive(own_rack):
    job_id = own_rack.make(1, keepalive=2.0)
    process = own_rack.begin("spalloc", "--resume", str(job_id), "-c", "sleep 5; echo {id}")
    assert process.stdout.readline() == f"{job_id}\n"
    assert process.wait(60) == 0


def test_python_and_shell_see_the_same_job(rack):
    with Job(3, hostname=rack.sandbox.hostname, port=rack.sandbox.port, owner="me", config_filenames=[]) as job:
        assert rack.run("spalloc-job", "--ethernet-ips").stdout.splitlines()[1] == f"0,0,{job.hostname}"
