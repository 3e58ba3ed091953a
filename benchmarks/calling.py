"""Calls: how many a second, and how long a long answer takes."""

from contextlib import ExitStack

from measure import SERVER_CORES, Row, Settings, Worker, at_least, at_most, interleaved, medians, serving


def rows(settings: Settings) -> list[Row]:
    calls = [row for where in SERVER_CORES for row in _calls_a_second(settings, where)]
    return [*calls, *_long_answers(settings)]


def _calls_a_second(settings: Settings, where: str) -> list[Row]:
    pythons = dict.fromkeys(("bare", "coding", "ours", "threads"), settings.ours) | {"reference": settings.reference}
    count = 400
    with serving("scripted_server.py", 20, 60, core=SERVER_CORES[where]) as port, ExitStack() as stack:
        workers = {
            kind: stack.enter_context(Worker(python, "calling", kind, port, count)) for kind, python in pythons.items()
        }
        found = interleaved({kind: worker.measure for kind, worker in workers.items()}, settings.rounds(200))
    seconds = medians(found)
    rate = {kind: 1 / value for kind, value in seconds.items()}
    of_bare, of_coding = rate["ours"] / rate["bare"], rate["ours"] / rate["coding"]
    of_bare_8 = rate["threads"] / rate["bare"]
    both = {"reference": rate["reference"], "ours": rate["ours"]}
    return [
        Row(
            f"calls a second, one thread, the server on {where}; floor: a bare socket loop that does not decode",
            "calls/s",
            rate["bare"],
            **both,
            **at_least(of_bare, 0.8, "at least 80 % of the floor"),
            notes=f"{of_bare:.0%} of the floor; the reference {rate['reference'] / rate['bare']:.0%}",
        ),
        Row(
            f"calls a second, one thread, the server on {where}; floor: a loop that encodes and decodes with json",
            "calls/s",
            rate["coding"],
            **both,
            **at_least(of_coding, 0.9, "at least 90 % of the floor"),
            notes=f"{of_coding:.0%} of the floor; the reference {rate['reference'] / rate['coding']:.0%}",
        ),
        Row(
            f"calls a second, 8 threads on one client, every answer checked, the server on {where}; "
            "floor: a bare socket loop, one thread",
            "calls/s",
            rate["bare"],
            None,
            rate["threads"],
            **at_least(of_bare_8, 0.6, "at least 60 % of the floor"),
            notes=f"{of_bare_8:.0%} of the floor; threads cannot share a connection of the reference",
        ),
    ]


def _long_answers(settings: Settings) -> list[Row]:
    jobs, length = (400, 200_000) if settings.small else (4000, 5_000_000)
    pythons = {"floor": settings.ours, "reference": settings.reference, "ours": settings.ours}
    with serving("scripted_server.py", jobs, 1200) as port, ExitStack() as stack:
        lists, lines = (
            {kind: stack.enter_context(Worker(python, "reading", kind, port, size)) for kind, python in pythons.items()}
            for size in (0, length)
        )
        lists["records"] = stack.enter_context(Worker(settings.ours, "reading", "records", port, 0))
        listed = interleaved({kind: worker.measure for kind, worker in lists.items()}, settings.rounds(40))
        long = interleaved({kind: lines[kind].measure for kind in ("floor", "ours")}, settings.rounds(20))
        # It takes seconds: the reference looks at each byte again for each 1,024 that come.
        long |= interleaved({"reference": lines["reference"].measure}, 1)
    listed_at, long_at = medians(listed), medians(long)
    ratio = listed_at["ours"] / listed_at["floor"]
    floor, reference, as_json, as_records = (
        1e3 * listed_at[kind] for kind in ("floor", "reference", "ours", "records")
    )
    return [
        Row(
            f"list_jobs, {jobs} jobs, decoded; floor: receive and json.loads",
            "ms",
            *(floor, reference, as_json),
            **at_most(ratio, 1.2, "at most 1.2 of the floor"),
            notes=f"{ratio:.2f} of the floor",
        ),
        Row(
            f"list_jobs, {jobs} jobs, as records; floor and reference: decoded, without records",
            "ms",
            *(floor, reference, as_records),
            **at_most(as_records / reference, 1.0, "below the reference"),
            notes=f"{as_records / floor:.2f} of the floor",
        ),
        Row(
            f"an answer of {length / 1e6:g} MB in one line",
            "ms",
            *(1e3 * long_at[kind] for kind in ("floor", "reference", "ours")),
            **at_most(long_at["ours"], 0.1, "at most 100 ms"),
        ),
    ]
