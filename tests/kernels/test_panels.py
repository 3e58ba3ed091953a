"""Panels of cells that run again: closed, or shown again, and what other cells show of the job stays."""

WIDGET = "application/vnd.jupyter.widget-view+json"
MODELS = "len(__import__('ipywidgets').widgets.widget._instances)"


def test_views_of_cells_that_ran_again_are_closed(start_kernel):
    """However often they run, and a view that another cell shows is left alone."""
    kernel = start_kernel()
    kernel.run("%load_ext spalloc_jupyter\n%spalloc 3;", cell="job")
    kernel.run("%spalloc_ps", cell="other")
    counts = []
    for _ in range(4):
        kernel.run("%spalloc_ps\n%spalloc_machine sandbox", cell="looks")
        counts.append(int(kernel.value(MODELS)))
    assert counts[-1] == counts[1]


def test_a_panel_is_shown_again_and_closed_with_its_job(start_kernel, jobs):
    """The same words, the same panel; other words in the same cell close it."""
    kernel = start_kernel()
    kernel.run("%load_ext spalloc_jupyter")
    first = kernel.run("%spalloc 3", cell="one").bundles[0][WIDGET]
    assert kernel.run("%spalloc 3", cell="one").bundles[0][WIDGET] == first
    counts = []
    for boards in (1, 3, 1, 3):
        kernel.run(f"%spalloc {boards}", cell="one")
        counts.append(int(kernel.value(MODELS)))
    assert counts[-1] == counts[0]
    assert len(jobs()) == 1


def test_another_cell_that_takes_the_name_leaves_the_facts_of_the_old_job(start_kernel):
    """The first cell's output becomes static; what it says is that the job has ended."""
    kernel = start_kernel()
    kernel.run("%load_ext spalloc_jupyter")
    request = kernel.begin("%spalloc 3", cell="one")
    kernel.end(request)
    updates = []
    second = kernel.begin("%spalloc 1", cell="two")
    cell = kernel.end(second, updates)
    assert "Destroyed" in updates[-1]["data"]["text/plain"]
    assert WIDGET not in updates[-1]["data"]
    assert WIDGET in cell.bundles[0]


def test_a_kernels_own_job_is_looked_at_live(start_kernel):
    """With its panel."""
    kernel = start_kernel()
    kernel.run("%load_ext spalloc_jupyter\n%spalloc 3;")
    (bundle,) = kernel.run("%spalloc_job").bundles
    assert WIDGET in bundle
    assert "127." in bundle["text/html"]
    assert WIDGET not in kernel.run("_").bundles[0]
