"""Jobs: how long they take to begin and to end, and how late a change of their state is known."""

import statistics
from contextlib import ExitStack

from measure import Row, Settings, Worker, at_most, interleaved, percentile, serving


def rows(settings: Settings) -> list[Row]:
    with serving("scripted_server.py", 0, 60) as port:
        return [*_changes(settings, port), *_beginnings_and_ends(settings, port)]


def _workers(stack: ExitStack, settings: Settings, probe: str, port: int) -> dict[str, Worker]:
    pythons = {"floor": settings.ours, "reference": settings.reference, "ours": settings.ours}
    return {kind: stack.enter_context(Worker(python, probe, kind, port)) for kind, python in pythons.items()}


def _changes(settings: Settings, port: int) -> list[Row]:
    with ExitStack() as stack:
        workers = _workers(stack, settings, "waiting", port)
        found = interleaved({kind: worker.measure for kind, worker in workers.items()}, settings.rounds(300))
    result = []
    for name, share, limit in (("median", 0.5, 1.05), ("99th percentile", 0.99, 2.0)):
        numbers = {kind: 1e6 * percentile(values, share) for kind, values in found.items()}
        ratio = numbers["ours"] / numbers["floor"]
        result.append(
            Row(
                f"from a change of state to wait_for_state_change, {name}; floor: notification and get_job_state",
                "µs",
                numbers["floor"],
                numbers["reference"],
                numbers["ours"],
                **at_most(ratio, limit, f"at most {limit} of the floor"),
                notes=f"{ratio:.2f} of the floor",
            )
        )
    return result


def _beginnings_and_ends(settings: Settings, port: int) -> list[Row]:
    with ExitStack() as stack:
        workers = _workers(stack, settings, "making", port)
        for worker in workers.values():
            worker.measure()  # what the first job of a process loads and starts is not of interest here

        found = interleaved({kind: worker.measure for kind, worker in workers.items()}, settings.rounds(40))
    result = []
    for which, what, limit in (
        (0, "Job() on a server that answers at once; floor: connect and three round trips", 5.0),
        (1, "Job.destroy(); floor: a round trip", 2.0),
    ):
        numbers = {kind: 1e3 * statistics.median(pair[which] for pair in pairs) for kind, pairs in found.items()}
        result.append(
            Row(
                what,
                "ms",
                numbers["floor"],
                numbers["reference"],
                numbers["ours"],
                **at_most(numbers["ours"], limit, f"at most {limit:g} ms"),
            )
        )
    return result
