"""Measures calls on one connection: ``calling.py KIND PORT COUNT`` prints the seconds that each call took, per order.

Runs in the environment of either client; of the standard library and the client alone.
"""

import json
import socket
import sys
import threading
import time
from collections.abc import Callable

LINE = b'{"command": "version", "args": [], "kwargs": {}}\n'
THREADS = 8


def connected(port: int) -> socket.socket:
    sock = socket.create_connection(("127.0.0.1", port))
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return sock


def bare(port: int, count: int) -> Callable[[], None]:
    sock = connected(port)

    def run() -> None:
        for _ in range(count):
            sock.sendall(LINE)
            sock.recv(1 << 16)

    return run


def coding(port: int, count: int) -> Callable[[], None]:
    sock = connected(port)

    def run() -> None:
        for _ in range(count):
            sock.sendall(json.dumps({"command": "version", "args": [], "kwargs": {}}).encode() + b"\n")
            json.loads(sock.recv(1 << 16))["return"]

    return run


def reference(port: int, count: int) -> Callable[[], None]:
    from spalloc_client import ProtocolClient

    client = ProtocolClient("127.0.0.1", port)
    client.connect(5.0)

    def run() -> None:
        for _ in range(count):
            client.call("version", 5.0)

    return run


def ours(port: int, count: int) -> Callable[[], None]:
    from spalloc_client import ProtocolClient

    client = ProtocolClient("127.0.0.1", port, timeout=5.0)
    client.connect()

    def run() -> None:
        for _ in range(count):
            client.call("version")

    return run


def threads(port: int, count: int) -> Callable[[], None]:
    """Each question has an answer of its own, so that a wrong one is seen; both are as short as those of the floor."""
    from spalloc_client import ProtocolClient

    client = ProtocolClient("127.0.0.1", port, timeout=60.0)
    client.connect()
    wrong: list[object] = []

    def ask(thread: int) -> None:
        for number in range(1000 * thread, 1000 * thread + count // THREADS):
            answer = client.call("bench_echo", number)
            if answer != number:
                wrong.append(answer)

    def run() -> None:
        crew = [threading.Thread(target=ask, args=(number,)) for number in range(1, THREADS + 1)]
        for one in crew:
            one.start()
        for one in crew:
            one.join()
        if wrong:
            raise SystemExit(f"wrong answers: {wrong[:3]}")

    return run


def main() -> None:
    kind, port, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    run = {"bare": bare, "coding": coding, "reference": reference, "ours": ours, "threads": threads}[kind](port, count)
    for _ in sys.stdin:
        begun = time.perf_counter()
        run()
        print((time.perf_counter() - begun) / count, flush=True)


if __name__ == "__main__":
    main()
