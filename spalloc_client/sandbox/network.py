"""The sockets of the simulated hardware, and the thread that serves them."""

import errno
import random
import resource
import selectors
import socket
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack, suppress
from functools import partial

from spalloc_client.exceptions import SandboxError
from spalloc_client.sandbox import scp
from spalloc_client.sandbox.booting import BOOT_PORT, BoardNetwork
from spalloc_client.sandbox.hardware import Bmp, PowerEvent, SimulatedBoard
from spalloc_client.sandbox.machines import Rack, SimulatedMachine, racks

_LARGEST_DATAGRAM = 2048

Address = tuple[str, int]
Answer = Callable[[bytes], bytes | None]
"""What answers a datagram; None for silence."""


class Network:
    """All simulated hardware of a sandbox, at loopback addresses that no other sandbox uses.

    Parameters
    ----------
    machines
        What to simulate.

    Raises
    ------
    SandboxError
        The machines do not fit, no addresses are left, or too few files may be open.
    """

    def __init__(self, machines: Sequence[SimulatedMachine]) -> None:
        self.log: list[PowerEvent] = []
        """What the BMPs switched, oldest first."""
        self.lock = threading.Lock()
        """Held while the hardware changes, and to be held while it is looked at."""
        boards = sum(rack.machine.boards for rack in racks(machines, "127.0"))
        _allow_open_files(64 + 3 * boards)
        self.racks, sockets = _claim(machines)
        self.machines, answers = _plug_in(self.racks, self.log)
        self._stop, self._stopped = socket.socketpair()
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._stopped, selectors.EVENT_READ)
        for address, sock in sockets.items():
            self._selector.register(sock, selectors.EVENT_READ, answers[address])
        self._thread = threading.Thread(target=self._serve, name="simulated hardware", daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            for key, _events in self._selector.select():
                if key.fileobj is self._stopped:
                    return
                assert isinstance(key.fileobj, socket.socket)
                self._answer(key.fileobj, key.data)

    def _answer(self, sock: socket.socket, answer: Answer) -> None:
        # An asker that has gone away is reported here on Linux; the others are still there.
        with suppress(OSError):
            datagram, asker = sock.recvfrom(_LARGEST_DATAGRAM)
            with self.lock:
                reply = answer(datagram)
            if reply is not None:
                sock.sendto(reply, asker)

    def close(self) -> None:
        """Stop the thread and free the addresses."""
        self._stop.close()
        self._thread.join()
        sockets = [key.fileobj for key in self._selector.get_map().values()]
        self._selector.close()
        for sock in sockets:
            assert isinstance(sock, socket.socket)
            sock.close()


def _allow_open_files(needed: int) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if resource.RLIM_INFINITY in {soft, hard}:
        return
    if needed > hard:
        raise SandboxError(f"So many boards need {needed} open files, and only {hard} are allowed here (ulimit -Hn).")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, needed), hard))


def _claim(machines: Iterable[SimulatedMachine]) -> tuple[list[Rack], Mapping[Address, socket.socket]]:
    """Find a network 127.N.0.0 that nobody uses, and bind every address of the machines in it."""
    candidates = list(range(1, 255))
    random.shuffle(candidates)
    machines = tuple(machines)
    for network in candidates:
        placed = racks(machines, f"127.{network}")
        try:
            return placed, _bind(_plug_in(placed, [])[1])
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise SandboxError(f"The simulated boards cannot have their addresses: {error.strerror}.") from error
    raise SandboxError(f"No address for simulated boards is free: UDP port {scp.PORT} is in use on all of 127.0.0.0/8.")


def _bind(addresses: Iterable[Address]) -> Mapping[Address, socket.socket]:
    with ExitStack() as opened:
        sockets = {}
        for address in addresses:
            sockets[address] = opened.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
            sockets[address].bind(address)
            sockets[address].setblocking(False)
        opened.pop_all()
        return sockets


def _plug_in(placed: Iterable[Rack], log: list[PowerEvent]) -> tuple[dict[str, BoardNetwork], dict[Address, Answer]]:
    """Return the boards of all machines by the machine's name, and what answers at each address."""
    machines: dict[str, BoardNetwork] = {}
    answers: dict[Address, Answer] = {}
    for rack in placed:
        machines[rack.machine.name] = network = BoardNetwork(rack.machine)
        frames: dict[tuple[int, int], dict[int, SimulatedBoard]] = {}
        for coordinate, place in rack.machine.places().items():
            board = network.boards[coordinate]
            frames.setdefault((place.cabinet, place.frame), {})[place.board] = board
            answers[rack.board_address(place), scp.PORT] = partial(network.answer, board)
            answers[rack.board_address(place), BOOT_PORT] = partial(network.load, board)
        for (cabinet, frame), slots in frames.items():
            answers[rack.bmp_address(cabinet, frame), scp.PORT] = Bmp(cabinet, frame, slots, log).answer
    return machines, answers
