"""Completion of the magics' lines, as a front end asks for it."""

import time

import pytest
from IPython.core.completer import CompletionContext, provisionalcompleter

from spalloc_client.sandbox import Sandbox
from spalloc_jupyter import suggestions


@pytest.fixture
def complete(lonely):
    def completed(line):
        with provisionalcompleter():
            return [one.text for one in lonely.shell.Completer.completions(line, len(line))]

    return completed


@pytest.mark.parametrize("line", ["%spalloc --no-", "x = %spalloc 3 --no-", "a, b = %spalloc --no-", "%%spalloc --no-"])
def test_options_are_completed(complete, line):
    """Also behind an assignment, and nothing else is offered."""
    assert complete(line) == ["--no-destroy", "--no-require-torus", "--no-wait"]


def test_short_and_long_options_are_known(complete):
    """All that a bare dash can be."""
    assert {"-o", "-c", "--owner", "--help"} <= set(complete("%spalloc -"))
    assert complete("%spalloc_ps --wat") == ["--watch"]
    assert complete("%spalloc_sandbox 12") == ["120", "1200"]


def test_what_the_server_has_is_completed(notebook, complete):
    """Machines, tags, owners and one's own job ids."""
    notebook.run("%spalloc 3 --owner me")
    notebook.run("%spalloc 1 -o other --owner you")
    assert soon(complete, "%spalloc --machine ") == ["sandbox"]
    assert soon(complete, "%spalloc 3 --quiet --resume 1 --machine ") == ["sandbox"]
    assert soon(complete, "%spalloc_machine sa") == ["sandbox"]
    assert soon(complete, "%spalloc_where_is --board ") == ["sandbox"]
    assert soon(complete, "%spalloc --tags de") == ["default"]
    assert soon(complete, "%spalloc_ps --owner ") == ["me", "you"]
    assert soon(complete, "%spalloc_job ") == ["1", "2"]
    assert soon(complete, "%spalloc --resume ") == ["1", "2"]


def soon(complete, line):
    """Complete as somebody who presses Tab again if nothing has come yet."""
    for _ in range(50):
        found = complete(line)
        if found and not found[0].startswith("%"):
            return found
        time.sleep(0.1)
    return found


def test_somebody_elses_jobs_are_not_offered(notebook, complete, ask):
    """Only those of this kernel and this owner."""
    ask("create_job", owner="somebody", keepalive=60.0)
    notebook.run("%spalloc 1")
    assert soon(complete, "%spalloc_job ") == ["2"]


def test_nothing_of_ours_is_offered_where_a_command_begins(lonely):
    """Behind ``-c`` it is the command's turn; other magics are not ours."""
    matcher = lonely.shell.Completer.custom_matchers[-1]
    for line in ("%spalloc 3 -c ls --n", "%spalloc_other --n", "spalloc --n"):
        assert matcher(CompletionContext("", line, len(line), 0, None))["completions"] == []


def test_a_server_that_does_not_answer_holds_up_nobody(notebook, sandbox):
    """Completion takes a moment, whatever the network does."""
    sandbox.pause()
    try:
        begun = time.monotonic()
        words = suggestions.suggestions("spalloc", ["--machine"], "", magics(notebook))
        assert time.monotonic() - begun < 2.0
        assert words == []
    finally:
        sandbox.resume()


@pytest.mark.parametrize("before", [["--board", "m"], ["--board", "m", "1", "2"], ["--timeout"]])
def test_numbers_are_left_to_whoever_types(lonely, before):
    """There is nothing to choose from."""
    assert suggestions.suggestions("spalloc_where_is", before, "", magics(lonely)) == []


def test_without_a_server_there_is_nothing_to_offer(lonely):
    """And no error."""
    assert suggestions.suggestions("spalloc", ["--machine"], "", magics(lonely)) == []


def magics(notebook):
    return notebook.shell.magics_manager.registry["SpallocMagics"]


def test_names_that_a_line_would_split_are_quoted(lonely, monkeypatch):
    """And those that cannot be seen are left out."""
    with Sandbox(boards=3, name="my machine", tags=("default", "evil\x1b")) as sandbox:
        for name, value in sandbox.environ().items():
            monkeypatch.setenv(name, value)
        ask = suggestions.suggestions
        for _ in range(50):
            if words := ask("spalloc", ["--machine"], "", magics(lonely)):
                break
            time.sleep(0.1)
        assert words == ["'my machine'"]
        assert ask("spalloc", ["--tags"], "", magics(lonely)) == ["default"]
