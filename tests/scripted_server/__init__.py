"""A spalloc server that does what a test wants: real sockets, a small model of jobs, and every fault.

Usage::

    from scripted_server import QUEUED, ScriptedServer, fin, delayed

    with ScriptedServer(pace=QUEUED) as server:         # classic 1!7.0.0; java=True, version="0.4.0" …
        client = ProtocolClient(server.host, server.port)
        ...                                             # the client creates job 1
        server.model.allocate(1)                        # queued → power; job.state, .boards, .history
        server.model.make_ready(1)                      # power → ready
        server.script("get_job_state", fin())           # the next such request gets a FIN
        server.script("*", delayed(0.5), times=None)    # all that follow wait for half a second
        server.restart(outage=1.0, keep_jobs=False)     # on the same port, with amnesia
        assert server.wait_for("create_job").kwargs["owner"] == "me"
        assert server.live_jobs() == []

With ``pace=READY`` (the default) a job has its boards, powered, by the time ``create_job`` answers.
``server.model`` also has ``switch``, ``requeue``, ``destroy``, ``power_failures``; ``server.freeze()`` makes
the whole server fall silent, ``server.drop_connections(reset=True)`` resets every connection,
``server.notifying`` delays, repeats or loses notifications, ``server.greeting`` is done to each new connection,
``server.send(bytes)`` sends to all; ``BlackHole`` is an address where even the connect is never answered.
"""

from scripted_server.black_hole import BlackHole
from scripted_server.connection import Connection
from scripted_server.faults import (
    Held,
    delayed,
    drip,
    failing,
    fin,
    in_segments,
    preceded_by,
    raw,
    returning,
    rst,
    silence,
)
from scripted_server.model import DESTROYED, POWER, QUEUED, READY, UNKNOWN, Job, Machine
from scripted_server.server import Request, ScriptedServer

__all__ = [
    "DESTROYED",
    "POWER",
    "QUEUED",
    "READY",
    "UNKNOWN",
    "BlackHole",
    "Connection",
    "Held",
    "Job",
    "Machine",
    "Request",
    "ScriptedServer",
    "delayed",
    "drip",
    "failing",
    "fin",
    "in_segments",
    "preceded_by",
    "raw",
    "returning",
    "rst",
    "silence",
]
