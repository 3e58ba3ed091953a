"""The options of the commands that look at jobs and machines."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from spalloc_client.commands.command import add_ignored_options, add_server_options, add_setting, given_options
from spalloc_client.commands.words import board_query, chip_query, job_chip_query, physical_query, whole_number

if TYPE_CHECKING:
    from spalloc_client.commands.arguments import JobArguments, MachineArguments, PsArguments, WhereIsArguments


def add_job_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``spalloc-job``."""
    parser.add_argument(
        "job_id",
        nargs="?",
        type=whole_number,
        metavar="JOB_ID",
        help="the job; may be left out if the owner has only one",
    )
    parser.usage = "%(prog)s [JOB_ID] [WHAT TO DO] [OPTION ...]"
    actions = parser.add_argument_group("what to do").add_mutually_exclusive_group()
    for flags, action, says in (
        (("--info", "-i"), "info", "show what is known about it (default)"),
        (("--watch", "-w"), "watch", "show it again whenever it changes, until Ctrl-C"),
        (("--power-on", "--reset", "-p", "-r"), "power_on", "switch its boards on, or off and on again"),
        (("--power-off",), "power_off", "switch its boards off"),
        (("--ethernet-ips", "-e"), "ethernet_ips", "list the host names of its Ethernet chips as CSV"),
    ):
        actions.add_argument(*flags, dest="action", action="store_const", const=action, help=says)
    actions.add_argument(
        "--destroy", "-D", nargs="?", const="", metavar="REASON", help="end it, queued or running, and say why"
    )
    server = add_server_options(parser)
    add_setting(server, "--owner", "-o", name="owner", metavar="OWNER", says="whose job, if no JOB_ID is given")
    add_ignored_options(server)


def job_arguments(namespace: argparse.Namespace) -> JobArguments:
    """Return what they say."""
    from spalloc_client.commands.arguments import JobAction, JobArguments

    action = JobAction[namespace.action or "info"]
    return JobArguments(
        job_id=namespace.job_id,
        action=action if namespace.destroy is None else JobAction.destroy,
        reason=namespace.destroy or None,
        options=given_options(namespace),
    )


def add_ps_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``spalloc-ps``."""
    parser.add_argument("--watch", "-w", action="store_true", help="show them again whenever they change, until Ctrl-C")
    group = parser.add_argument_group("which jobs")
    # Not the options of these names: a filter has no default.
    group.add_argument("--machine", "-m", dest="only_machine", metavar="MACHINE", help="only those on this machine")
    group.add_argument("--owner", "-o", dest="only_owner", metavar="OWNER", help="only those of this owner")
    add_ignored_options(add_server_options(parser))


def ps_arguments(namespace: argparse.Namespace) -> PsArguments:
    """Return what they say."""
    from spalloc_client.commands.arguments import PsArguments

    return PsArguments(
        owner=namespace.only_owner,
        machine=namespace.only_machine,
        watch=namespace.watch,
        options=given_options(namespace),
    )


def add_machine_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``spalloc-machine``."""
    parser.add_argument("only_machine", nargs="?", metavar="MACHINE", help="the machine to draw; without it, list them")
    parser.add_argument("--watch", "-w", action="store_true", help="show it again whenever it changes, until Ctrl-C")
    parser.add_argument("--detailed", "-d", action="store_true", help="tell more about the jobs on the machine")
    add_ignored_options(add_server_options(parser))


def machine_arguments(namespace: argparse.Namespace) -> MachineArguments:
    """Return what they say."""
    from spalloc_client.commands.arguments import MachineArguments

    if namespace.detailed and namespace.only_machine is None:
        raise argparse.ArgumentTypeError("--detailed is about one machine: name it")
    return MachineArguments(
        machine=namespace.only_machine,
        detailed=namespace.detailed,
        watch=namespace.watch,
        options=given_options(namespace),
    )


def add_where_is_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``spalloc-where-is``."""
    parser.usage = "%(prog)s WHAT [OPTION ...]"
    ways = parser.add_argument_group("what to look for").add_mutually_exclusive_group(required=True)
    ways.add_argument(
        "--board",
        "-b",
        "--logical",
        "-l",
        dest="board",
        nargs=4,
        metavar=("MACHINE", "X", "Y", "Z"),
        help="a board by its logical coordinates",
    )
    ways.add_argument(
        "--physical",
        "-p",
        nargs=4,
        metavar=("MACHINE", "CABINET", "FRAME", "BOARD"),
        help="a board by where it is bolted in",
    )
    ways.add_argument(
        "--chip", "-c", nargs=3, metavar=("MACHINE", "X", "Y"), help="a chip, as if the machine were booted as one"
    )
    ways.add_argument("--job-chip", "-j", nargs=3, metavar=("JOB_ID", "X", "Y"), help="a chip, as a job counts its own")
    add_ignored_options(add_server_options(parser))


def where_is_arguments(namespace: argparse.Namespace) -> WhereIsArguments:
    """Return what they say."""
    from spalloc_client.commands.arguments import WhereIsArguments

    if namespace.board:
        query = board_query(namespace.board)
    elif namespace.physical:
        query = physical_query(namespace.physical)
    elif namespace.chip:
        query = chip_query(namespace.chip)
    else:
        query = job_chip_query(namespace.job_chip)
    return WhereIsArguments(query, given_options(namespace))
