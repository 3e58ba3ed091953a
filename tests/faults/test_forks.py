"""After a fork the parent's connections are the parent's alone, and the child makes its own."""

import subprocess
import sys
import textwrap

import pytest

CHILD_AND_PARENT = """
import os, sys
from spalloc_client import Job, ProtocolClient, ProtocolError

server = {"hostname": "127.0.0.1", "port": int(sys.argv[1]), "timeout": 10.0}
client = ProtocolClient(**server)
client.connect()
version = client.version()
job = Job(owner="me", reconnect_delay=0.1, config_filenames=[], **server)
job.wait_until_ready(timeout=20)
child = os.fork()
if child == 0:
    try:
        client.version()
    except ProtocolError as error:
        assert "parent process" in str(error) or "not connected" in str(error), error
        client.connect()
    for _ in range(20):
        assert client.version() == version
        assert job.state.name == "ready"
        assert job.hostname == "10.11.193.1"
    sys.exit(0)
for _ in range(20):
    assert client.version() == version
    assert job.state.name == "ready"
_, status = os.waitpid(child, 0)
assert status == 0, status
assert client.version() == version
assert job.state.name == "ready"
print("well", flush=True)
if sys.argv[2] == "destroy":
    job.destroy("the parent's end")
"""


BEFORE_ANYTHING_IS_OPEN = """
import os, sys
from spalloc_client import Job, ProtocolClient

where = {"hostname": "127.0.0.1", "port": int(sys.argv[1]), "timeout": 10.0}
client = ProtocolClient(**where)
child = os.fork()
client.connect()
client.version()
with Job(owner="parent" if child else "child", config_filenames=[], **where) as job:
    os.write(1, b"well\\n" if job.hostname else b"no host name\\n")  # in one piece: both write
if child:
    assert os.waitpid(child, 0)[1] == 0
"""


def test_parent_and_child_connect_after_the_fork(any_server):
    command = [sys.executable, "-c", BEFORE_ANYTHING_IS_OPEN, str(any_server.port)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "well\nwell\n", "")
    assert {job.owner for job in any_server.jobs.values()} == {"parent", "child"}
    assert any_server.live_jobs() == []


def test_a_system_without_forks_has_jobs_as_well(any_server):
    program = "import os; del os.fork, os.register_at_fork\nimport sys\n" + BEFORE_ANYTHING_IS_OPEN.replace(
        "os.fork()", "0"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(any_server.port)], capture_output=True, text=True, timeout=100, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "well\n", "")
    assert any_server.live_jobs() == []


@pytest.mark.parametrize("end", ["destroy", "leave"])
def test_parent_and_child_use_a_client_and_a_job(any_server, end):
    command = [sys.executable, "-c", textwrap.dedent(CHILD_AND_PARENT), str(any_server.port), end]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "well\n", "")
    any_server.wait_until(lambda: any_server.live_jobs() == [])
    if end == "destroy":
        assert any_server.jobs[1].reason == "the parent's end"
