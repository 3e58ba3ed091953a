"""The keeping itself, run in a thread of this process: names, addresses, and servers that misbehave."""

import _socket
import os
import select
import socket
import subprocess
import sys
import threading
import time

import psutil
import pytest
from owners import REPOSITORY, create_jobs, guardians_of, live, until
from scripted_server import BlackHole, ScriptedServer, silence

from spalloc_client.guardian_link import Name
from spalloc_client.guardian_process import Guardian


class Orders:
    """The owner's end of the line."""

    def __init__(self, **more):
        self.channel, other = socket.socketpair()
        # The smallest there is, which some two dozen lines fill.
        other.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1)
        self.guardian = Guardian(other, **more)
        self.thread = threading.Thread(target=self.guardian.run)
        self.thread.start()
        self.news = self.channel.makefile("rb")
        assert self.news.readline() == b"ready\n"

    def keep(self, serial, port, *, job=1, host="127.0.0.1", keepalive=0.9, delay=5.0, timeout=5.0, ends=1):
        words = f"keep {serial} {job} {keepalive} {delay} {timeout} {ends} {port} {host.encode().hex()}\n"
        self.channel.sendall(words.encode())

    def kept(self, timeout=20.0):
        """Return the serial numbers of the next that are reported to be kept."""
        assert select.select([self.channel], [], [], timeout)[0], "nothing is kept"
        return [int(word) for word in self.news.readline().split()[2:]]

    def end(self):
        self.channel.shutdown(socket.SHUT_WR)
        self.thread.join(20)
        assert not self.thread.is_alive()
        self.news.close()
        self.channel.close()


@pytest.fixture
def orders():
    started = Orders()
    yield started
    if started.channel.fileno() >= 0:
        started.end()


class Names:
    """Stands in for the name service, which cannot be had with such entries on every computer."""

    def __init__(self, *addresses, slow=0.0, fails=0, port=None):
        self.addresses = addresses
        self.slow = slow
        self.fails = fails
        self.port = port
        self.original = _socket.getaddrinfo

    def __call__(self, host, port, family, kind, protocol, flags):  # noqa: PLR0917 - as the original
        if flags & _socket.AI_NUMERICHOST:
            return self.original(host, port, family, kind, protocol, flags)
        time.sleep(self.slow)
        self.fails -= 1
        if self.fails >= 0:
            raise _socket.gaierror(-3, "Temporary failure in name resolution")
        families = [socket.AF_INET6 if ":" in address else socket.AF_INET for address in self.addresses]
        return [
            (family, kind, protocol, "", (address, self.port or port))
            for family, address in zip(families, self.addresses, strict=True)
        ]


@pytest.mark.parametrize("has_pidfds", [True, False])
def test_the_end_of_its_owner_is_seen_though_the_line_is_open(server, has_pidfds):
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as owner:
        pidfd = os.pidfd_open(owner.pid) if has_pidfds else -1
        orders = Orders(owner=owner.pid, pidfd=pidfd)
        orders.keep(7, server.port, keepalive=60.0)
        assert orders.kept() == [7]
        time.sleep(0.2)
        assert 1 in live(server)
        owner.stdin.close()
        owner.wait()
        until(lambda: 1 not in live(server))
        orders.end()
    if has_pidfds:
        os.close(pidfd)


def test_an_owner_by_another_users_name(server):
    """It may have changed it; that is not its end."""
    orders = Orders(owner=1)
    orders.keep(7, server.port, keepalive=0.9)
    for _ in range(5):
        assert orders.kept() == [7]
    orders.end()


def test_an_owner_that_hangs_up_rudely(server, orders):
    """With the guardian's news unread, the line ends in a reset."""
    orders.keep(7, server.port, keepalive=0.15)
    server.wait_for("job_keepalive", 3)
    orders.news.close()
    orders.channel.close()
    orders.thread.join(20)
    assert 1 not in live(server)


def test_a_system_without_poll(server, orders, monkeypatch):
    monkeypatch.delattr(select, "poll")
    orders.keep(7, server.port)
    assert [orders.kept(), orders.kept()] == [[7], [7]]


def test_the_program_runs_as_it_is(server):
    """By hand, too, and with all that a site adds to Python."""
    channel, other = socket.socketpair()
    words = [str(os.getpid()), str(other.fileno()), "-1"]
    program = REPOSITORY / "spalloc_client" / "guardian_process.py"
    started = subprocess.run([sys.executable, program, *words], pass_fds=[other.fileno()], timeout=30, check=True)
    assert started.returncode == 0
    other.close()
    with channel, channel.makefile("rb") as news:
        assert news.readline() == b"ready\n"
        [guardian] = guardians_of(os.getpid(), options=1)
        channel.sendall(f"keep 7 1 60.0 5.0 5.0 1 {server.port} {b'localhost'.hex()}\n".encode())
        assert news.readline().startswith(b"kept ")
        channel.shutdown(socket.SHUT_WR)
        assert news.readline() == b""
    until(lambda: not guardian.is_running() or guardian.status() == psutil.STATUS_ZOMBIE)
    assert 1 not in live(server)


def test_a_name_of_this_computer(server, orders):
    orders.keep(7, server.port, host="localhost")
    assert orders.kept() == [7]


def test_ipv6(orders):
    with ScriptedServer(host="::1") as server:
        orders.keep(7, server.port, host="::1", keepalive=1.5)
        assert orders.kept() == [7]


@pytest.mark.parametrize("addresses", [("::1", "127.0.0.1"), ("127.9.9.9", "::1", "127.0.0.1")])
def test_several_addresses_of_which_the_first_refuse(server, orders, monkeypatch, addresses):
    """A name may mean IPv6 first, where the classic server does not listen."""
    monkeypatch.setattr(_socket, "getaddrinfo", Names(*addresses))
    orders.keep(7, server.port, host="spalloc.example")
    assert orders.kept() == [7]


def test_several_addresses_of_which_the_first_never_answers(server, orders, monkeypatch):
    """It costs one timeout, and after that what has served is asked first."""
    monkeypatch.setattr(_socket, "getaddrinfo", Names("127.9.9.9", "127.0.0.1"))
    with BlackHole("127.9.9.9", server.port):
        orders.keep(7, server.port, host="spalloc.example", keepalive=1.5)
        assert orders.kept() == [7]
        for _ in range(3):
            server.drop_connections()
            assert orders.kept(2) == [7]


def test_a_name_that_is_not_known_at_first(server, orders, monkeypatch):
    monkeypatch.setattr(_socket, "getaddrinfo", Names("127.0.0.1", fails=3))
    orders.keep(7, server.port, host="spalloc.example")
    assert orders.kept() == [7]


def test_a_slow_name_service_holds_nobody_up(server, orders, monkeypatch):
    """Neither other servers, nor this one once it is known."""
    monkeypatch.setattr(_socket, "getaddrinfo", Names("127.0.0.1", slow=1.5))
    orders.keep(7, server.port, host="spalloc.example")
    orders.keep(8, server.port)
    assert orders.kept(1) == [8]
    while 7 not in orders.kept():
        pass
    server.restart()
    server.restart(outage=0.5)
    while 7 not in orders.kept(1.4):
        pass


@pytest.mark.parametrize("host", ["bücher.invalid", "no such host", "", "\udcff", "a" * 5000, "..", "a\0b", "{}%s\n"])
def test_names_that_nobody_has(server, orders, host):
    """Text is data: the others are kept as before."""
    orders.keep(7, server.port, host=host.encode(errors="replace").decode(), keepalive=0.6)
    orders.keep(8, server.port)
    assert orders.kept() == [8]
    assert orders.kept() == [8]
    orders.end()


def test_an_address_that_cannot_even_be_tried(server, orders, monkeypatch):
    monkeypatch.setattr(_socket, "getaddrinfo", Names("255.255.255.255", "127.0.0.1"))
    orders.keep(7, server.port, host="spalloc.example")
    assert orders.kept() == [7]


def test_a_name_is_looked_up_though_nobody_waits_any_more():
    woken, wake = _socket.socketpair()
    name = Name(b"localhost", 22244, wake)
    assert name.addresses() is None
    assert woken.recv(1)
    assert name.addresses()
    wake.close()
    name._look_up()
    assert name.addresses()
    woken.close()


def test_a_port_that_nobody_has(server, orders, monkeypatch):
    monkeypatch.setattr(_socket, "getaddrinfo", Names("127.0.0.1", port=123456))
    orders.keep(7, server.port, host="spalloc.example", keepalive=0.6)
    orders.keep(8, server.port)
    assert orders.kept() == [8]
    orders.end()


def test_a_server_that_falls_silent_is_called_again(server, orders):
    orders.keep(7, server.port, keepalive=1.5)
    assert orders.kept() == [7]
    server.script("job_keepalive", silence(), times=2)
    assert orders.kept() == [7]
    assert len(server.connections) >= 3
    assert len(server.open_connections()) == 1


def test_answers_are_matched_in_order(server, orders):
    def act(connection, answer):
        refused = server.requests[-1].args == [2]
        connection.send(b'{"exception": "no such job"}\r\n' if refused else answer())

    server.script("job_keepalive", act, times=None)
    for job in (1, 2, 3):
        orders.keep(job, server.port, job=job)
    heard = {serial for _ in range(4) for serial in orders.kept()}
    assert heard == {1, 3}


def test_an_order_for_a_ward_whose_keepalive_is_unanswered(server, orders):
    """The answer to the keepalive is not taken for that to destroying the job."""
    orders.keep(7, server.port, keepalive=30.0)
    assert orders.kept() == [7]
    server.script("job_keepalive", silence(), times=None)
    orders.keep(8, server.port, job=2, keepalive=30.0)
    server.wait_for("job_keepalive", 2)
    orders.channel.sendall(b'destroy 8 "over"\n')
    until(lambda: 2 not in live(server))
    server.unscript()
    orders.channel.sendall(b"release 7\nrelease 7\nrelease 99\n")
    # What was left unanswered is asked again, and then there is nothing left to do.
    until(lambda: not orders.guardian._links, 20)
    orders.end()
    assert 1 in live(server)


def test_a_server_that_refuses_to_destroy_is_not_asked_for_ever(server, orders):
    server.script("destroy_job", lambda connection, _: connection.send(b'{"exception": ""}\r\n'), times=None)
    orders.keep(7, server.port, keepalive=60.0)
    assert orders.kept() == [7]
    orders.end()
    assert server.commands().count("destroy_job") == 1


def test_a_job_that_cannot_be_destroyed_is_given_up(server, orders):
    orders.keep(7, server.port, keepalive=1.0)
    orders.keep(8, server.port, job=2, keepalive=1.0)
    server.wait_for("job_keepalive", 4)
    server.freeze()
    orders.channel.sendall(b"destroy 8 null\n")
    server.wait_for("destroy_job")
    began = time.monotonic()
    orders.end()
    assert 0.5 < time.monotonic() - began < 5
    server.thaw()


def test_a_slow_reader(orders):
    """A thousand jobs, more than fits into the buffers of a server that does not read."""
    with ScriptedServer(receive_buffer=2048) as server:
        create_jobs(server, 1, None)
        server.greeting = lambda connection: connection.reading.clear()
        for serial in range(3000):
            orders.keep(serial, server.port, keepalive=9.0, ends=0)
        time.sleep(1)
        # What it says while it does not listen is heard.
        server.send(b'{"jobs_changed": [1]}\n\n')
        time.sleep(0.2)
        for connection in server.connections:
            connection.reading.set()
        server.greeting = None
        heard = set()
        while len(heard) < 3000:
            heard.update(orders.kept())
        assert len(server.open_connections()) == 1


def test_an_owner_that_does_not_listen(server, orders):
    """News that it does not take are lost, and its jobs are kept."""
    for serial in range(20):
        orders.keep(serial, server.port, job=serial + 1, keepalive=0.15)
    until(lambda: server.commands().count("job_keepalive") > 1500, 60)
    assert 1 in live(server)
