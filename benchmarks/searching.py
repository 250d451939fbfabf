"""Finding items in an open vault by a part of what they are called."""

from __future__ import annotations

import statistics

from benchmarks.figure import Figure, Goal, at_most
from benchmarks.opened import opened
from benchmarks.options import Options
from benchmarks.progress import say
from benchmarks.report import Report
from benchmarks.turns import spread

GOALS = {10_000: at_most(5), 50_000: at_most(25)}

_CELL = """
import time
from bw_magics.vault.selection import Selection
_part = {name!r}[:10]
def _found(way):
    begin = time.perf_counter()
    found = way()
    taken = (time.perf_counter() - begin) * 1e3
    return taken, found
_ways = {{
    "find(part, loose=True)": lambda: [bw_session.find(_part, loose=True)],
    "items(Selection(search=…)), one fits": lambda: bw_session.items(Selection(search=_part)),
    "items(Selection(search=…)), an eighth fits":
        lambda: bw_session.items(Selection(search="queue")),
}}
_taken = {{}}
for _way, _search in _ways.items():
    _each = []
    for _ in range({repeat} + 1):
        _ms, _items = _found(_search)
        _each.append(_ms)
        assert any(_item.name == {name!r} for _item in _items) or "eighth" in _way and _items
    _taken[_way] = _each
"""


def measure(report: Report, options: Options) -> None:
    """Adds the figures of all sizes."""
    rows = []
    for items in options.sizes:
        say(f"search, {items:,} items")
        with opened(items) as (demo, notebook):
            name, _ = demo.middle
            notebook.run(_CELL.format(name=name, repeat=options.repeat))
            taken = notebook.value("_taken")
        for way, (first, *others) in taken.items():
            rows.append([f"`{way}`", f"{items:,}", f"{first:.1f}", spread(others)])
            if "eighth" not in way and items in GOALS:
                report.add(_figure(way, items, others, GOALS[items]))
    headings = ["search", "items", "the first, ms", "others, ms"]
    report.detail("Search in the open vault", headings, rows)


def _figure(way: str, items: int, others: list[float], goal: Goal) -> Figure:
    what = "Search over names, user names and URIs: `items(Selection(search=…))`"
    if way.startswith("find"):
        what = f"Search over names: `{way}`"
    return Figure(what, statistics.median(others), "ms", items, goal, others)
