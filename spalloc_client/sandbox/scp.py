"""The datagrams that SpiNNaker boards and their BMPs understand, as far as a server and a booting tool use them.

A datagram is two bytes of padding, an SDP header of eight bytes (flags, tag, destination port and core, source
port and core, destination y and x, source y and x), and a little-endian SCP packet: command, sequence number,
three arguments, data. A reply swaps the two addresses, carries a result instead of the command, and has no
arguments of its own. Source: SpiNNaker application notes 4 (SDP) and 5 (SCP).
"""

import struct
from dataclasses import dataclass

PORT = 17893
"""The UDP port of BMPs and of booted boards."""

CMD_VER = 0
CMD_FPGA_READ = 17
CMD_FPGA_WRITE = 18
CMD_BMP_POWER = 57

OK = 0x80
BAD_COMMAND = 0x83
BAD_ARGUMENT = 0x84
NO_ROUTE = 0x87
NO_REPLY = 0x8B

_REQUEST = struct.Struct("<2x8BHH")
_ARGUMENTS = struct.Struct("<III")
_REPLY = struct.Struct("<2x8BHH")
_VERSION = struct.Struct("<BBBBHHI")

_REPLY_FLAGS = 0x07
"""No answer to this answer is expected."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request."""

    tag: int
    destination: tuple[int, int, int]
    """Port and core in one byte, y, x."""
    source: tuple[int, int, int]
    command: int
    sequence: int
    arguments: tuple[int, int, int]
    data: bytes

    @property
    def core(self) -> int:
        """The core it is for; where a BMP is asked, the board."""
        return self.destination[0] & 0x1F

    def reply(self, body: bytes = b"", result: int = OK) -> bytes:
        """Return the datagram that answers it."""
        (port, y, x), (from_port, from_y, from_x) = self.source, self.destination
        header = (_REPLY_FLAGS, self.tag, port, from_port, y, x, from_y, from_x)
        return _REPLY.pack(*header, result, self.sequence) + body


def parse(datagram: bytes) -> Request | None:
    """Return the request in a `datagram`; None if it holds none."""
    if len(datagram) < _REQUEST.size:
        return None
    _flags, tag, to_port, from_port, to_y, to_x, from_y, from_x, command, sequence = _REQUEST.unpack_from(datagram)
    body = datagram[_REQUEST.size :].ljust(_ARGUMENTS.size, b"\0")
    one, two, three = _ARGUMENTS.unpack_from(body)
    return Request(
        tag=tag,
        destination=(to_port, to_y, to_x),
        source=(from_port, from_y, from_x),
        command=command,
        sequence=sequence,
        arguments=(one, two, three),
        data=body[_ARGUMENTS.size :],
    )


def version(name: str, number: str, *, x: int = 0, y: int = 0, core: int = 0) -> bytes:
    """Return the body of a reply to `CMD_VER`.

    Parameters
    ----------
    name
        Software and hardware, such as ``"SC&MP/SpiNNaker"``.
    number
        Its version, such as ``"3.4.2"``.
    x, y, core
        Who answers.
    """
    # 0xFFFF says: the version stands behind the name, as text.
    return _VERSION.pack(core, core, y, x, 256, 0xFFFF, 0) + f"{name}\0{number}\0".encode()
