"""``%load_ext``, ``%reload_ext``, unload and lazy loading, each in a fresh interpreter."""

import json
import os
import subprocess
import sys
import textwrap

SHELL = """
import json, sys, time
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config
config = Config()
config.HistoryManager.enabled = False
def say(**what): print(json.dumps(what))
"""


def told(program, tmp_path, **environ):
    """Run a program in a fresh interpreter, and return what it said last."""
    home = {"HOME": str(tmp_path), "IPYTHONDIR": str(tmp_path / "ipython")}
    finished = subprocess.run(  # noqa: PLW1510 - what it said is worth more than its exit code
        [sys.executable, "-W", "error", "-c", SHELL + textwrap.dedent(program)],
        env={**os.environ, **home, **environ},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert finished.returncode == 0, finished.stderr
    return json.loads(finished.stdout.splitlines()[-1])


def test_loading_opens_nothing_and_imports_nothing_heavy(tmp_path):
    """No socket, no process, no thread, no file beside modules; no widgets, no plots, not even the client."""
    said = told(
        """
        import threading
        shell = InteractiveShell.instance(config=config)
        events, modules, threads = [], set(sys.modules), threading.active_count()
        def hook(event, args):
            if event.startswith(("socket.", "subprocess.", "os.exec", "os.fork", "os.posix_spawn")):
                events.append(event)
        sys.addaudithook(hook)
        begun = time.perf_counter()
        shell.run_line_magic("load_ext", "spalloc_jupyter")
        say(seconds=time.perf_counter() - begun, events=events, threads=threading.active_count() - threads,
            modules=sorted(set(sys.modules) - modules))
        """,
        tmp_path,
    )
    assert said["events"] == []
    assert said["threads"] == 0
    assert all(name.startswith(("spalloc_jupyter", "IPython")) for name in said["modules"]), said["modules"]
    assert said["seconds"] < 1.0  # 0.04 on a computer that does nothing else


def test_looking_and_asking_needs_no_widgets_in_a_terminal(tmp_path, sandbox):
    """``%spalloc`` and the other magics import neither ipywidgets nor matplotlib there."""
    said = told(
        """
        shell = InteractiveShell.instance(config=config)
        for line in ("%load_ext spalloc_jupyter", "%spalloc 1", "%spalloc_ps", "%spalloc_job", "job.destroy()"):
            shell.run_cell(line).raise_error()
        say(heavy=[name for name in ("ipywidgets", "matplotlib", "numpy", "rich") if name in sys.modules])
        """,
        tmp_path,
        **sandbox.environ(),
    )
    assert said["heavy"] == []


def test_reloading_keeps_jobs_and_settings(notebook, jobs):
    """Unload and load again end no job, and the same words give the same one."""
    notebook.run("%config SpallocMagics.keepalive = 30")
    first = notebook.run("%spalloc 3").value
    notebook.run("%reload_ext spalloc_jupyter")
    assert notebook.run("%config SpallocMagics.keepalive").value == 30
    assert notebook.run("%spalloc 3").value is first
    assert jobs() == [1]


def test_unloading_takes_the_magics_away_and_ends_no_job(notebook, jobs):
    """Nothing of ours stays in the shell."""
    shell = notebook.shell
    notebook.run("%spalloc 3")
    matchers, configurables = len(shell.Completer.custom_matchers), len(shell.configurables)
    notebook.run("%unload_ext spalloc_jupyter")
    for kind in ("line", "cell"):
        assert not [name for name in shell.magics_manager.magics[kind] if "spalloc" in name]
    assert len(shell.Completer.custom_matchers) == matchers - 1
    assert len(shell.configurables) == configurables - 1
    assert jobs() == [1]
    notebook.run("%load_ext spalloc_jupyter")
    assert "lives and is what you ask for" in notebook.run("%spalloc 3").out


def test_a_shell_that_is_configured_so_loads_it_at_first_use(tmp_path, sandbox):
    """``c.MagicsManager.lazy_magics`` names the package."""
    said = told(
        """
        config.MagicsManager.lazy_magics = {"spalloc_ps": "spalloc_jupyter", "spalloc": "spalloc_jupyter"}
        shell = InteractiveShell.instance(config=config)
        before = "spalloc_jupyter" in sys.modules
        listed = shell.run_cell("%spalloc_ps").result
        say(before=before, listed=len(listed))
        """,
        tmp_path,
        **sandbox.environ(),
    )
    assert said == {"before": False, "listed": 0}
