"""What a terminal says of a job."""

from spalloc_client import Job
from spalloc_client.commands import wrapping
from spalloc_client.records import Allocation, Chip
from spalloc_jupyter.grammar import TOKENS
from spalloc_jupyter.plain_panels import StaticPanel, TerminalPanel


def test_a_server_that_went_away_is_told_and_raises_nothing(sandbox, capsys):
    """The facts can be had the next time."""
    job = Job(3, hostname=sandbox.hostname, port=sandbox.port, owner="me", timeout=0.5, config_filenames=[])
    sandbox.kill()
    terminal = TerminalPanel(job, "job")
    terminal.show()
    terminal.ready()
    said = [*capsys.readouterr().out.splitlines(), StaticPanel(job, "job")._bundle()["text/plain"]]
    assert len(said) == 2
    assert all(line.startswith("Job 1: ") and str(sandbox.port) in line for line in said)
    sandbox.restart(keep_state=False)
    job.close()


def test_a_terminal_says_how_a_job_ended(sandbox, capsys):
    """In one line; of one that others ended it is silent here."""
    job = Job(3, hostname=sandbox.hostname, port=sandbox.port, owner="me", config_filenames=[])
    panel = TerminalPanel(job, "job")
    panel.finish()
    job.destroy("enough\x1b[2J")
    panel.finish()
    panel.close()
    assert capsys.readouterr().out == "Job 1 was destroyed: enough\\x1b[2J.\n"


def test_the_notebook_knows_all_tokens_of_the_command():
    """They are told twice, and are the same."""
    allocation = Allocation(8, 8, {Chip(0, 0): "h"}, "m", ())
    assert set(TOKENS) == set(wrapping.tokens(1, allocation, "file"))
