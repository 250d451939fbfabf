"""The ratios of several days side by side: what only one day shows is not to be relied on.

Times differ by machine and by day, ratios of two things in one run much less. Each published run
is kept in `docs/performance_days.json` with its day and its conditions.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.figure import digits
from benchmarks.markdown import table

FILE = "performance_days.json"

Json = Mapping[str, Any]
Days = dict[str, dict[str, Any]]
"""By the day, such as `22 November 2026`: `conditions`, and `ratios` by figure and items."""


def kept(docs: Path) -> Days:
    """Reads the days that were published so far."""
    file = docs / FILE
    return json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}


def keep(docs: Path, results: Json) -> Days:
    """Adds a run to the days; one of the same day is replaced. Returns all of them."""
    days = kept(docs)
    day, _, _ = str(results["conditions"]).partition(";")
    ratios: dict[str, dict[str, float]] = {}
    for each in results["figures"]:
        if each.get("unit") == "×":
            items = "" if each["items"] is None else str(each["items"])
            ratios.setdefault(each["what"], {})[items] = float(f"{each['value']:.3g}")
    days[day] = {"conditions": results["conditions"], "ratios": ratios}
    text = json.dumps(days, indent=1, ensure_ascii=False)
    (docs / FILE).write_text(text + "\n", encoding="utf-8")
    return days


def section(days: Days) -> str:
    """The ratios that at least two days have, a column a day, and the conditions of each day."""
    rows = []
    for what, items in _measured(days):
        values = [day["ratios"].get(what, {}).get(items) for day in days.values()]
        if sum(value is not None for value in values) > 1:
            cells = ["" if value is None else f"{digits(value)} ×" for value in values]
            rows.append([what, f"{int(items):,}" if items else "", *cells])
    notes = [f"- {day['conditions'].partition(' Every ratio')[0]}" for day in days.values()]
    return "\n\n".join([table(["ratio", "items", *days], rows), "\n".join(notes)])


def _measured(days: Days) -> list[tuple[str, str]]:
    found = [
        (what, items)
        for day in days.values()
        for what, by_items in day["ratios"].items()
        for items in by_items
    ]
    order = list(dict.fromkeys(what for what, _ in found))
    return sorted(dict.fromkeys(found), key=lambda each: (order.index(each[0]), int(each[1] or 0)))
