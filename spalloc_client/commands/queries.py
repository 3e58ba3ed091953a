"""The four ways to ask where something is."""

from typing import NamedTuple


class BoardQuery(NamedTuple):
    """A board by its logical coordinate."""

    machine: str
    x: int
    y: int
    z: int


class PhysicalQuery(NamedTuple):
    """A board by where it is bolted in."""

    machine: str
    cabinet: int
    frame: int
    board: int


class ChipQuery(NamedTuple):
    """A chip, as if the whole machine were booted as one."""

    machine: str
    chip_x: int
    chip_y: int


class JobChipQuery(NamedTuple):
    """A chip, as a job counts its chips."""

    job_id: int
    chip_x: int
    chip_y: int


Query = BoardQuery | PhysicalQuery | ChipQuery | JobChipQuery
