"""Kernels that end: how soon the server has the boards back."""

import os
import signal
import statistics
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from measure import Row, Settings, at_most

ENDS: dict[str, tuple[Callable[[Any], None], float]] = {
    "killed": (lambda manager: os.kill(manager.provisioner.pid, signal.SIGKILL), 0.2),
    "shut down": (lambda manager: manager.shutdown_kernel(), 1.0),
    "restarted": (lambda manager: manager.restart_kernel(), 1.0),
}


def rows(settings: Settings) -> list[Row]:
    from spalloc_client.sandbox import Sandbox
    from spalloc_client.server import Server

    with (
        Sandbox(boards=24, power_on_seconds=0.0) as sandbox,
        Server(sandbox.hostname, sandbox.port, timeout=10.0, reconnect_delay=0.1) as server,
    ):
        return [
            _row(name, limit, [_freed(settings, sandbox, server, end) for _ in range(settings.rounds(7))])
            for name, (end, limit) in ENDS.items()
        ]


def _row(name: str, limit: float, times: list[float]) -> Row:
    middle = statistics.median(times)
    return Row(
        f"a kernel with 3 boards is {name}, until the server has them back",
        "s",
        None,
        None,
        middle,
        **at_most(middle, limit, f"at most {limit} s"),
        notes=f"the worst of {len(times)}: {max(times):.2f} s",
    )


def _freed(settings: Settings, sandbox: Any, server: Any, end: Callable[[Any], None]) -> float:
    with kernel(settings, sandbox.environ()) as (manager, client):
        run(client, "%load_ext spalloc_jupyter\n%spalloc 3")
        with ThreadPoolExecutor() as beside:
            freed = beside.submit(_when_free, server)
            begun = time.monotonic()
            end(manager)
            return freed.result() - begun


def _when_free(server: Any) -> float:
    while server.jobs():
        time.sleep(0.002)
    return time.monotonic()


@contextmanager
def kernel(settings: Settings, environ: dict[str, str]) -> Iterator[tuple[Any, Any]]:
    """Start a kernel in the environment that is measured; yields its manager, and a client."""
    from jupyter_client.manager import KernelManager

    manager = KernelManager()
    manager.kernel_spec.argv[0] = str(settings.ours)
    manager.start_kernel(env={**os.environ, **environ}, cwd=str(settings.directory))
    client = manager.client()
    try:
        client.start_channels()
        client.wait_for_ready(timeout=60)
        yield manager, client
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def run(client: Any, code: str) -> None:
    """Run a cell to its end."""
    reply = client.execute_interactive(code, timeout=60, output_hook=lambda _: None)
    if reply["content"]["status"] != "ok":
        raise RuntimeError(str(reply["content"]))
