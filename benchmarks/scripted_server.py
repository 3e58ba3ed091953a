"""A spalloc server for benchmarks: one process, one thread, no hardware, and answers that are the same every time.

It decodes each request, looks up the command and encodes the answer, as any server must; so a round trip to it costs
about what one to a real server costs. Only the list of jobs is kept encoded while it stays the same: what is measured
with it is how it is read. ``python scripted_server.py JOBS BOARDS`` prints its port.
"""

import heapq
import json
import selectors
import socket
import sys
import time

VERSION = "1.0.0"  # one that the reference client accepts


class Server:
    def __init__(self, jobs: int, boards: int) -> None:
        self.side = max(1, round((boards / 3) ** 0.5))
        self.jobs = {number: self._job(number, boards) for number in range(1, jobs + 1)}
        self.last = jobs
        self.toggled_at = 0.0
        self.toggles: list[tuple[float, int]] = []
        self.churn: tuple[float, int] | None = None
        self.listed: bytes | None = None  # the answer to list_jobs, while it stays the same
        self.listed_at: list[float] = []
        self.watched: dict[socket.socket, set[object]] = {}
        self.selector = selectors.DefaultSelector()
        self.unread: dict[socket.socket, bytes] = {}

    def _job(self, number: int, boards: int) -> dict:
        triad = number % max(1, boards // 3)
        place = [triad % self.side, triad // self.side]
        return {
            "job_id": number,
            "owner": f"owner{number % 17}@example.org",
            "start_time": 1_700_000_000.5 + number,
            "keepalive": 60.0,
            "state": 3,
            "power": True,
            "args": [3],
            "kwargs": {"tags": None, "max_dead_boards": 0, "min_ratio": 0.333, "require_torus": False},
            "allocated_machine_name": "machine",
            "boards": [[*place, z] for z in range(3)],
            "keepalivehost": "127.0.0.1",
        }

    # ---- commands

    def version(self) -> str:
        return VERSION

    def create_job(self, *_args: int, **_kwargs: object) -> int:
        self.listed = None
        self.last += 1
        self.jobs[self.last] = self._job(self.last, 3 * self.side**2)
        return self.last

    def job_keepalive(self, _job_id: int) -> None:
        return None

    def get_job_state(self, job_id: int) -> dict:
        job = self.jobs.get(job_id)
        if job is None:
            return {"state": 4, "power": None, "keepalive": None, "reason": "over", "start_time": None}
        return {
            "state": job["state"],
            "power": True,
            "keepalive": 60.0,
            "reason": None,
            "start_time": job["start_time"],
            "keepalivehost": "127.0.0.1",
        }

    def get_job_machine_info(self, job_id: int) -> dict:
        connections = [[[0, 0], "127.1.0.1"], [[4, 8], "127.1.0.2"], [[8, 4], "127.1.0.3"]]
        boards = self.jobs[job_id]["boards"]
        return {"width": 12, "height": 12, "connections": connections, "machine_name": "machine", "boards": boards}

    def destroy_job(self, job_id: int, reason: str | None = None) -> None:
        del reason
        self.listed = None
        self.jobs.pop(job_id, None)

    def list_jobs(self) -> bytes:
        self.listed_at.append(time.monotonic())
        if self.listed is None:
            self.listed = encoded(list(self.jobs.values()))
        return self.listed

    def list_machines(self) -> list[dict]:
        size = {"width": self.side, "height": self.side}
        return [{"name": "machine", "tags": ["default"], **size, "dead_boards": [[0, 0, 1]], "dead_links": []}]

    def where_is(self, **_query: object) -> None:
        return None

    def bench_echo(self, number: int) -> int:
        return number

    def bench_long_line(self, length: int) -> str:
        return "x" * length

    def bench_toggle(self, job_id: int, delay: float) -> None:
        """Let a job's state change in `delay` seconds."""
        heapq.heappush(self.toggles, (time.monotonic() + delay, job_id))

    def bench_toggled_at(self) -> float:
        return self.toggled_at

    def bench_churn(self, rate: float) -> None:
        """Let jobs change their states, one after the other, so often a second."""
        self.churn = (1 / rate, 1)
        self.bench_toggle(1, 0.0)

    def bench_listed_at(self) -> list[float]:
        """When the list of jobs was asked for since this was called last, by the computer's monotonic clock."""
        found, self.listed_at = self.listed_at, []
        return found

    # ---- serving

    def serve(self) -> None:
        listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        print(listener.getsockname()[1], flush=True)
        self.selector.register(listener, selectors.EVENT_READ)
        while True:
            wait = max(0.0, self.toggles[0][0] - time.monotonic()) if self.toggles else None
            for key, _ in self.selector.select(wait):
                if key.fileobj is listener:
                    sock, _ = listener.accept()
                    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    self.selector.register(sock, selectors.EVENT_READ)
                    self.unread[sock] = b""
                else:
                    self.hear(key.fileobj)
            while self.toggles and self.toggles[0][0] <= time.monotonic():
                self.toggle(heapq.heappop(self.toggles)[1])

    def hear(self, sock: socket.socket) -> None:
        try:
            data = sock.recv(1 << 16)
            *lines, self.unread[sock] = (self.unread[sock] + data).split(b"\n")
            if data:
                answers = b"".join([self.answer(sock, line) for line in lines])
                if answers:
                    sock.sendall(answers)
                return
        except OSError:
            pass
        self.selector.unregister(sock)
        self.watched.pop(sock, None)
        del self.unread[sock]
        sock.close()

    def answer(self, sock: socket.socket, line: bytes) -> bytes:
        request = json.loads(line)
        command = request["command"]
        if command == "list_jobs":
            return self.list_jobs()
        if command in ("notify_job", "notify_machine"):
            self.watched.setdefault(sock, set()).update(request["args"])
            value: object = None
        elif command in ("no_notify_job", "no_notify_machine"):
            value = None
        else:
            value = getattr(self, command)(*request["args"], **request["kwargs"])
        return encoded(value)

    def toggle(self, job_id: int) -> None:
        job = self.jobs[job_id]
        self.listed = None
        job["state"] = 5 - job["state"]  # 2 (power) and 3 (ready)
        line = json.dumps({"jobs_changed": [job_id]}).encode() + b"\n"
        self.toggled_at = time.monotonic()
        for sock, job_ids in self.watched.items():
            if not job_ids or job_id in job_ids:
                sock.sendall(line)
        if self.churn is not None:
            pause, number = self.churn
            self.churn = (pause, number % len(self.jobs) + 1)
            self.bench_toggle(self.churn[1], pause)


def encoded(value: object) -> bytes:
    return json.dumps({"return": value}).encode() + b"\n"


if __name__ == "__main__":
    Server(int(sys.argv[1]), int(sys.argv[2])).serve()
