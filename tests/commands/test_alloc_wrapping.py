"""``spalloc -c``: one argument is shell text, several are a command and its arguments."""

from pathlib import Path

import pytest
from scripted_server import ScriptedServer


def test_the_manuals_own_example_works(rack):
    """``spalloc 24 -c "rig-boot {} {w} {h} && python my_app.py {}"``, with stand-ins for both programs."""
    for name in ("rig-boot", "my_python"):
        script = rack.shell.directory / name
        script.write_text(f'#!/bin/sh\necho {name} "$@"\n')
        script.chmod(0o755)
    path = f"{rack.shell.directory}:{rack.shell.environ['PATH']}"
    done = rack.run("spalloc", "24", "-c", "rig-boot {} {w} {h} && my_python my_app.py {}", PATH=path)
    boot, app = done.stdout.splitlines()
    host = boot.split()[1]
    assert host.startswith("127.")
    assert (boot, app) == (f"rig-boot {host} 48 24", f"my_python my_app.py {host}")
    assert done.returncode == 0
    assert rack.jobs() == []


def test_all_tokens_any_number_of_times(rack):
    done = rack.run("spalloc", "3", "-c", "echo {} {hostname} {w}x{width} {h}x{height} {id}{id} {}")
    hosts = done.stdout.split()
    job_id = hosts[4][: len(hosts[4]) // 2]
    assert hosts == [hosts[0], hosts[0], "16x16", "16x16", job_id * 2, hosts[0]]


def test_braces_that_are_no_token_are_left_alone(rack):
    done = rack.run("spalloc", "-c", "echo a b | awk '{print $2}'; x=1; echo ${x} {unknown} '{ }'")
    assert done.stdout == "b\n1 {unknown} { }\n"


def test_a_shells_variable_is_no_token(rack):
    assert rack.run("spalloc", "-c", "w=mine; echo ${w} {w}").stdout == "mine 8\n"


def test_several_arguments_never_meet_a_shell(rack):
    done = rack.run("spalloc", "-c", "printf", "%s|", "$HOME", "a b", "&&", "*", "{w}", "{x}", "--json")
    assert done.stdout == "$HOME|a b|&&|*|8|{x}|--json|"


def test_the_csv_lists_all_ethernet_chips_and_is_removed(rack):
    done = rack.run("spalloc", "3", "-c", "echo {ethernet_ips}; cat {ethernet_ips}")
    name, head, *rows = done.stdout.splitlines()
    assert head == "x,y,hostname"
    assert [row.rsplit(",", 1)[0] for row in rows] == ["0,0", "4,8", "8,4"]
    assert all(row.rsplit(",", 1)[1].startswith("127.") for row in rows)
    assert not Path(name).exists()


def test_a_command_may_remove_the_csv_itself(rack):
    assert rack.run("spalloc", "3", "-c", "rm {ethernet_ips}").returncode == 0


@pytest.mark.parametrize("code", [0, 1, 3, 77])
def test_the_exit_code_is_passed_on(rack, code):
    assert rack.run("spalloc", "-c", f"exit {code}").returncode == code
    assert rack.jobs() == []


def test_a_command_killed_by_a_signal_ends_as_shells_say_it(rack):
    assert rack.run("spalloc", "-c", "sh", "-c", "kill -9 $$").returncode == 128 + 9


def test_a_command_that_is_not_there_is_told(rack):
    assert rack.run("spalloc", "-c", "no-such-command here").returncode == 127
    done = rack.run("spalloc", "-q", "-c", "no-such-command", "here")
    assert done.returncode == 127
    assert done.stderr == "spalloc: cannot run no-such-command: No such file or directory\n"
    assert rack.jobs() == []


def test_the_command_has_the_standard_input(rack):
    assert rack.run("spalloc", "-c", "cat", "-n", stdin="hello\n").stdout.split() == ["1", "hello"]


def test_a_job_destroyed_meanwhile_is_told(rack):
    process = rack.begin("spalloc", "-c", "echo {id}; read line")
    job_id = int(process.stdout.readline())
    rack.server.destroy_job(job_id, "needed elsewhere")
    process.stdin.write("\n")
    process.stdin.close()
    assert process.wait(60) == 0
    assert f"job {job_id} was destroyed while the command ran: needed elsewhere" in process.stderr.read()


@pytest.fixture
def evil(shell):
    """A server whose host names are shell text."""
    with ScriptedServer() as server:
        shell.use(server.host, server.port)
        yield server


def evil_name(server: ScriptedServer, name: str) -> None:
    """Let the server call the Ethernet chip (0, 0) of every job by a certain name."""

    def answer(connection, answer) -> None:
        text = answer().decode()
        head, rest = text.split('[[0, 0], "', 1)
        connection.send((head + '[[0, 0], "' + name + '"' + rest.split('"', 1)[1]).encode())

    server.script("get_job_machine_info", answer, times=None)


def test_a_host_name_is_never_obeyed_by_a_shell(evil, shell):
    evil_name(evil, "x; touch pwned; $(touch pwned) `touch pwned`")
    done = shell.run("spalloc", "-c", "echo {} {hostname}")
    name = "x; touch pwned; $(touch pwned) `touch pwned`"
    assert done.stdout == f"{name} {name}\n"
    assert not (shell.directory / "pwned").exists()


@pytest.mark.parametrize("text", ['echo "{}"', "echo '{}'", "echo a\\ {}", "echo $(echo {})", "echo `echo {}`"])
def test_a_host_name_that_might_be_obeyed_between_quotes_is_refused(evil, shell, text):
    evil_name(evil, "'; touch pwned; \\\"; touch pwned; '")
    done = shell.run("spalloc", "-q", "-c", text)
    assert done.returncode == 127
    assert "not safe in quoted shell text" in done.stderr
    assert not (shell.directory / "pwned").exists()


def test_a_host_name_is_no_option(evil, shell):
    evil_name(evil, "-rf")
    done = shell.run("spalloc", "-q", "-c", "rm", "{}")
    assert done.returncode == 127
    assert "host name for chip (0, 0) is '-rf'" in done.stderr


def test_an_odd_host_name_is_passed_on_as_it_is_without_a_shell(evil, shell):
    evil_name(evil, "a b; touch pwned")
    assert shell.run("spalloc", "-c", "printf", "%s", "{}").stdout == "a b; touch pwned"
    assert not (shell.directory / "pwned").exists()
