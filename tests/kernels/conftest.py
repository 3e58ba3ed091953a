"""Kernels of three versions of ipykernel, and a server."""

import importlib.metadata
import os

import pytest
from kernels.kernel import Kernel, installed

from spalloc_client.protocol_client import ProtocolClient

PRESENT = importlib.metadata.version("ipykernel")
VERSIONS = ("6.30.1", "7.3.0", PRESENT)


@pytest.fixture
def start_kernel(sandbox, tmp_path):
    """Start kernels that find the sandbox, and end with the test."""
    kernels = []

    def start(packages=(), **environ):
        directory = tmp_path / f"kernel-{len(kernels)}"
        directory.mkdir()
        kernels.append(Kernel(directory, {**sandbox.environ(), **environ}, packages))
        return kernels[-1]

    yield start
    for kernel in kernels:
        kernel.close()


@pytest.fixture(params=VERSIONS)
def kernel(request, start_kernel, tmp_path_factory):
    """A kernel with the extension loaded."""
    base = tmp_path_factory.getbasetemp()
    # Workers that run tests side by side share what lies above their own directories.
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    packages = [] if request.param == PRESENT else [installed(request.param, shared)]
    started = start_kernel(packages)
    assert started.value("__import__('ipykernel').__version__") == request.param
    started.run("%load_ext spalloc_jupyter")
    return started


@pytest.fixture
def jobs(sandbox):
    """Ask the server for the jobs that are queued or running."""
    with ProtocolClient(sandbox.hostname, sandbox.port, 10) as client:
        yield lambda: [job["job_id"] for job in client.call("list_jobs")]
