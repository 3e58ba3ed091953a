"""A press on the panel's buttons while a cell computes, as JupyterLab sends it: through a subshell, if there is one.

From ipykernel 7 on, it is carried out at once; before, after the cell. The server is asked whether it happened.
"""

import time

from owners import until

LONG = 30  # seconds; the cell is interrupted as soon as it was seen what there is to be seen


def test_a_press_arrives_while_a_cell_computes(kernel, sandbox):
    """At the server, not only in the kernel."""
    shown = kernel.run("%spalloc 3")
    (reset,) = [comm for comm, state in shown.widgets.items() if state.get("description") == "Reset"]
    subshell = kernel.subshell()
    before = len(sandbox.power_log())
    computing = kernel.begin(f"import time; time.sleep({LONG})")
    time.sleep(1.0)
    begun = time.monotonic()
    kernel.press(reset, subshell)
    if subshell is None:
        time.sleep(2.0)
        assert len(sandbox.power_log()) == before
    else:
        until(lambda: len(sandbox.power_log()) > before, LONG / 2)
    assert time.monotonic() - begun < LONG - 5
    kernel.interrupt()
    assert "KeyboardInterrupt" in kernel.end(computing).error
    until(lambda: len(sandbox.power_log()) > before, 30)
    kernel.run("job.wait_until_ready()\njob.destroy()")
