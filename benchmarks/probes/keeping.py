"""Has twenty jobs: ``keeping.py PORT COUNT`` prints their ids when they are there, and ends with its input."""

import json
import sys

from spalloc_client import Job

jobs = [
    Job(1, hostname="127.0.0.1", port=int(sys.argv[1]), owner="me", keepalive=60.0, config_filenames=[])
    for _ in range(int(sys.argv[2]))
]
print(json.dumps([job.id for job in jobs]), flush=True)
sys.stdin.read()
for job in jobs:
    job.destroy()
