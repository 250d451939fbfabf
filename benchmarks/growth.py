"""Whether time and memory grow linearly with the items: what each item more costs."""

from __future__ import annotations

from itertools import pairwise

from benchmarks.figure import Figure, at_most
from benchmarks.options import Options
from benchmarks.report import Report

GOAL = at_most(1.25)

# By the clock small vaults hide behind the key derivation: that is shown, not judged.
CLOCK = "cold bw_magics, s"

_SERIES = {
    CLOCK: ("time of a cold start", 1e6, "µs"),
    "cold bw_magics, CPU s": ("CPU time of a cold start", 1e6, "µs"),
    "peak memory, MB": ("peak memory", 1e3, "kB"),
}


def measure(report: Report, options: Options) -> None:
    """Adds a figure for each series that was measured at three sizes or more."""
    rows = []
    for name, (what, factor, unit) in _SERIES.items():
        points = sorted(report.series.get(name, {}).items())
        if len(points) < 3:
            continue
        first, middle, last = points[0], points[-2], points[-1]
        until, beyond = _each(first, middle), _each(middle, last)
        if name != CLOCK:
            figure = f"Growth of the {what}: an item above {middle[0]:,} / one below"
            report.add(Figure(figure, beyond / until, "×", last[0], GOAL))
        rows += [
            [what, f"{less[0]:,} to {more[0]:,}", f"{_each(less, more) * factor:.2f} {unit}"]
            for less, more in pairwise(points)
        ]
    if rows:
        report.detail("What each item more costs", ["of", "items", "each"], rows)


def _each(less: tuple[int, float], more: tuple[int, float]) -> float:
    return (more[1] - less[1]) / (more[0] - less[0])
