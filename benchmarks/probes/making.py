"""Measures a job's beginning and end: ``making.py KIND PORT`` prints the seconds of both as a pair, per order."""

import json
import sys
import time
from typing import TYPE_CHECKING

from waiting import Talker

if TYPE_CHECKING:
    from collections.abc import Callable


def floor(port: int) -> tuple[float, float]:
    """Three round trips on a new connection; and one."""
    begun = time.perf_counter()
    talker = Talker(port)
    talker.ask("version")
    job_id = talker.ask("create_job", 3)
    talker.ask("job_keepalive", job_id)
    made = time.perf_counter()
    talker.ask("destroy_job", job_id)
    return made - begun, time.perf_counter() - made


def client(port: int) -> tuple[float, float]:
    from spalloc_client import Job

    begun = time.perf_counter()
    job = Job(3, hostname="127.0.0.1", port=port, owner="me", config_filenames=[])
    made = time.perf_counter()
    job.destroy()
    return made - begun, time.perf_counter() - made


def main() -> None:
    kind, port = sys.argv[1], int(sys.argv[2])
    once: Callable[[int], tuple[float, float]] = floor if kind == "floor" else client
    for _ in sys.stdin:
        print(json.dumps(once(port)), flush=True)
        time.sleep(0.05)  # what goes on in the background is over by then


if __name__ == "__main__":
    main()
