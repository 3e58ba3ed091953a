"""``--help``, ``--version`` and completion."""

import os
import re
import subprocess
import sys

import pytest

import spalloc_client

NAMES = ("spalloc", "spalloc-job", "spalloc-ps", "spalloc-machine", "spalloc-where-is")
# The options of the reference client, which people's scripts use.
OPTIONS = {
    "spalloc": "--help -h --version -V --quiet -q --debug --no-destroy -D --resume -r --machine -m --tags -t "
    "--min-ratio --max-dead-boards --max-dead-links --require-torus -w --no-require-torus -W --command -c --owner "
    "--hostname -H --port -P --keepalive --reconnect-delay --timeout --boot",
    "spalloc-job": "--help -h --version -V --owner -o --info -i --watch -w --power-on --reset -p -r --power-off "
    "--ethernet-ips -e --destroy -D --hostname -H --port -P --timeout --ignore_version",
    "spalloc-ps": "--help -h --version -V --watch -w --machine -m --owner -o --hostname -H --port -P --timeout "
    "--ignore_version",
    "spalloc-machine": "--help -h --version -V --watch -w --detailed -d --hostname -H --port -P --timeout "
    "--ignore_version",
    "spalloc-where-is": "--help -h --version -V --board -b --logical -l --physical -p --chip -c --job-chip -j "
    "--hostname -H --port -P --timeout --ignore_version",
}


@pytest.mark.parametrize("name", NAMES)
def test_help_is_complete_and_has_examples(shell, name):
    done = shell.run(name, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert "\x1b" not in done.stdout
    words = set(re.findall(r"(?<![\w-])--?[A-Za-z][\w-]*", done.stdout))
    assert set(OPTIONS[name].split()) - words == set()
    assert f"examples:\n  {name}" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80
    every_option_is_explained = re.findall(r"^  (?:-\S.*)$(?!\n {10,}\S)", done.stdout, re.MULTILINE)
    assert all("  " in line.strip() for line in every_option_is_explained), every_option_is_explained


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("columns", [40, 80, 200])
def test_help_has_colours_in_a_terminal_and_fits(shell, name, columns):
    terminal = shell.terminal(name, "--help", columns=columns, lines=300)
    assert terminal.end() == 0
    assert b"\x1b[1musage:\x1b[0m" in terminal.written
    assert b"\x1b[36m--help\x1b[0m" in terminal.written


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("option", ["--version", "-V"])
def test_version(shell, name, option):
    done = shell.run(name, option)
    assert (done.stdout, done.returncode) == (f"{spalloc_client.__version__}\n", 0)


@pytest.mark.parametrize("words", ["--help", "--version", "--completion fish"])
def test_help_that_nobody_reads_any_more_ends_without_a_word(shell, words):
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w") as gone:
        done = shell.run("env", "-u", "PYTHONUNBUFFERED", "spalloc", *words.split(), stdout=gone)
    assert (done.returncode, done.stderr) == (141, "")


@pytest.mark.parametrize("words", ["--help", "--completion fish"])
def test_a_full_disk_is_told_of_help(shell, words):
    done = shell.run("sh", "-c", f"env -u PYTHONUNBUFFERED spalloc {words} > /dev/full")
    assert (done.stderr, done.returncode) == ("spalloc: [Errno 28] No space left on device\n", 1)


# Measuring coverage loads much itself.
UNMEASURED = {**os.environ, "COVERAGE_PROCESS_CONFIG": ""}


@pytest.mark.parametrize("name", ["alloc", "job", "ps", "machine", "where_is"])
def test_help_loads_nothing_that_it_does_not_need(name):
    program = (
        f"import sys; from spalloc_client.scripts import {name}\n"
        "try:\n    " + name + ".main(['--help'])\n"
        "except SystemExit: pass\n"
        "print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", program], env=UNMEASURED, capture_output=True, text=True, check=True)
    heavy = {
        *("rich", "socket", "json", "logging", "threading", "subprocess", "platformdirs", "dataclasses", "shutil"),
        *("spalloc_client.job", "spalloc_client.server", "argcomplete", "unicodedata"),
    }
    assert heavy & set(done.stderr.split()) == set()


@pytest.mark.parametrize("words", [("ps",), ("machine",), ("machine", "sandbox")])
def test_lists_load_nothing_heavy_on_a_pipe(rack, words):
    name, *rest = words
    program = f"import sys; from spalloc_client.scripts import {name}\n{name}.main({rest})\n"
    program += "print(*sys.modules, file=sys.stderr)"
    done = rack.run(sys.executable, "-c", program, COVERAGE_PROCESS_CONFIG="")
    heavy = {"rich", "logging", "subprocess", "dataclasses", "shutil", "asyncio", "spalloc_client.job", "csv"}
    assert heavy & set(done.stderr.split()) == set()


@pytest.mark.parametrize("kind", ["bash", "zsh", "fish"])
def test_completion_code_is_printed_for_each_shell(shell, kind):
    done = shell.run("spalloc", "--completion", kind)
    assert (done.returncode, done.stderr) == (0, "")
    assert all(name in done.stdout for name in NAMES)


def completed(rack, line: str) -> set[str]:
    """Return what bash offers behind a line."""
    program = (
        'eval "$(spalloc --completion bash)"; COMP_LINE="$1"; COMP_POINT=${#1}; COMP_TYPE=9; COMP_CWORD=1\n'
        'read -ra COMP_WORDS <<< "$1"; _python_argcomplete "${COMP_WORDS[0]}"; printf "%s\\n" "${COMPREPLY[@]}"'
    )
    done = rack.run("bash", "-c", program, "bash", line)
    assert done.returncode == 0, done.stderr
    return {word.strip() for word in done.stdout.split("\n") if word.strip()}


def test_bash_completes_options_machines_jobs_and_tags(rack):
    job_id = rack.make(3, owner="somebody")
    assert "--min-ratio" in completed(rack, "spalloc --m")
    assert "sandbox" in completed(rack, "spalloc-machine s")
    assert "sandbox" in completed(rack, "spalloc --machine s")
    assert "sandbox" in completed(rack, "spalloc-where-is --board s")
    assert any(word.startswith(str(job_id)) for word in completed(rack, f"spalloc-job {str(job_id)[0]}"))
    assert "somebody" in completed(rack, "spalloc-ps --owner some")
    assert "default" in completed(rack, "spalloc --tags d")


def test_names_that_would_be_commands_to_a_terminal_are_not_offered(rack):
    rack.make(1, owner="some\x1b[31mbody")
    assert completed(rack, "spalloc-ps --owner some") == set()


def test_completion_of_a_server_that_is_not_there_offers_nothing(shell):
    shell.use("127.0.0.1", 9)
    assert completed(shell, "spalloc-machine s") == set()
