"""The options of ``spalloc``."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from spalloc_client.commands.command import add_server_options, add_setting, given_options
from spalloc_client.commands.words import tag, whole_number

if TYPE_CHECKING:
    from spalloc_client.commands.arguments import AllocArguments


def add_alloc_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``spalloc``."""
    parser.add_argument("--quiet", "-q", action="store_true", help="say nothing but what went wrong")
    parser.add_argument("--debug", action="store_true", help="say what is done, for finding faults")
    parser.add_argument("--no-destroy", "-D", action="store_true", help="leave the job to itself in the end")
    parser.add_argument("--boot", "-B", action="store_true", help="boot the boards with Rig once they are on")
    _add_requirements(parser.add_argument_group("what to allocate"))
    command = parser.add_argument_group("command to run")
    command.add_argument(
        "--command",
        "-c",
        nargs=argparse.REMAINDER,
        default=[],
        metavar="COMMAND",
        help="run this once the boards are on, and give them back when it ends; must come last. One argument is "
        "shell text, several are a command and its arguments. {} or {hostname} stands for the host name of chip "
        "(0, 0), {w} or {width} and {h} or {height} for the size in chips, {ethernet_ips} for the name of a CSV "
        "file with the columns x, y and hostname, {id} for the job's id",
    )
    server = add_server_options(parser)
    add_setting(
        server, "--owner", name="owner", metavar="OWNER", says="whose job it is, by convention an email address"
    )
    add_setting(
        server,
        "--keepalive",
        name="keepalive",
        metavar="SECONDS",
        says="without a sign of life for so long, the server destroys the job; -1 for never (default: 60)",
    )
    add_setting(
        server,
        "--reconnect-delay",
        name="reconnect_delay",
        metavar="SECONDS",
        says="pause between attempts to connect again (default: 5)",
    )


def _add_requirements(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "what",
        nargs="*",
        type=whole_number,
        metavar="WHAT",
        help="nothing for one board, BOARDS for that many or more, WIDTH HEIGHT for so many triads of boards, "
        "X Y Z for one certain board",
    )
    group.add_argument(
        "--resume", "-r", type=whole_number, metavar="JOB_ID", help="take over this job instead of asking for boards"
    )
    group.add_argument(
        "--machine",
        "-m",
        nargs="?",
        const=None,
        default=argparse.SUPPRESS,
        metavar="MACHINE",
        help="boards of this machine only; without a name: of any",
    )
    group.add_argument(
        "--tags",
        "-t",
        nargs="+",
        type=tag,
        default=argparse.SUPPRESS,
        metavar="TAG",
        help="boards of a machine that has these tags (default: the tag “default”)",
    )
    add_setting(
        group,
        "--min-ratio",
        name="min_ratio",
        metavar="RATIO",
        says="how square boards asked for by number must lie, 1 for a square, 0 for any shape (default: 0.333)",
    )
    add_setting(
        group,
        "--max-dead-boards",
        name="max_dead_boards",
        metavar="N",
        says="how many may be dead, -1 for any number (default: 0)",
    )
    add_setting(
        group,
        "--max-dead-links",
        name="max_dead_links",
        metavar="N",
        says="how many may be dead, -1 for any number (default: any)",
    )
    torus = group.add_mutually_exclusive_group()
    torus.add_argument(
        "--require-torus",
        "-w",
        action="store_true",
        default=argparse.SUPPRESS,
        help="with wrap-around links, as mostly a whole machine has",
    )
    torus.add_argument(
        "--no-require-torus",
        "-W",
        action="store_false",
        dest="require_torus",
        default=argparse.SUPPRESS,
        help="with or without wrap-around links (default)",
    )


def alloc_arguments(namespace: argparse.Namespace) -> AllocArguments:
    """Return what they say."""
    from spalloc_client.commands.arguments import AllocArguments

    if len(namespace.what) > 3:
        raise argparse.ArgumentTypeError(
            f"{len(namespace.what)} numbers were given, expected none, BOARDS, WIDTH HEIGHT or X Y Z"
        )
    options = given_options(namespace)
    if hasattr(namespace, "tags"):
        options["tags"] = tuple(tag for tags in namespace.tags for tag in tags)
    return AllocArguments(
        what=tuple(namespace.what),
        options=options,
        resume=namespace.resume,
        no_destroy=namespace.no_destroy,
        boot=namespace.boot,
        command=tuple(namespace.command),
        quiet=namespace.quiet,
        debug=namespace.debug,
    )
