"""The results as tables."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from measure import Row

HEAD = "| what | floor | reference | here | goal | |\n|---|--:|--:|--:|---|---|\n"


def write(directory: Path, groups: Mapping[str, Sequence[Row]], facts: Mapping[str, str]) -> None:
    """Write RESULTS.md and results.json."""
    directory.mkdir(parents=True, exist_ok=True)
    found = {name: [row._asdict() for row in rows] for name, rows in groups.items()}
    (directory / "results.json").write_text(json.dumps({"machine": facts, "results": found}, indent=1) + "\n")
    text = "# Results\n\n" + "".join(f"* {name}: {value}\n" for name, value in facts.items())
    for name, rows in groups.items():
        text += f"\n## {name}\n\n{HEAD}" + "".join(map(line, rows))
    (directory / "RESULTS.md").write_text(text, encoding="utf-8")


def line(row: Row) -> str:
    numbers = " | ".join(_number(value, row.unit) for value in (row.floor, row.reference, row.ours))
    verdict = "" if row.met is None else "met" if row.met else "**not met**"
    goal = f"{row.goal}: {verdict}" if row.goal else ""
    return f"| {row.what} | {numbers} | {goal} | {row.notes} |\n"


def _number(value: float | None, unit: str) -> str:
    if value is None:
        return "–"
    digits = f"{value:,.0f}" if abs(value) >= 100 or float(value).is_integer() else f"{value:.3g}"
    return f"{digits} {unit}".strip()
