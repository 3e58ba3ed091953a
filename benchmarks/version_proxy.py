"""Passes everything between clients and a spalloc server on, and answers ``version`` with one that all clients accept.

``python version_proxy.py PORT`` stands before the server at 127.0.0.1:PORT, and prints its own port. The reference
client refuses the newest server's version number; so both clients talk to the server through this.
"""

import re
import socket
import sys
import threading
from contextlib import suppress

EPOCH = re.compile(rb'("return": ")\d+!\d+\.\d+\.\d+(")')


def pass_on(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(1 << 16):
            sink.sendall(EPOCH.sub(rb"\g<1>1.0.0\g<2>", data) if len(data) < 100 else data)
    for sock in (source, sink):
        with suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)


def main() -> None:
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    print(listener.getsockname()[1], flush=True)
    while True:
        client, _ = listener.accept()
        server = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
        for sock in (client, server):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for ends in ((client, server), (server, client)):
            threading.Thread(target=pass_on, args=ends, daemon=True).start()


if __name__ == "__main__":
    main()
