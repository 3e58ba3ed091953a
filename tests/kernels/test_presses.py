"""A press on the panel's buttons while a cell computes, as JupyterLab sends it: through a subshell, if there is one.

From ipykernel 7 on, it is carried out at once; before, after the cell. The server is asked whether it happened.
"""

import ast
import time

from owners import until

LONG = 30  # seconds; the cell is interrupted as soon as it was seen what there is to be seen

RESETS = """[
    name
    for name, widget in __import__("ipywidgets").widgets.widget._instances.items()
    if getattr(widget, "description", "") == "Reset"
]"""


def test_a_press_arrives_while_a_cell_computes(kernel, sandbox):
    """At the server, not only in the kernel."""
    kernel.run("%spalloc 3")
    until(lambda: kernel.value(RESETS) != "[]", 30)
    (reset,) = ast.literal_eval(kernel.value(RESETS))
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
