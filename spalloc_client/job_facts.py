"""What a job is and what it was given: everything about it that is asked and changes nothing."""

from collections.abc import Mapping

from spalloc_client.claim import Claim
from spalloc_client.deadline import NEVER, Deadline
from spalloc_client.exceptions import ProtocolError, RequestError
from spalloc_client.queue_position import QueuePosition, queue_position
from spalloc_client.records import Allocation, Board, Chip, ChipLocation, JobStatus, Location, PhysicalLocation
from spalloc_client.request import JobRequest
from spalloc_client.server import Server
from spalloc_client.states import JobState


class JobFacts:
    """The attributes of a :class:`spalloc_client.Job`.

    Parameters
    ----------
    server
        Where the job is.
    claim
        The job there.
    request
        What was asked for; None for a job that was taken over.
    """

    def __init__(self, server: Server, claim: Claim, request: JobRequest | None) -> None:
        self._server = server
        self._claim = claim
        self._request = request
        self._allocation: Allocation | None = None
        self._end: JobStatus | None = None

    def __repr__(self) -> str:
        what = "" if self._request is None else f": {self._request}"
        where = "" if self._allocation is None else f" on {self._allocation.machine_name}"
        end = ", destroyed" if self._end is not None else ""
        return f"<{type(self).__name__} {self.id}{what}{where}{end}>"

    # ---- what it is

    @property
    def id(self) -> int:
        """The job's id on the server; it changes when boards are given back and others asked for."""
        return self._claim.id

    @property
    def request(self) -> JobRequest | None:
        """What was asked for, to be held beside what was given; None for a job that was taken over."""
        return self._request

    @property
    def server(self) -> Server:
        """The server it is on; the connection is the job's own."""
        return self._server

    @property
    def end(self) -> JobStatus | None:
        """How the job was ended here; None while it was not, whatever others may have done to it."""
        return self._end

    def status(self, deadline: Deadline = NEVER) -> JobStatus:
        """Ask the server how the job is doing: state, power, reason and the rest in one answer.

        Parameters
        ----------
        deadline
            When to give up, if that is sooner than `timeout`.
        """
        if self._end is not None:
            return self._end
        try:
            status = self._server.status(self._claim.id, deadline)
        except ProtocolError:
            end = self._ended()
            if end is None:
                raise
            return end
        if status.state is JobState.queued:
            self._allocation = None
        return status

    def _ended(self) -> JobStatus | None:
        """Return how the job ended here, perhaps in another thread; None while it has not."""
        return self._end

    @property
    def state(self) -> JobState:
        """The current state."""
        return self.status().state

    @property
    def power(self) -> bool | None:
        """Whether the boards are on, or being switched on; None without boards."""
        return self.status().power

    @property
    def reason(self) -> str | None:
        """Why the job was destroyed; None if it was not, or if nobody said."""
        return self.status().reason

    @property
    def last_kept_alive(self) -> float | None:
        """When the server last confirmed that the job is alive, in seconds since 1970 (UTC); None before the first."""
        return self._claim.last_kept_alive

    # ---- what it was given

    @property
    def allocation(self) -> Allocation | None:
        """The boards and how to reach them, all at once; None before there are any."""
        if self._allocation is None and self._end is None:
            self._allocation = self._server.allocation(self.id)
        return self._allocation

    @property
    def hostname(self) -> str | None:
        """The host name of chip (0, 0); None without boards."""
        return None if self.allocation is None else self.allocation.hostname

    @property
    def connections(self) -> Mapping[Chip, str] | None:
        """The host names of all Ethernet chips by (x, y); None without boards."""
        return None if self.allocation is None else self.allocation.connections

    @property
    def width(self) -> int | None:
        """The width in chips; None without boards."""
        return None if self.allocation is None else self.allocation.width

    @property
    def height(self) -> int | None:
        """The height in chips; None without boards."""
        return None if self.allocation is None else self.allocation.height

    @property
    def machine_name(self) -> str | None:
        """The machine that the boards are part of; None without boards."""
        return None if self.allocation is None else self.allocation.machine_name

    @property
    def boards(self) -> tuple[Board, ...] | None:
        """The coordinates of the boards; None without boards."""
        return None if self.allocation is None else self.allocation.boards

    @property
    def queue_position(self) -> QueuePosition | None:
        """Where the job stands in the queue and how many boards are free; None if it is not queued."""
        return queue_position(self.id, self._server.jobs(), self._server.machines())

    # ---- where its chips are

    def where_is_machine(self, chip_x: int, chip_y: int) -> PhysicalLocation:
        """Return the cabinet, frame and board of one of the job's chips.

        Raises
        ------
        RequestError
            If the job has no such chip.
        """
        return self._locate(chip_x, chip_y).physical

    def chip_location(self, chip_x: int, chip_y: int) -> ChipLocation:
        """Return which board one of the job's chips is on, how it is reached, and where it is bolted in.

        Raises
        ------
        RequestError
            If the job has no such chip.
        """
        place = self._locate(chip_x, chip_y)
        allocation = self.allocation
        assert allocation is not None
        ethernet = Chip(
            (chip_x - place.board_chip.x) % allocation.width, (chip_y - place.board_chip.y) % allocation.height
        )
        return ChipLocation(allocation.connections.get(ethernet), place.board, place.physical, place.board_chip)

    def _locate(self, chip_x: int, chip_y: int) -> Location:
        allocation = self.allocation
        if allocation is None:
            raise RequestError(f"job {self.id} has no boards yet")
        place = None
        # A classic server would wrap a coordinate that is out of range, and find some other chip.
        if 0 <= chip_x < allocation.width and 0 <= chip_y < allocation.height:
            place = self._server.where_is(job_id=self.id, chip_x=chip_x, chip_y=chip_y)
        if place is None:
            raise RequestError(
                f"job {self.id} has no chip ({chip_x}, {chip_y}); it is {allocation.width} × {allocation.height} chips"
            )
        return place

    def report_problem(self, chip_x: int, chip_y: int, description: str, processor: int | None = None) -> None:
        """Tell the server that a chip of the job is faulty; some servers take a board out of service after two reports.

        Parameters
        ----------
        chip_x, chip_y
            The chip, as the job counts its chips.
        description
            What is wrong, in words.
        processor
            Which of the chip's cores; None for the chip as a whole.

        Raises
        ------
        NotSupportedError
            If the server takes no reports.
        """
        place = self.chip_location(chip_x, chip_y)
        if place.hostname is None:
            raise RequestError(f"no Ethernet chip is known for the board of chip ({chip_x}, {chip_y})")
        self._server.report_problem(place.hostname, description, (*place.board_chip, processor))
