"""Simulated boards take a boot image and answer as booted boards do."""

import socket
import struct
import time
from contextlib import suppress

import pytest
from owners import until

from spalloc_client.records import Chip
from spalloc_client.sandbox import Sandbox

HEADER = struct.Struct(">HIIII")
BLOCKS = 30
OK, NO_ROUTE, BAD_COMMAND = 0x80, 0x87, 0x83


def boot(host, *, missing=()):
    """Send a boot image, as Rig and SpiNNMan do."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.connect((host, 54321))
        sock.send(HEADER.pack(1, 1, 0, 0, BLOCKS - 1))
        for block in range(BLOCKS):
            if block not in missing:
                sock.send(HEADER.pack(1, 3, 255 << 8 | block, 0, 0) + bytes(1024))
        sock.send(HEADER.pack(1, 5, 1, 0, 0))


def ask_chip(host, x=255, y=255, command=0, timeout=10.0):
    """Return result, chip and text of a chip's answer; None if there is none."""
    give_up = time.monotonic() + timeout
    answer = None
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(0.1)
        sock.connect((host, 17893))
        while answer is None:
            if time.monotonic() > give_up:
                return None
            sock.send(struct.pack("<2x8BHH3I", 0x87, 0xFF, 0, 0xFF, y, x, 0, 0, command, 0x1234, 0, 0, 0))
            with suppress(TimeoutError):
                answer = sock.recv(512)
    result, sequence = struct.unpack_from("<10xHH", answer)
    assert sequence == 0x1234
    return result, Chip(answer[17], answer[16]) if len(answer) > 17 else None, answer[26:]


@pytest.fixture
def job(sandbox, ask):
    """A job of six boards that lies in the middle of the machine's edges; its connections."""
    server = ask(sandbox)
    server.create(0, 0, 0, machine="sandbox")
    number = server.create(6)
    info = server("get_job_machine_info", number)
    return {Chip(*chip): host for chip, host in info["connections"]}


def test_boards_are_silent_until_booted(job):
    assert ask_chip(job[0, 0], timeout=0.3) is None


def test_the_image_boots_all_boards_of_the_job_and_no_other(sandbox, job):
    others = sandbox.boards_on()
    boot(job[0, 0])
    for chip, host in job.items():
        result, here, text = ask_chip(host)
        assert (result, here) == (OK, chip), "chips are counted from the board that was given the image"
        assert text == b"SC&MP/SpiNNaker\x003.4.2\0"
    assert sandbox.boards_booted() == others - {(0, 0, 0)}


def test_any_chip_of_the_machine_answers_over_any_board(job):
    boot(job[0, 0])
    assert ask_chip(job[0, 0], 15, 11)[:2] == (OK, (15, 11))
    assert ask_chip(job[8, 4], 0, 0)[:2] == (OK, (0, 0))
    assert ask_chip(job[0, 0], 24, 40)[0] == NO_ROUTE
    assert ask_chip(job[0, 0], command=99)[0] == BAD_COMMAND


def test_an_incomplete_image_boots_nothing(sandbox, job):
    boot(job[0, 0], missing=[7])
    assert ask_chip(job[0, 0], timeout=0.3) is None
    assert sandbox.boards_booted() == set()
    boot(job[0, 0])
    assert ask_chip(job[0, 0])


def test_power_off_unboots_and_so_does_a_reset(sandbox, ask):
    server = ask(sandbox)
    number = server.create(3)
    host = server("get_job_machine_info", number)["connections"][0][1]
    for power in ("power_off_job_boards", "power_on_job_boards"):
        boot(host)
        assert ask_chip(host)
        server(power, number)
        while server.state(number) != 3:
            pass
        assert ask_chip(host, timeout=0.3) is None
        server("power_on_job_boards", number)
        while server.state(number) != 3:
            pass


def test_a_board_that_is_off_takes_no_image(ask):
    with Sandbox(3) as sandbox:
        server = ask(sandbox)
        number = server.create(3)
        host = server("get_job_machine_info", number)["connections"][0][1]
        server("destroy_job", number)
        while sandbox.boards_on():
            pass
        boot(host)
        assert ask_chip(host, timeout=0.3) is None


def test_a_board_can_be_told_to_fail(sandbox, ask):
    server = ask(sandbox)
    info = server("get_job_machine_info", server.create(3))
    hosts = {Chip(*chip): host for chip, host in info["connections"]}
    sandbox.fail_boot((0, 0, 0))
    boot(hosts[0, 0])
    assert ask_chip(hosts[0, 0], timeout=0.3) is None
    assert sandbox.boards_booted() == set()
    sandbox.mend()
    sandbox.fail_boot((0, 0, 1))
    boot(hosts[0, 0])
    assert ask_chip(hosts[0, 0])
    assert sandbox.boards_booted() == {(0, 0, 0), (0, 0, 2)}
    sandbox.fail_boot((0, 0, 0))
    boot(hosts[0, 0])
    until(lambda: sandbox.boards_booted() == set())


def test_a_dead_link_carries_nothing(ask):
    """Of a triad, board 0 reaches board 2 over its northern link, or over board 1."""
    north = [(x, y, 0, 2) for x in range(4) for y in range(2)]
    with Sandbox(24, dead_links=north) as sandbox:
        server = ask(sandbox)
        info = server("get_job_machine_info", server.create(3))
        [host] = [host for chip, host in info["connections"] if chip == [0, 0]]
        x, y, _ = info["boards"][0]
        sandbox.fail_boot((x, y, 1))
        boot(host)
        assert ask_chip(host)
        assert sandbox.boards_booted() == {(x, y, 0)}


def test_the_whole_of_the_largest_machine_boots(ask):
    with Sandbox(1200) as sandbox:
        server = ask(sandbox)
        info = server("get_job_machine_info", server.create(1200))
        hosts = {Chip(*chip): host for chip, host in info["connections"]}
        boot(hosts[0, 0])
        assert ask_chip(hosts[228, 228])[:2] == (OK, (228, 228))
        assert len(sandbox.boards_booted()) == 1200


def test_rubbish_harms_nobody(job):
    bmp = job[0, 0].rsplit(".", 1)[0] + ".0"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        for rubbish in (b"", b"x", bytes(13), b"\xff" * 14, b"\xff" * 1500, b"\xff" * 9000):
            for address in ((job[0, 0], 17893), (job[0, 0], 54321), (bmp, 17893)):
                sock.sendto(rubbish, address)
    boot(job[0, 0])
    assert ask_chip(job[0, 0])
