"""All items as a list: time and memory in a real kernel, and the table that shows them."""

from __future__ import annotations

import statistics
import sys

from benchmarks.figure import Figure, at_most
from benchmarks.opened import opened
from benchmarks.options import Options
from benchmarks.progress import say
from benchmarks.report import Report
from benchmarks.turns import spread

TIME_GOALS = {50_000: at_most(1)}
MEMORY_GOALS = {50_000: at_most(100)}

WAYS = {
    "`bw_session.items()`": "bw_session.items()",
    "`%bw_list items`, shown": "get_ipython().run_line_magic('bw_list', 'items')._repr_html_()",
}

_PREPARE = """
import gc, time
def _memory():
    with open("/proc/self/status", encoding="ascii") as file:
        for line in file:
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024 / 1e6
"""

_MEASURE = """
gc.collect()
_before, _begin, _cpu = _memory(), time.perf_counter(), time.process_time()
_listed = {expression}
_taken = [time.perf_counter() - _begin, time.process_time() - _cpu, _memory() - _before]
del _listed
"""


def measure(report: Report, options: Options) -> None:
    """Adds the figures of all sizes."""
    if sys.platform != "linux":
        report.text_detail("Lists of all items", "Measured on Linux only.")
        return
    rows: list[list[str]] = []
    for items in options.sizes:
        say(f"lists of all of {items:,} items")
        with opened(items) as (_, notebook):
            notebook.run(_PREPARE)
            for way, expression in WAYS.items():
                taken = []
                for _ in range(options.repeat):
                    notebook.run(_MEASURE.format(expression=expression))
                    taken.append(notebook.value("_taken"))
                walls, cpus, memories = ([each[at] for each in taken] for at in range(3))
                goal = TIME_GOALS.get(items)
                for unit, times in (("CPU", cpus), ("wall", walls)):
                    what, median = f"{way}, {unit}", statistics.median(times)
                    report.add(Figure(what, median, "s", items, goal, times))
                what, goal = f"{way}, memory above the open vault", MEMORY_GOALS.get(items)
                report.add(Figure(what, max(memories), "MB", items, goal, memories))
                rows.append([way, f"{items:,}", spread(walls), spread(cpus), spread(memories)])
    report.detail("Lists of all items", ["way", "items", "s", "CPU s", "MB more"], rows)
