"""spalloc-sandbox and notebooks: executed without a browser, or opened in JupyterLab."""

import json
import os
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import nbformat
import psutil
import pytest
from leftovers import ended
from owners import REPOSITORY, until

from spalloc_client.exceptions import SandboxError
from spalloc_client.sandbox.lab import _free_port, quickstart

COMMAND = Path(sys.executable).with_name("spalloc-sandbox")


@pytest.fixture
def home(tmp_path):
    """An empty home directory and an empty directory for temporary files, both of which have to stay as they are."""
    for name in ("home", "tmp"):
        (tmp_path / name).mkdir()
    yield tmp_path / "home"
    assert files(tmp_path / "home") == []
    assert [file for file in files(tmp_path / "tmp") if "spalloc" in str(file)] == []


def files(directory):
    return [path for path in directory.rglob("*") if path.is_file() and ".cache" not in path.parts]


def environ(home):
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("JUPYTER", "XDG", "IPYTHON"))}
    return {**kept, "HOME": str(home), "TMPDIR": str(home.parent / "tmp")}


@pytest.fixture
def notebook(tmp_path):
    """Write a notebook with these cells, in a directory of its own."""

    def notebook(*cells, name="a notebook.ipynb"):
        content = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
        content.metadata["kernelspec"] = {"name": "somebody-elses", "display_name": "Python 2"}
        path = tmp_path / "work" / name
        path.parent.mkdir(exist_ok=True)
        nbformat.write(content, path)
        return path

    return notebook


def run(notebook, home):
    return subprocess.run(
        [COMMAND, "run", notebook], capture_output=True, text=True, timeout=240, check=False, env=environ(home)
    )


def test_a_notebook_runs_with_this_python_and_finds_the_server(notebook, home):
    path = notebook(
        "import os, sys\nprint(sys.executable)",
        "from spalloc_client.protocol_client import ProtocolClient",
        "with ProtocolClient(os.environ['SPALLOC_HOSTNAME'], int(os.environ['SPALLOC_PORT']), 10) as client:\n"
        "    print(client.call('list_machines')[0]['name'])",
        "6 * 7",
        "from pathlib import Path\nprint(Path('.').resolve().name, file=sys.stderr)",
    )
    before = path.read_bytes()
    answer = run(path, home)
    assert answer.stdout == f"{sys.executable}\nsandbox\n42\n"
    assert answer.stderr == "work\n"
    assert answer.returncode == 0
    assert path.read_bytes() == before
    assert [file.name for file in files(path.parent)] == [path.name]


def test_a_cell_that_fails_is_told(notebook, home):
    answer = run(notebook("print('so far')", "1 / 0", "print('not reached')"), home)
    assert answer.returncode == 1
    assert answer.stdout == "so far\n"
    assert "----> 1 1 / 0" in answer.stderr
    assert answer.stderr.endswith("a notebook.ipynb failed: ZeroDivisionError: division by zero\n")
    assert "\x1b" not in answer.stderr


def test_a_kernel_that_dies_is_told(notebook, home):
    answer = run(notebook("import os\nos._exit(3)"), home)
    assert answer.returncode == 1
    assert answer.stderr.endswith("a notebook.ipynb failed: Kernel died\n")


def test_what_is_no_notebook_is_told_in_a_line(notebook, home):
    path = notebook()
    path.write_text("nonsense")
    answer = run(path, home)
    assert answer.returncode == 1
    assert re.fullmatch(r"spalloc-sandbox: .* cannot be read as a notebook: .*\n", answer.stderr)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_notebook_is_interrupted(notebook, home, tmp_path, number):
    """Its kernel ends with it."""
    path = notebook(f"open({str(tmp_path / 'up')!r}, 'w').close()\nimport time\ntime.sleep(60)")
    with subprocess.Popen([COMMAND, "run", path], env=environ(home), stderr=subprocess.PIPE, text=True) as process:
        try:
            until((tmp_path / "up").exists, 180)
            family = psutil.Process(process.pid).children(recursive=True)
            assert len(family) >= 4
            process.send_signal(number)
            assert process.communicate(timeout=60)[1] == ""
        finally:
            process.kill()
    assert process.returncode == (-number if number == signal.SIGKILL else 130)
    until(lambda: all(map(ended, family)), 30)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_notebook_is_interrupted_before_it_is_read(tmp_path, number):
    os.mkfifo(tmp_path / "slow.ipynb")
    command = [sys.executable, "-P", "-m", "spalloc_client.scripts.sandbox_notebook", tmp_path / "slow.ipynb"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            with (tmp_path / "slow.ipynb").open("w"):  # opened from both ends: it reads by now
                process.send_signal(number)
                assert process.communicate(timeout=60)[1] == ""
        finally:
            process.kill()
    assert process.returncode == (130 if number == signal.SIGINT else -number)


class Lab:
    """A running `spalloc-sandbox lab`."""

    def __init__(self, home, *words, cwd=None):
        self.process = subprocess.Popen(
            [COMMAND, "lab", "--no-browser", *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environ(home),
            cwd=cwd,
        )
        self.said = ""
        while not (found := re.search(r"(http://127\.0\.0\.1:\d+)(/\S+)\?token=(\w+)\n", self.said)):
            line = self.process.stdout.readline()
            assert line, self.process.stderr.read()
            self.said += line
        self.root, self.path, self.token = found.groups()

    def ask(self, path, data=None, method=None):
        """Return what Lab's own interface says."""
        body = None if data is None else json.dumps(data).encode()
        request = urllib.request.Request(self.root + path, data=body, method=method)
        request.add_header("Authorization", f"token {self.token}")
        with urllib.request.urlopen(request, timeout=30) as response:
            return json.load(response)

    def family(self):
        return psutil.Process(self.process.pid).children(recursive=True)

    def close(self):
        self.process.terminate()
        self.process.communicate(timeout=60)


@pytest.fixture
def lab(home):
    """Start JupyterLab."""
    labs = []

    def lab(*words, **options):
        labs.append(Lab(home, *words, **options))
        return labs[-1]

    yield lab
    for one in labs:
        one.close()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_lab_opens_the_notebook_and_leaves_nothing(lab, notebook, number):
    path = notebook("1")
    running = lab(path)
    assert running.path == "/lab/tree/a%20notebook.ipynb"
    assert "started" in running.ask("/api/status")
    assert [file["name"] for file in running.ask("/api/contents")["content"]] == [path.name]
    [(name, spec)] = running.ask("/api/kernelspecs")["kernelspecs"].items()
    assert (name, spec["spec"]["argv"][0]) == ("python3", sys.executable)
    running.ask("/api/kernels", {"name": "python3"})
    content = running.ask("/api/contents/a%20notebook.ipynb")
    running.ask("/api/contents/a%20notebook.ipynb", content, "PUT")
    running.ask("/api/contents/a%20notebook.ipynb/checkpoints", {}, "POST")
    family = running.family()
    assert len(family) == 4, "keeper, server, Lab, kernel"
    for process in family:
        assert {sock.laddr.ip.split(".")[0] for sock in process.net_connections("inet4")} <= {"127"}
        assert process.net_connections("inet6") == []
    running.process.send_signal(number)
    assert running.process.wait(60) == (0 if number == signal.SIGINT else -number)
    until(lambda: all(map(ended, family)), 30)
    assert [file.name for file in files(path.parent)] == [path.name]


def test_only_who_has_the_token_is_let_in(lab, notebook):
    running = lab(notebook("1"))
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(f"{running.root}/api/kernels", timeout=30)
    for process in [running.process, *running.family()]:
        assert running.token not in " ".join(psutil.Process(process.pid).cmdline())


def test_two_that_start_at_the_same_time_take_different_ports():
    """None of them listens yet."""
    one, claim = _free_port(None)
    with claim:
        other, another_claim = _free_port(None)
        another_claim.close()
        assert one != other
        with pytest.raises(SandboxError, match=f"cannot have port {one}: it is taken"):
            _free_port(one)
    again, claim = _free_port(one)
    claim.close()
    assert again == one


def test_a_taken_port_is_told_in_a_line(lab, notebook, home):
    path = notebook("1")
    port = lab(path).root.rsplit(":", 1)[1]
    answer = subprocess.run(
        [COMMAND, "lab", "--lab-port", port, path],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=environ(home),
    )
    assert answer.returncode == 1
    assert answer.stderr == (
        f"spalloc-sandbox: JupyterLab cannot have port {port}: it is taken. Choose another one with --lab-port.\n"
    )


def test_a_lab_that_does_not_start_is_told_in_a_line(notebook, home, tmp_path):
    """Here because of what an administrator has configured."""
    (tmp_path / "jupyter_server_config.py").write_text("c.ServerApp.certfile = '/no/such/file'")
    answer = subprocess.run(
        [COMMAND, "lab", "--no-browser", notebook("1")],
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
        env={**environ(home), "JUPYTER_CONFIG_PATH": str(tmp_path)},
    )
    assert answer.returncode == 1
    assert re.fullmatch(r"spalloc-sandbox: JupyterLab did not start: .*/no/such/file.*\n", answer.stderr)


def test_the_quickstart_is_the_checkouts_own():
    assert quickstart() == REPOSITORY / "notebooks" / "quickstart.ipynb"


def test_the_quickstart_of_an_installation_is_copied_here_once(tmp_path, monkeypatch):
    package = tmp_path / "site-packages" / "spalloc_client" / "sandbox"
    package.mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SandboxError, match="cannot be copied"):
        quickstart(package)
    (package / "quickstart.ipynb").write_text("{}")
    assert quickstart(package).read_text() == "{}"
    Path("quickstart.ipynb").write_text("my own changes")
    assert quickstart(package).read_text() == "my own changes"


def test_who_shuts_lab_down_ends_the_command(lab, notebook):
    running = lab(notebook("1"))
    family = running.family()
    request = urllib.request.Request(f"{running.root}/api/shutdown", data=b"", method="POST")
    request.add_header("Authorization", f"token {running.token}")
    with urllib.request.urlopen(request, timeout=30):
        pass
    assert running.process.wait(60) == 0
    until(lambda: all(map(ended, family)), 30)
