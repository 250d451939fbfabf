"""The first secret from a kept vault: at every size against the smallest, all sizes in turns.

`first` is measured in turns with the barest program that opens the same file (`kept_floor.py`).
"""

from __future__ import annotations

from pathlib import Path

from benchmarks.demo_process import DemoProcess
from benchmarks.figure import at_most
from benchmarks.options import Options
from benchmarks.programs import Ways, add_ratio, add_seconds, at_all_sizes, program
from benchmarks.report import Report

SMALL = 10
GOALS = {10_000: at_most(1.3), 50_000: at_most(1.5)}
FIRST_GOAL = at_most(1.15)

KEPT, FIRST, FLOOR = "kept", "kept, first", "the floor of a kept vault"


def measure(report: Report, options: Options) -> None:
    """Adds the ratio of each size to the smallest."""
    sizes = sorted({SMALL, *options.sizes})
    taken = at_all_sizes("kept vaults", sizes, options, _kept)
    for items in sizes[1:]:
        what = f"With the vault cache: the first secret / at {SMALL} items"
        add_ratio(report, taken, what, ((KEPT, items), (KEPT, SMALL)), GOALS.get(items))
    add_seconds(report, taken, "The first secret of a kept vault", __doc__ or "")


def measure_first(report: Report, options: Options) -> None:
    """Adds the ratio of `first` to the floor, at each size."""
    taken = at_all_sizes("kept vaults, first", options.sizes, options, _first)
    for items in options.sizes:
        what = "`vault_cache = 'first'` / the floor of a kept vault"
        add_ratio(report, taken, what, ((FIRST, items), (FLOOR, items)), FIRST_GOAL)
    add_seconds(report, taken, "The first secret of a kept vault, with `first`", "")


def _kept(demo: DemoProcess, home: Path) -> Ways:
    return {KEPT: program(demo, home, "program.py", str(home / "kept"))}


def _first(demo: DemoProcess, home: Path) -> Ways:
    login, kept = demo.personal[0], home / "kept"
    program(demo, home, "program.py", str(kept), login=login)()
    (file,) = kept.glob("*.vault")
    return {
        FIRST: program(demo, home, "program.py", "first", login=login),
        FLOOR: program(demo, home, "kept_floor.py", str(file), login=login),
    }
