"""Measures one long answer: ``reading.py KIND PORT LENGTH`` prints its seconds, per order.

LENGTH is that of one line in bytes; 0 for the list of jobs.
"""

import json
import socket
import sys
import time
from collections.abc import Callable


def request(length: int) -> tuple[str, tuple[int, ...]]:
    return ("bench_long_line", (length,)) if length else ("list_jobs", ())


def floor(port: int, length: int) -> Callable[[], object]:
    sock = socket.create_connection(("127.0.0.1", port))
    command, args = request(length)
    line = json.dumps({"command": command, "args": args, "kwargs": {}}).encode() + b"\n"

    def run() -> object:
        sock.sendall(line)
        pieces = []
        while not pieces or not pieces[-1].endswith(b"\n"):
            pieces.append(sock.recv(1 << 16))
        return json.loads(b"".join(pieces))["return"]

    return run


def reference(port: int, length: int) -> Callable[[], object]:
    from spalloc_client import ProtocolClient

    client = ProtocolClient("127.0.0.1", port)
    client.connect(60.0)
    command, args = request(length)
    return lambda: client.call(command, 60.0, *args)


def ours(port: int, length: int) -> Callable[[], object]:
    from spalloc_client import ProtocolClient

    client = ProtocolClient("127.0.0.1", port, timeout=60.0)
    client.connect()
    command, args = request(length)
    return lambda: client.call(command, *args)


def records(port: int, _length: int) -> Callable[[], object]:
    from spalloc_client.server import Server

    server = Server("127.0.0.1", port, timeout=60.0, reconnect_delay=1.0)
    server.connect()
    return server.jobs


def main() -> None:
    kind, port, length = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    run = {"floor": floor, "reference": reference, "ours": ours, "records": records}[kind](port, length)
    for _ in sys.stdin:
        begun = time.perf_counter()
        run()
        print(time.perf_counter() - begun, flush=True)


if __name__ == "__main__":
    main()
