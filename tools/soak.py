"""Hold many jobs through resets and restarts for a long time, and count what is lost.

    .venv/bin/python tools/soak.py --minutes 20

A real server in the sandbox is restarted every 30 s, with its state; all connections to it, those of the guardian
included, are reset every 5 s; 50 jobs have to live through it. Meanwhile jobs are asked for their state, as a script
would.
Prints one line a minute, then the figures; the exit code is 1 if a job was lost.
"""

import argparse
import contextlib
import random
import socket
import struct
import sys
import threading
import time

from spalloc_client import Job, JobState, SpallocError
from spalloc_client.sandbox import Sandbox
from spalloc_client.server import Server

_RESET = struct.pack("ii", 1, 0)  # SO_LINGER: closing sends RST at once


class Proxy:
    """Passes connections on to a server, and resets all of them when told."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.connections = self.resets = 0
        self._pairs: set[tuple[socket.socket, socket.socket]] = set()
        self._lock = threading.Lock()
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            near, _ = self._listener.accept()
            try:
                far = socket.create_connection(("127.0.0.1", self._target), timeout=5)
            except OSError:
                near.close()
                continue
            far.settimeout(None)
            self.connections += 1
            with self._lock:
                self._pairs.add((near, far))
            for source, sink in ((near, far), (far, near)):
                threading.Thread(target=self._pass, args=(source, sink, (near, far)), daemon=True).start()

    def _pass(self, source: socket.socket, sink: socket.socket, pair: tuple[socket.socket, socket.socket]) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
        self._drop(pair)

    def _drop(self, pair: tuple[socket.socket, socket.socket]) -> None:
        with self._lock:
            if pair not in self._pairs:
                return
            self._pairs.discard(pair)
        for end in pair:
            with contextlib.suppress(OSError):
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def reset_all(self) -> None:
        with self._lock:
            pairs = list(self._pairs)
        self.resets += len(pairs)
        for pair in pairs:
            self._drop(pair)


def every(seconds: float, action, until: float) -> None:
    while time.monotonic() + seconds < until:
        time.sleep(seconds)
        action()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=20.0)
    parser.add_argument("--jobs", type=int, default=50)
    parser.add_argument("--keepalive", type=float, default=20.0)
    arguments = parser.parse_args()
    until = time.monotonic() + 60 * arguments.minutes
    with Sandbox(boards=120) as sandbox:
        proxy = Proxy(sandbox.port)
        options = {"port": proxy.port, "owner": "soak", "keepalive": arguments.keepalive, "reconnect_delay": 0.5}
        jobs = [Job(hostname="127.0.0.1", config_filenames=[], **options) for _ in range(arguments.jobs)]
        ids = {job.id for job in jobs}
        restarts: list[float] = []

        def restart() -> None:
            begun = time.monotonic()
            sandbox.restart()
            restarts.append(time.monotonic() - begun)

        for thread in (
            threading.Thread(target=every, args=(5, proxy.reset_all, until), daemon=True),
            threading.Thread(target=every, args=(30, restart, until), daemon=True),
        ):
            thread.start()
        asked = failed = 0
        report = time.monotonic() + 60
        while time.monotonic() < until:
            job = random.choice(jobs)
            asked += 1
            try:
                if job.state not in (JobState.ready, JobState.power):
                    print(f"job {job.id}: {job.state!r}, {job.reason}", flush=True)
            except SpallocError as error:
                failed += 1
                print(f"job {job.id}: {error}", flush=True)
            time.sleep(0.05)
            if time.monotonic() > report:
                report += 60
                print(
                    f"{asked} questions, {failed} unanswered, {len(restarts)} restarts, {proxy.resets} resets",
                    flush=True,
                )
        time.sleep(arguments.keepalive / 2)
        with Server(sandbox.hostname, sandbox.port, timeout=30, reconnect_delay=1) as server:
            alive = {job.id for job in server.jobs()}
        print(
            f"{len(ids & alive)} of {len(ids)} jobs alive after {arguments.minutes:g} minutes; {asked} questions, "
            f"{failed} without an answer in time; {len(restarts)} restarts of up to {max(restarts, default=0):.1f} s; "
            f"{proxy.resets} connections reset"
        )
        for job in jobs:
            job.destroy()
        return 0 if ids <= alive else 1


if __name__ == "__main__":
    sys.exit(main())
