"""``spalloc-job``: shown, switched, listed, destroyed."""

import json

import pytest
from scripted_server import ScriptedServer, returning

NO_BOARDS = dict.fromkeys(("width", "height", "connections", "machine_name", "boards"))


def test_the_owners_only_job_is_meant_without_a_number(rack):
    job_id = rack.make(3)
    rack.make(1, owner="she")
    done = rack.run("spalloc-job")
    assert done.returncode == 0
    facts = dict(line.split(": ", 1) for line in done.stdout.splitlines() if ": " in line)
    assert facts["Job ID"] == str(job_id)
    assert (facts["State"], facts["Owner"], facts["Keepalive"]) == ("ready", "me", "never")
    assert (facts["Width"], facts["Height"], facts["Num boards"]) == ("16", "16", "3")
    assert (facts["Board power"], facts["Running on"]) == ("on", "sandbox")
    assert facts["Hostname"].startswith("127.")
    assert facts["Request"] == "Job(3)"


def test_several_jobs_are_listed_to_choose_from(rack):
    first, second = rack.make(1), rack.make(24)
    done = rack.run("spalloc-job")
    assert done.returncode == 3
    assert done.stderr == f"spalloc-job: me has 2 jobs, say which one is meant: {first} (ready), {second} (queued)\n"


def test_no_job_at_all_is_told(rack):
    done = rack.run("spalloc-job", "--owner", "nobody")
    assert (done.returncode, done.stderr) == (3, "spalloc-job: nobody has no jobs; spalloc-ps lists everybody's\n")


def test_an_owner_is_needed_without_a_number(rack):
    done = rack.run("spalloc-job", SPALLOC_OWNER="")
    assert done.returncode == 3
    assert "give its id, or an owner" in done.stderr


@pytest.mark.parametrize("action", [(), ("--watch",), ("--destroy",)])
def test_an_unknown_job_is_told(rack, action):
    done = rack.run("spalloc-job", "4711", *action)
    assert (done.returncode, done.stdout) == (3, "")
    assert "the server knows no job 4711" in done.stderr


def test_a_job_that_has_ended_tells_why(rack):
    job_id = rack.make(1)
    rack.server.destroy_job(job_id, "the demo begins")
    done = rack.run("spalloc-job", str(job_id))
    assert done.returncode == 0
    assert "State: destroyed\nReason: the demo begins\n" in done.stdout


def test_a_queued_job_tells_its_place(rack):
    rack.make(24, owner="she")
    rack.make(3)
    said = rack.run("spalloc-job").stdout
    assert "State: queued" in said
    assert "Queue: number 1, 0 of 24 boards free on sandbox" in said


def test_json_tells_all_by_documented_names(rack):
    job_id = rack.make(3)
    told = json.loads(rack.run("spalloc-job", "--json").stdout)
    assert set(told) == {
        *("id", "owner", "state", "power", "start_time", "keepalive", "keepalive_host", "request", "requirements"),
        *("machine", "boards", "reason", "width", "height", "hostname", "connections", "queue"),
    }
    assert (told["id"], told["state"], told["width"], told["queue"]) == (job_id, "ready", 16, None)
    assert told["connections"][0] == {"x": 0, "y": 0, "hostname": told["hostname"]}


def test_ethernet_ips_are_csv_as_in_the_manual(rack):
    rack.make(3)
    done = rack.run("spalloc-job", "--ethernet-ips")
    head, *rows = done.stdout.splitlines()
    assert head == "x,y,hostname"
    assert [row.rpartition(",")[0] for row in rows] == ["0,0", "4,8", "8,4"]
    assert done.returncode == 0
    told = json.loads(rack.run("spalloc-job", "-e", "--json").stdout)
    assert [f"{one['x']},{one['y']},{one['hostname']}" for one in told["connections"]] == rows


def test_ethernet_ips_of_a_queued_job_are_not_there_yet(rack):
    rack.make(24, owner="she")
    job_id = rack.make(1)
    done = rack.run("spalloc-job", str(job_id), "-e")
    assert done.returncode == 9
    assert f"job {job_id} has no boards" in done.stderr


@pytest.mark.parametrize(("option", "power"), [("--power-off", False), ("--power-on", True), ("--reset", True)])
def test_boards_are_switched_and_waited_for(rack, option, power):
    """The manual's ``spalloc-job --reset`` and its like; the BMP says whether it happened."""
    rack.make(3)
    before = len(rack.sandbox.power_log())
    done = rack.run("spalloc-job", option)
    assert (done.returncode, done.stdout) == (0, "")
    (job,) = rack.jobs()
    assert (job.state.name, job.power) == ("ready", power)
    switched = rack.sandbox.power_log()[before:]
    assert switched
    assert all(event.on is power for event in switched)
    assert (rack.sandbox.boards_on() == frozenset(job.boards)) is power


def test_a_job_without_boards_cannot_be_switched(rack):
    rack.make(24, owner="she")
    job_id = rack.make(1)
    done = rack.run("spalloc-job", str(job_id), "--reset")
    assert done.returncode == 8
    assert f"the boards of job {job_id} cannot be switched on: it is queued" in done.stderr


def test_switching_that_is_interrupted_goes_on(rack):
    import signal

    from spalloc_client.sandbox import Sandbox

    with Sandbox(boards=3, power_on_seconds=3.0) as slow:
        rack.shell.use(slow.hostname, slow.port)
        holder = rack.begin("spalloc", "3")
        while "Running on" not in holder.stdout.readline():
            pass
        process = rack.begin("spalloc-job", "--reset")
        assert "switching its boards on" in process.stderr.readline()
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 7
        assert process.stderr.read() == "spalloc-job: no longer waiting; the boards go on switching\n"
        holder.stdin.close()
        holder.wait(60)


def test_a_job_is_destroyed_with_a_reason(rack):
    """The manual's ``spalloc-job --destroy "Your job is taking too long..."``."""
    job_id = rack.make(3)
    assert rack.run("spalloc-job", "--destroy", "Your job is taking too long...").returncode == 0
    assert rack.jobs() == []
    assert rack.reason(job_id) == "Your job is taking too long..."


def test_a_job_is_destroyed_without_a_reason(rack):
    job_id = rack.make(3, owner="she")
    assert rack.run("spalloc-job", str(job_id), "-D").returncode == 0
    assert rack.reason(job_id) == "destroyed by me"
    again = rack.run("spalloc-job", str(job_id), "-D")
    assert (again.returncode, again.stderr) == (0, f"spalloc-job: job {job_id} had ended before\n")


def test_a_hidden_owner_asks_for_a_number(shell):
    """The Java server hides who owns which job."""
    with ScriptedServer(java=True) as server:
        server.model.create([1], {"owner": "me"}, 60.0, "127.0.0.1")
        shell.use(server.host, server.port)
        done = shell.run("spalloc-job")
    assert done.returncode == 3
    assert "this server hides who owns which job" in done.stderr


def test_boards_that_are_lost_while_they_are_asked_for_have_no_host_names(shell):
    with ScriptedServer() as server:
        job = server.model.create([3], {"owner": "me"}, 60.0, "127.0.0.1")
        server.model.advance(job)
        server.script("get_job_machine_info", returning(NO_BOARDS))
        shell.use(server.host, server.port)
        done = shell.run("spalloc-job")
    assert done.returncode == 0
    assert "Num boards: 3" in done.stdout
    assert "Hostname" not in done.stdout


@pytest.mark.parametrize("java", [False, True])
def test_looking_at_somebody_elses_job_keeps_it_from_nothing(shell, java):
    """Neither dialect is sent a command that counts as a sign of life."""
    with ScriptedServer(java=java) as server:
        job = server.model.create([3], {"owner": "she"}, 60.0, "127.0.0.1")
        server.model.advance(job)
        shell.use(server.host, server.port)
        assert shell.run("spalloc-job", str(job.id)).returncode == 0
        watcher = shell.begin("spalloc-job", str(job.id), "--watch", "--json")
        assert json.loads(watcher.stdout.readline())["width"] == 16
        assert "get_job_state" not in server.commands()
        assert "get_job_machine_info" not in server.commands()
        assert all(request.args == [] for request in server.requests if request.command == "notify_job")
        server.model.destroy(job.id, "over")
        assert json.loads(watcher.stdout.readline())["reason"] == "over"
        assert watcher.wait(60) == 0


def test_a_job_that_is_watched_by_somebody_else_expires(own_rack):
    job_id = own_rack.make(3, owner="she", keepalive=3.0)
    terminal = own_rack.terminal("spalloc-job", str(job_id), "--watch")
    terminal.wait_for("State: ready")
    assert terminal.end() == 0
    assert "State: destroyed" in terminal.text
    assert own_rack.jobs() == []
