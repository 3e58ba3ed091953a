"""Measures how late a change of state is known: ``waiting.py KIND PORT`` prints seconds since the change, per order."""

import json
import socket
import sys
import time
from collections.abc import Callable
from typing import Any

DELAY = 0.02  # seconds in which the client gets ready to wait


class Talker:
    """The bare protocol."""

    def __init__(self, port: int) -> None:
        self.sock = socket.create_connection(("127.0.0.1", port))
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, command: str, *args: object) -> Any:
        self.sock.sendall(json.dumps({"command": command, "args": args, "kwargs": {}}).encode() + b"\n")
        return json.loads(self.sock.recv(1 << 16))["return"]


def floor(port: int) -> tuple[int, Callable[[], object]]:
    """A notification, and then a question about the state."""
    talker = Talker(port)
    job_id = talker.ask("create_job")
    talker.ask("notify_job", job_id)

    def wait() -> None:
        talker.sock.recv(1 << 16)
        talker.ask("get_job_state", job_id)

    return job_id, wait


def client(port: int) -> tuple[int, Callable[[], object]]:
    from spalloc_client import Job

    job = Job(3, hostname="127.0.0.1", port=port, owner="me", config_filenames=[])
    state = [job.state]

    def wait() -> None:
        state[0] = job.wait_for_state_change(state[0])

    return job.id, wait


def main() -> None:
    kind, port = sys.argv[1], int(sys.argv[2])
    control = Talker(port)
    job_id, wait = floor(port) if kind == "floor" else client(port)
    for _ in sys.stdin:
        control.ask("bench_toggle", job_id, DELAY)
        wait()
        now = time.monotonic()
        print(now - control.ask("bench_toggled_at"), flush=True)


if __name__ == "__main__":
    main()
