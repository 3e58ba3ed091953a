"""The magics as front ends see them: outputs, errors, completion and help of real kernels."""

WIDGET = "application/vnd.jupyter.widget-view+json"


def test_the_panel_and_the_job_are_the_cells_output(kernel, jobs):
    """A widget with the same facts as HTML and text; a view of the same model when the cell runs again."""
    cell = kernel.run("%spalloc 3")
    panel, value = cell.bundles
    assert WIDGET in panel
    assert "127." in panel["text/html"]
    assert "127." in panel["text/plain"]
    assert value == {"text/plain": "<Job 1: 3 boards on sandbox>"}
    again = kernel.run("%spalloc 3")
    assert again.bundles[0][WIDGET]["model_id"] == panel[WIDGET]["model_id"]
    assert "is used again" in again.text
    assert jobs() == [1]


def test_a_semicolon_leaves_the_panel_alone(kernel):
    """Nothing else is shown."""
    cell = kernel.run("%spalloc 3;")
    assert len(cell.bundles) == 1
    assert kernel.run("%spalloc_ps;").outputs == []


def test_what_is_looked_at_is_shown_once_wherever_it_stands(kernel):
    """Also above other lines; the value is there all the same."""
    kernel.run("%spalloc 3;")
    cell = kernel.run("listed = %spalloc_ps\n%spalloc_machine\n%spalloc_machine sandbox\n%spalloc_job")
    assert len(cell.bundles) == 4
    assert "Wants" in cell.bundles[0]["text/html"]
    for bundle in cell.bundles:
        assert bundle["text/html"]
        assert bundle["text/plain"]
    assert WIDGET in cell.bundles[0]
    assert kernel.value("listed[0].id, len(_), _.job.id if hasattr(_, 'job') else 0").startswith("1 ")
    assert "text/html" in kernel.run("listed").bundles[0]


def test_errors_are_one_line(kernel):
    """Usage errors and those of the server; the kernel goes on."""
    usage = kernel.attempt("%spalloc three")
    assert usage.reply["ename"] == "UsageError"
    assert usage.text.count("\n") <= 1
    impossible = kernel.attempt("%spalloc 1000")
    assert impossible.reply["ename"] == "JobDestroyedError"
    assert len(impossible.error.splitlines()) == 1
    assert "No suitable machines" in impossible.error


def test_a_cell_with_boards(kernel, jobs):
    """Its error is the cell's, shown once; its boards are free afterwards."""
    kernel.run("%%spalloc 3\nname = job.hostname")
    assert kernel.value("name").startswith("127.")
    failed = kernel.attempt("%%spalloc 3\nname = job.id\n1 / 0")
    assert failed.reply["ename"] == "ZeroDivisionError"
    assert "run_cell_magic" not in failed.error
    assert jobs() == []


def test_a_cell_that_awaits_is_told_how(kernel, jobs):
    """Before anything is asked for."""
    cell = kernel.attempt("%%spalloc 3\nimport asyncio\nawait asyncio.sleep(0)")
    assert cell.reply["ename"] == "UsageError"
    assert "async with Job(…) as job:" in cell.text
    assert jobs() == []


def test_a_command_streams_into_the_cell(kernel):
    """And its exit code is the cell's error."""
    cell = kernel.attempt('%spalloc 3 -c "echo {w} out; echo err >&2; exit 7"')
    assert "16 out\nerr\n" in cell.text
    assert cell.reply["ename"] == "CalledProcessError"


def test_front_ends_complete_and_explain(kernel):
    """By the kernel's own messages."""
    for code in ("%spalloc --no-w", "x = %spalloc --no-w"):
        reply = kernel.ask(kernel.client.complete(code, len(code)))
        assert reply["matches"] == ["--no-wait"]
        assert reply["cursor_start"] == len(code) - 6
    reply = kernel.ask(kernel.client.inspect("%spalloc", 4))
    assert "usage: %spalloc" in reply["data"]["text/plain"]
