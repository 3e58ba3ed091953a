"""``spalloc-ps``: who has which boards."""

import csv
import io
import json
import re


def test_all_jobs_are_listed_on_a_pipe_with_tabs(rack):
    ready, other, queued = rack.make(3), rack.make(1, owner="she"), rack.make(24)
    done = rack.run("spalloc-ps")
    head, *rows = [line.split("\t") for line in done.stdout.splitlines()]
    assert head == ["ID", "State", "Power", "Boards", "Machine", "Created at", "Keepalive", "Owner (Host)"]
    assert [row[:5] for row in rows] == [
        [str(ready), "ready", "on", "3", "sandbox"],
        [str(other), "ready", "on", "1", "sandbox"],
        [str(queued), "queued", "-", "-", "-"],
    ]
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", rows[0][5])
    assert rows[1][6:] == ["never", "she (127.0.0.1)"]


def test_jobs_are_filtered(rack):
    mine, hers = rack.make(3), rack.make(1, owner="she")

    def listed(*words: str) -> list[str]:
        return [line.split("\t")[0] for line in rack.run("spalloc-ps", *words).stdout.splitlines()[1:]]

    assert listed("--owner", "she") == [str(hers)]
    assert listed("-m", "sandbox") == [str(mine), str(hers)]
    assert listed("-m", "sandbox", "-o", "me") == [str(mine)]
    assert listed("-o", "nobody") == []


def test_a_machine_that_is_not_there_is_told_with_names_that_are_near(rack):
    done = rack.run("spalloc-ps", "--machine", "sandbax")
    assert (done.returncode, done.stdout) == (6, "")
    assert done.stderr == "spalloc-ps: there is no machine sandbax; did you mean sandbox?\n"


def test_json_and_csv_tell_the_same(rack):
    job_id = rack.make(3)
    (told,) = json.loads(rack.run("spalloc-ps", "--json").stdout)["jobs"]
    (row,) = csv.DictReader(io.StringIO(rack.run("spalloc-ps", "--csv").stdout))
    assert (told["id"], told["machine"], len(told["boards"]), told["owner"]) == (job_id, "sandbox", 3, "me")
    assert (row["id"], row["machine"], row["boards"], row["owner"]) == (str(job_id), "sandbox", "3", "me")
    assert row["keepalive"] == ""


def test_csv_does_not_go_with_watch(rack):
    done = rack.run("spalloc-ps", "--csv", "--watch")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)


def test_colours_only_where_they_are_wanted(rack):
    rack.make(1)
    assert "\x1b" not in rack.run("spalloc-ps").stdout
    assert "\x1b[32mready\x1b[0m\t" in rack.run("spalloc-ps", FORCE_COLOR="1").stdout
    assert "\x1b" not in rack.run("spalloc-ps", FORCE_COLOR="1", NO_COLOR="1").stdout


def test_colours_are_decided_by_the_stream_that_is_written_to(rack):
    """A terminal for errors makes no colours in a file (the reference client's did)."""
    rack.make(1)
    terminal = rack.terminal("sh", "-c", "spalloc-ps > list; cat -v list; echo over")
    text = terminal.wait_for("over")
    assert "ready" in text
    assert "^[" not in text


def test_text_from_the_server_is_never_obeyed(rack):
    owner = "\x1b]0;owned\x07\x1b[2J[bold]:smile: {0} %s\r\u202e\u200b 漢字"
    rack.make(1, owner=owner)
    shown = "\\x1b]0;owned\\x07\\x1b[2J[bold]:smile: {0} %s\\r\\u202e\\u200b 漢字"
    assert shown in rack.run("spalloc-ps").stdout
    assert shown in rack.run("spalloc-ps", "--csv").stdout
    assert json.loads(rack.run("spalloc-ps", "--json").stdout)["jobs"][0]["owner"] == owner
    terminal = rack.terminal("spalloc-ps", columns=200)
    assert terminal.end() == 0
    assert b"\x1b]0" not in terminal.written
    assert b"\x1b[2J" not in terminal.written
    assert rack.run("spalloc-ps", PYTHONIOENCODING="ascii").returncode == 0


def test_nothing_is_cut_on_a_pipe_and_lines_fit_a_window(rack):
    rack.make(1, owner="o" * 300)
    assert "o" * 300 in rack.run("spalloc-ps").stdout
    terminal = rack.terminal("spalloc-ps", columns=80)
    assert terminal.end() == 0
    assert len(terminal.text.splitlines()) == 2
    assert terminal.text.endswith("…")
    assert all(len(line.rstrip(b"\r")) < 200 for line in terminal.written.splitlines())


def test_a_reader_that_has_had_enough_ends_it_without_a_word(rack):
    for number in range(20):
        rack.make(1, owner=f"owner{number}")
    done = rack.run("bash", "-c", "set -o pipefail; spalloc-ps | head -1; echo ${PIPESTATUS[0]}")
    assert done.stdout.splitlines()[0].startswith("ID\t")
    assert done.stdout.splitlines()[1] in ("0", "141")
    assert done.stderr == ""
