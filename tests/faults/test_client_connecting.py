"""Connecting: IPv6, several addresses, nobody there, and an address that never answers."""

import os
import signal
import socket
import threading
import time

import pytest
from scripted_server import BlackHole, ScriptedServer
from scripted_server.timing import overshoot, within

from spalloc_client.deadline import Deadline
from spalloc_client.exceptions import ProtocolError, ProtocolTimeoutError, RequestError
from spalloc_client.protocol_client import ProtocolClient
from spalloc_client.server import Server


def test_a_server_that_listens_on_ipv6():
    with ScriptedServer(host="::1") as server, ProtocolClient("::1", server.port, timeout=10) as client:
        assert client.version() == "1!7.0.0"


def test_a_port_may_be_given_as_digits(server):
    with ProtocolClient(server.host, str(server.port), timeout=10) as client:
        assert client.version() == "1!7.0.0"


@pytest.mark.parametrize("port", ["", "http", "-1", 0, 65536, "22244x"])
def test_what_is_no_port_is_refused_by_name(port):
    with pytest.raises(RequestError, match="port") as caught:
        ProtocolClient("localhost", port)
    assert repr(port) in str(caught.value)


def test_nobody_there():
    with socket.create_server(("127.0.0.1", 0)) as vacated:
        port = vacated.getsockname()[1]
    client = ProtocolClient("127.0.0.1", port)
    with within(5), pytest.raises(ProtocolError, match="refused") as caught:
        client.connect()
    assert isinstance(caught.value, OSError)
    assert f"127.0.0.1:{port}" in str(caught.value)


@pytest.mark.parametrize("name", ["no-such-host.invalid", "", "x" * 300, "bücher..invalid", "a\0b"])
def test_a_name_that_nobody_knows(name):
    client = ProtocolClient(name, 22244, timeout=10)
    with within(30), pytest.raises(ProtocolError):
        client.connect()


def test_an_address_that_never_answers():
    with BlackHole() as hole:
        client = ProtocolClient(hole.host, hole.port, timeout=0.4)

        def knock():
            with pytest.raises(ProtocolTimeoutError, match=str(hole.port)):
                client.connect()

        assert overshoot(0.4, knock) < 0.2
        assert not client.connected


def test_a_connect_may_have_a_timeout_of_its_own():
    with BlackHole() as hole:
        client = ProtocolClient(hole.host, hole.port, timeout=60)

        def knock():
            with pytest.raises(ProtocolTimeoutError):
                client.connect(timeout=0.3)

        assert overshoot(0.3, knock) < 0.2


def test_whoever_waits_for_another_thread_that_connects_has_a_limit():
    with BlackHole() as hole:
        server = Server(hole.host, hole.port, timeout=2.0, reconnect_delay=0.1)

        def ask_for_long():
            with pytest.raises(ProtocolTimeoutError, match=str(hole.port)):
                server.machines()

        thread = threading.Thread(target=ask_for_long)
        thread.start()
        time.sleep(0.3)
        with within(1.5), pytest.raises(ProtocolTimeoutError, match="another thread is still connecting"):
            server.status(1, Deadline.after(0.3))
        thread.join()


def test_ctrl_c_at_an_address_that_never_answers():
    with BlackHole() as hole:
        client = ProtocolClient(hole.host, hole.port)
        interrupting = threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT))
        interrupting.start()
        with within(5), pytest.raises(KeyboardInterrupt):
            client.connect()
        interrupting.join()
        assert not client.connected


class Resolver:
    """Stands in for the name service, which cannot be had with such entries on every computer."""

    def __init__(self, *addresses: str) -> None:
        self.addresses = addresses

    def __call__(self, _host, port, *_args, **_kwargs):
        families = [socket.AF_INET6 if ":" in address else socket.AF_INET for address in self.addresses]
        return [
            (family, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (address, port))
            for family, address in zip(families, self.addresses, strict=True)
        ]


@pytest.mark.parametrize("addresses", [("::1", "127.0.0.1"), ("127.9.9.9", "::1", "127.0.0.1")])
def test_several_addresses_of_which_the_first_refuse(server, monkeypatch, addresses):
    monkeypatch.setattr(socket, "getaddrinfo", Resolver(*addresses))
    with ProtocolClient("spalloc.example", server.port, timeout=10) as client:
        assert client.version() == "1!7.0.0"


@pytest.mark.parametrize("timeout", [2.0, None])
def test_several_addresses_of_which_the_first_never_answers(server, monkeypatch, timeout):
    monkeypatch.setattr(socket, "getaddrinfo", Resolver("127.9.9.9", "127.0.0.1"))
    with BlackHole("127.9.9.9", server.port):
        client = ProtocolClient("spalloc.example", server.port, timeout=timeout)
        with within(15):
            client.connect()
        assert client.version() == "1!7.0.0"
        client.close()


def test_all_addresses_together_keep_to_the_timeout(monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", Resolver("127.9.9.9", "127.9.9.8", "127.9.9.7"))
    with BlackHole("127.9.9.9") as hole, BlackHole("127.9.9.8", hole.port), BlackHole("127.9.9.7", hole.port):
        client = ProtocolClient("spalloc.example", hole.port, timeout=0.6)

        def knock():
            with pytest.raises(ProtocolTimeoutError):
                client.connect()

        assert overshoot(0.6, knock) < 0.2


def test_a_server_that_is_frozen_accepts_and_is_found_out_by_the_first_call(server, connect):
    server.freeze()
    client = connect(server, timeout=0.3)
    with within(5), pytest.raises(ProtocolTimeoutError):
        client.version()
    server.thaw()
    time.sleep(0.2)
    client.connect()
    assert client.version() == "1!7.0.0"


def test_the_repr_says_where_and_whether(server, client):
    assert repr(client) == f"<ProtocolClient 127.0.0.1:{server.port}, connected>"
    client.close()
    assert repr(client) == f"<ProtocolClient 127.0.0.1:{server.port}, not connected>"
