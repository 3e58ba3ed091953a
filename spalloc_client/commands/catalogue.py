"""The five commands and their options, told once for the shell and the notebook.

A shell uses parsers that end the program, a notebook some that raise::

    parser = ALLOC.parser(MyParser, prog="%spalloc")   # MyParser may override error() and exit()
    parser.add_argument("--name")                      # options of one face alone
    namespace = parser.parse_args(words)
    arguments = ALLOC.read(parser, namespace)          # AllocArguments

Options that configuration knows, too, are in ``arguments.options`` only if they were given, so that environment
variables and config files keep their say.
"""

from spalloc_client.commands.alloc_options import add_alloc_options, alloc_arguments
from spalloc_client.commands.command import Command
from spalloc_client.commands.looking_options import (
    add_job_options,
    add_machine_options,
    add_ps_options,
    add_where_is_options,
    job_arguments,
    machine_arguments,
    ps_arguments,
    where_is_arguments,
)

ALLOC = Command(
    "spalloc",
    "Ask for SpiNNaker boards, keep them while they are needed, and give them back.",
    (
        ("", "one board, until Enter"),
        ("5", "five boards or more"),
        ("4 2", "4 × 2 triads of boards"),
        ("3 4 0 -m MACHINE", "the board at (3, 4, 0)"),
        ('24 -c "my_boot {} {w} {h} && my_app {}"', "boards for one command"),
        ("--keepalive -1 --no-destroy", "a job that stays"),
        ("--resume JOB_ID", "take it over"),
    ),
    add_alloc_options,
    alloc_arguments,
)

JOB = Command(
    "spalloc-job",
    "Show a job, switch its boards, or end it.",
    (
        ("", "your only job"),
        ("12 --watch", "job 12, as it changes"),
        ("--reset", "switch its boards off and on"),
        ("--ethernet-ips > ips.csv", "how its boards are reached"),
        ('12 --destroy "needed for the demo"', "end it, and say why"),
    ),
    add_job_options,
    job_arguments,
)

PS = Command(
    "spalloc-ps",
    "List the jobs that are queued or running.",
    (
        ("", "all jobs"),
        ("--watch", "again whenever they change"),
        ("--owner me@example.org", "those of one owner"),
        ("--machine MACHINE", "those on one machine"),
    ),
    add_ps_options,
    ps_arguments,
)

MACHINE = Command(
    "spalloc-machine",
    "List the machines, or draw one with its jobs.",
    (
        ("", "all, and how busy they are"),
        ("MACHINE", "its boards, and the jobs on them"),
        ("MACHINE --detailed --watch", "with owners, as it changes"),
    ),
    add_machine_options,
    machine_arguments,
)

WHERE_IS = Command(
    "spalloc-where-is",
    "Tell where a board or a chip is: in its machine, cabinet and job.",
    (
        ("--board MACHINE 3 4 0", "the board at (3, 4, 0)"),
        ("--physical MACHINE 2 4 7", "cabinet 2, frame 4, slot 7"),
        ("--chip MACHINE 38 51", "chip (38, 51) of the whole machine"),
        ("--job-chip 24 14, 3", "chip (14, 3) of job 24"),
    ),
    add_where_is_options,
    where_is_arguments,
)
