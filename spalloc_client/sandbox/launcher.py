"""Run the real spalloc server: ``python launcher.py DIRECTORY POWER_ON_SECONDS [server's arguments]``.

Four things have to be different from a server that has hardware. They are set here, before the server is loaded,
and nowhere else; the server's own code is run as it is.

* It waits shorter after switching boards on, and before it tries again when that failed.
* It waits longer for a BMP's answer: this computer may be busy, and no datagram is ever lost here.
* Its UDP sockets are bound to loopback and not to every interface.
* It ends, and takes its directory with it, when the other end of its standard input is gone: nobody would be left
  to end it.

This file is run by its path: it needs spalloc_server, and nothing of this package.
"""

import os
import shutil
import socket
import sys
import threading


def _follow_owner(directory: str) -> None:
    os.read(0, 1)  # nobody ever writes
    shutil.rmtree(directory, ignore_errors=True)
    os._exit(1)


def _bind_to_loopback(sock: socket.socket, host: str, port: int) -> None:
    sock.bind((host or "127.0.0.1", port))


def main() -> int:
    """Prepare the ground, run the server, and return its exit code."""
    directory, seconds = sys.argv[1], float(sys.argv[2])
    threading.Thread(target=_follow_owner, args=(directory,), daemon=True).start()

    from spinnman import constants

    constants.BMP_POST_POWER_ON_SLEEP_TIME = seconds
    constants.BMP_TIMEOUT = constants.BMP_POWER_ON_TIMEOUT

    from spalloc_server import async_bmp_controller, server
    from spinnman.connections.udp_packet_connections import udp_connection

    async_bmp_controller._SECONDS_BETWEEN_TRIES = seconds  # noqa: SLF001 - it has no public name
    udp_connection.bind_socket = _bind_to_loopback
    return int(server.main(sys.argv[3:]))


if __name__ == "__main__":
    sys.exit(main())
