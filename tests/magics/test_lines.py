"""What may stand in a magic's line: usage errors, names of the notebook, semicolons, help, settings."""

import pytest
from IPython.core.error import UsageError

from spalloc_jupyter.magic_line import detach_semicolons, expand, parse_line


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        ("%spalloc three", "argument WHAT: 'three' was given, expected a whole number from 0"),
        ("%spalloc 1 2 3 4", "4 numbers were given"),
        ("%spalloc 0", "each number must be at least 1"),
        ("%spalloc --nonsense", "unrecognized arguments: --nonsense"),
        ("%spalloc 3 -o", "argument --output/-o: expected one argument"),
        ("%spalloc 3 -o 1x", "'1x' cannot be the name of a variable"),
        ("%spalloc 3 -o class", "'class' cannot be the name of a variable"),
        ("%spalloc 3 --no-wait -c ls", "--no-wait cannot boot boards or run a command"),
        ("%spalloc 3 --port 99999", "expected a number from 1 to 65535"),
        ("%spalloc 3 --machine m --tags t", "a server takes one or the other"),
        ("%spalloc 1 --require-torus", "one board has no wrap-around links"),
        ("%spalloc 3 'open", "%spalloc: no closing quotation"),
        ("%spalloc_ps --nonsense", "unrecognized arguments: --nonsense"),
        ("%spalloc_job x", "expected a whole number from 0"),
        ("%spalloc_job --reset --power-off", "not allowed with argument"),
        ("%spalloc_machine --detailed", "--detailed is about one machine"),
        ("%spalloc_where_is", "is required"),
        ("%spalloc_sandbox 7", "invalid choice: 7"),
        ("%spalloc_sandbox --power-on-seconds -1", "--power-on-seconds takes 0 to 3600 seconds"),
    ],
)
def test_a_usage_error_is_one_line(offline, cell, told):
    """It is IPython's UsageError, names what was given, and ends nothing."""
    ran = offline.attempt(cell)
    assert isinstance(ran.error, UsageError)
    assert told in ran.told
    assert len(ran.told.splitlines()) == 1


def test_a_server_that_is_not_there_is_told_in_one_line(notebook, sandbox):
    """Without a traceback."""
    sandbox.kill()
    ran = notebook.attempt("%spalloc 3 --timeout 1")
    assert len(ran.told.splitlines()) == 1
    assert f"{sandbox.hostname}:{sandbox.port}" in ran.told


def test_no_server_and_no_owner_are_told_with_the_ways_to_set_them(lonely):
    """Both are usage errors."""
    assert "no spalloc server is set" in lonely.attempt("%spalloc_ps").told
    told = lonely.attempt("%spalloc 3 --hostname localhost").told
    assert "no owner is set" in told
    assert "SPALLOC_OWNER" in told


def test_a_semicolon_silences_the_output(notebook):
    """As anywhere in IPython; the job is bound all the same."""
    ran = notebook.run("%spalloc 3 --quiet;")
    assert ran.value is None
    assert "Out[" not in ran.out
    assert notebook["job"].id == 1
    ran = notebook.run('%spalloc_job --destroy "it\'s over";')
    assert ran.value is None


def test_a_semicolon_may_follow_the_name_at_once(notebook):
    """Where IPython would take it for a part of the name."""
    assert notebook.run("%spalloc --quiet;\nlisted = %spalloc_ps;\n%spalloc_machine;").value is None
    assert notebook["job"].id == 1
    assert detach_semicolons(["x = '%spalloc;'\n", "%other;\n", "a.b = %spalloc_ps;"]) == [
        "x = '%spalloc;'\n",
        "%other;\n",
        "a.b = %spalloc_ps ;\n",
    ]


def test_a_question_mark_shows_the_whole_help(lonely):
    """Options of the shell's command, of the notebook, and examples."""
    for magic in ("spalloc", "spalloc_job", "spalloc_ps", "spalloc_machine", "spalloc_where_is", "spalloc_sandbox"):
        bundle = lonely.shell.object_inspect_mime(f"%{magic}")["text/plain"]
        assert f"usage: %{magic} " in bundle
        assert "examples:" in bundle
    assert "--no-wait" in lonely.shell.object_inspect_mime("%%spalloc")["text/plain"]


def test_help_asked_for_as_an_option_is_printed(lonely):
    """And nothing else happens."""
    ran = lonely.run("%spalloc --help")
    assert "usage: %spalloc " in ran.out
    assert "job" not in lonely


def test_settings_of_the_notebook_stand_above_the_environment(notebook, ask):
    """``%config SpallocMagics`` sets options; the line overrules them."""
    notebook.run("%config SpallocMagics.owner = 'configured'")
    notebook.run("%config SpallocMagics.tags = 'default'")
    notebook.run("%config SpallocMagics.keepalive = 'None'")
    notebook.run("%spalloc 1 -o a")
    notebook.run("%spalloc 1 -o b --owner given --machine sandbox --keepalive 20")
    first, second = ask("list_jobs")
    assert (first["owner"], first["keepalive"], first["kwargs"]["tags"]) == ("configured", None, ["default"])
    assert (second["owner"], second["keepalive"], second["kwargs"]["machine"]) == ("given", 20.0, "sandbox")
    notebook.run("a.destroy()")


def test_a_setting_that_cannot_be_is_told_when_it_is_used(lonely):
    """In one line; the extension can still be loaded again."""
    lonely.run("%config SpallocMagics.port = 'x'")
    assert lonely.attempt("%spalloc_ps").told == (
        "UsageError: %config SpallocMagics: port is 'x', expected a number from 1 to 65535"
    )
    lonely.run("%reload_ext spalloc_jupyter")


def test_settings_are_listed_with_their_meaning(lonely):
    """``%config SpallocMagics`` alone."""
    out = lonely.run("%config SpallocMagics").out
    assert "SpallocMagics.owner" in out
    assert "Whose jobs these are" in out


NAMES = {"n": 3, "w": 7, "file": "my file.csv", "job": type("J", (), {"hostname": "h.example"})()}


@pytest.mark.parametrize(
    ("text", "expanded"),
    [
        ("{n}", "3"),
        ("$n boards", "3 boards"),
        ("{n + 1}", "4"),
        ("{str(n) * 2}", "33"),
        ("$job.hostname", "h.example"),
        ("$file.gz", "my file.csv.gz"),
        ("$$n", "$n"),
        ("$HOME $$ $1 {unknown} {print} {} { {n", "$HOME $$ $1 {unknown} {print} {} { {n"),
        ("awk '{print $1}'", "awk '{print $1}'"),
        ("{n/0} {n", "{n/0} {n"),
        ("{hostname} {w} {id}", "{hostname} {w} {id}"),
    ],
)
def test_names_of_the_notebook_are_filled_in(text, expanded):
    """Only those that it has, and none that is the command's own."""
    assert expand(text, NAMES, ("", "hostname", "w", "id")) == expanded


def test_tokens_are_the_commands_behind_c_only():
    """Before it they are the notebook's."""
    line = parse_line("{w} {n} -o x -c run {w} {n} '{file}'", NAMES, ("w",))
    assert line.words == ("7", "3", "-o", "x", "-c", "run", "{w}", "3", "my file.csv")


def test_a_value_behind_c_is_never_split_into_words():
    """Whatever is in it."""
    assert parse_line("-c cat $file", NAMES, ("w",)).words == ("-c", "cat", "my file.csv")
    assert parse_line('-c "cat {file}";', NAMES, ("w",)).words == ("-c", "cat my file.csv")


def test_names_of_the_function_around_count_too(notebook, ask):
    """A magic in a function sees its variables."""
    notebook.run("def f(count):\n    %spalloc {count} --quiet\nf(2)")
    assert ask("list_jobs")[0]["args"] == [2]
