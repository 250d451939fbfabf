"""What a vault adds to the memory of a real kernel, at its peak and after a logout.

Linux only: the figures are `VmRSS` and `VmHWM` of the kernel, counted from after `%load_ext`. The
libraries that come with the login (HTTP, TLS, cryptography) are in them; the smallest vault shows
how much that is, because they stay when the vault is gone.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from pathlib import Path

from benchmarks.demo_process import demo_process
from benchmarks.figure import Figure, at_most
from benchmarks.kernel import kernel
from benchmarks.options import Options
from benchmarks.progress import say
from benchmarks.report import Report
from benchmarks.turns import spread

PEAK_GOALS = {10_000: at_most(60), 50_000: at_most(250)}
REST_GOAL = at_most(10)

_PREPARE = """
%load_ext bw_magics
def _memory(what):
    with open("/proc/self/status", encoding="ascii") as file:
        for line in file:
            if line.startswith(what + ":"):
                return int(line.split()[1]) * 1024 / 1e6
with open("/proc/self/clear_refs", "w", encoding="ascii") as _file:
    _file.write("5")  # the high-water mark begins here
_before = _memory("VmRSS")
"""

_READ = "_password = bw_session[{name!r}].password"

_NOW = '{"peak": _memory("VmHWM") - _before, "now": _memory("VmRSS") - _before}'


def measure(report: Report, options: Options) -> None:
    """Adds the figures of all sizes."""
    if sys.platform != "linux":
        report.text_detail("Memory", "Measured on Linux only.")
        return
    taken: dict[int, list[dict[str, float]]] = {}
    for items in options.curve:
        taken[items] = []
        with demo_process(items) as demo:
            for turn in range(options.repeat):
                say(f"memory, {items:,} items, turn {turn + 1} of {options.repeat}")
                with (
                    tempfile.TemporaryDirectory() as folder,
                    kernel(Path(folder), demo.environment) as notebook,
                ):
                    notebook.run(_PREPARE)
                    notebook.run("%bw_login\n%bw_unlock")
                    notebook.run(_READ.format(name=demo.middle[0]))
                    told = notebook.value(_NOW)
                    notebook.run("%bw_logout")
                    after = notebook.value(_NOW)
                taken[items].append(
                    {"peak": told["peak"], "open": told["now"], "after": after["now"]}
                )
    rows = []
    libraries = statistics.median(each["after"] for each in taken[min(taken)])
    for items, each in taken.items():
        peak, rest = ([one[what] for one in each] for what in ("peak", "after"))
        median = statistics.median(peak)
        if items in PEAK_GOALS:
            what = "Peak memory added to a kernel"
            report.add(Figure(what, median, "MB", items, PEAK_GOALS[items], peak))
        report.point("peak memory, MB", items, median)
        report.point("memory with the vault open, MB", items, _median(each, "open"))
        # The libraries stay: what the vault itself leaves is what is above them.
        left = [one - libraries for one in rest]
        if items > min(taken):
            what = "Left after `%bw_logout`, above the libraries"
            report.add(Figure(what, statistics.median(left), "MB", items, REST_GOAL, left))
        rows.append(
            [
                f"{items:,} items",
                spread(peak),
                spread([one["open"] for one in each]),
                spread(rest),
            ]
        )
    headings = ["MB above the kernel after `%load_ext`", "peak", "open", "after `%bw_logout`"]
    note = (
        f"Of each row about {libraries:.0f} MB are the libraries that the first login imports and "
        "the few dozen items of the demo. They stay after a logout, so what is left is counted "
        "above them."
    )
    report.detail("Memory of a kernel", headings, rows, note)


def _median(each: list[dict[str, float]], what: str) -> float:
    return statistics.median(one[what] for one in each)
