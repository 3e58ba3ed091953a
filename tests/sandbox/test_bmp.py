"""What a simulated BMP answers; the server's own questions are asked elsewhere, by the server."""

import struct

import pytest

from spalloc_client.records import Board
from spalloc_client.sandbox.hardware import Bmp, SimulatedBoard

OK, BAD_COMMAND, BAD_ARGUMENT, NO_REPLY = 0x80, 0x83, 0x84, 0x8B
VERSION, READ, WRITE, POWER = 0, 17, 18, 57
STOP_EAST = 0x5C


@pytest.fixture
def bmp():
    return Bmp(2, 3, {slot: SimulatedBoard(Board(0, 0, slot)) for slot in range(3)}, [])


def ask(bmp, command, one=0, two=0, three=0, *, data=b"", board=0):
    """Return the result and the data of the answer."""
    header = struct.pack("<2x8BHH3I", 0x87, 0xFE, board, 0x1F, 4, 5, 6, 7, command, 42, one, two, three)
    answer = bmp.answer(header + data)
    tag, to, asked, y, x, from_y, from_x, result, sequence = struct.unpack_from("<3x7BHH", answer)
    assert (tag, to, asked, y, x, from_y, from_x) == (0xFE, 0x1F, board, 6, 7, 4, 5), "the addresses are swapped"
    assert sequence == 42
    return result, answer[14:]


def test_boards_are_switched_by_a_mask(bmp):
    assert ask(bmp, POWER, 1, 0b101) == (OK, b"")
    assert [board.on for board in bmp.boards.values()] == [True, False, True]
    assert ask(bmp, POWER, 0, 0b001) == (OK, b"")
    assert [board.on for board in bmp.boards.values()] == [False, False, True]
    assert [event[1:] for event in bmp.log] == [(2, 3, (0, 2), True), (2, 3, (0,), False)]


def test_slots_without_a_board_are_passed_over(bmp):
    assert ask(bmp, POWER, 1, 0xFFFFFF) == (OK, b"")
    assert bmp.log[0].boards == (0, 1, 2)


def test_a_failing_board_stays_off_and_the_bmp_says_so(bmp):
    bmp.boards[1].fails_power_on = True
    assert ask(bmp, POWER, 1, 0b111) == (NO_REPLY, b"")
    assert [board.on for board in bmp.boards.values()] == [True, False, True]
    assert ask(bmp, POWER, 1, 0b101) == (OK, b"")
    assert ask(bmp, POWER, 0, 0b111) == (OK, b""), "switching off never fails"


def test_registers_keep_what_is_written_until_the_board_is_switched(bmp):
    assert ask(bmp, WRITE, STOP_EAST, 4, 0, data=(1).to_bytes(4, "little"), board=2) == (OK, b"")
    assert ask(bmp, READ, STOP_EAST, 4, 0, board=2) == (OK, bytes([1, 0, 0, 0]))
    assert ask(bmp, READ, STOP_EAST, 4, 0, board=1) == (OK, bytes(4))
    ask(bmp, POWER, 1, 0b100)
    assert ask(bmp, READ, STOP_EAST, 4, 0, board=2) == (OK, bytes(4))


@pytest.mark.parametrize("fpga", [0, 1, 2])
def test_each_fpga_knows_its_number(bmp, fpga):
    assert ask(bmp, READ, 0x40004, 4, fpga) == (OK, bytes([fpga, 0, 0, 0]))


def test_it_tells_its_version(bmp):
    result, data = ask(bmp, VERSION)
    assert result == OK
    assert data[12:] == b"BC&MP/Sandbox\x002.1.0\0"


@pytest.mark.parametrize("command", [READ, WRITE])
def test_a_board_that_is_not_there(bmp, command):
    assert ask(bmp, command, data=bytes(4), board=9) == (BAD_ARGUMENT, b"")


def test_nothing_to_write(bmp):
    assert ask(bmp, WRITE, STOP_EAST, 4, 0) == (BAD_ARGUMENT, b"")


def test_an_unknown_command(bmp):
    assert ask(bmp, 99) == (BAD_COMMAND, b"")


@pytest.mark.parametrize("length", range(14))
def test_what_is_too_short_is_not_answered(bmp, length):
    assert bmp.answer(bytes(length)) is None
