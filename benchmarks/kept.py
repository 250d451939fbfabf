"""The first secret from a kept vault, at every size: whole processes, all sizes in turns.

Beside it the same without a cache, of this commit and of an earlier one (`--against`), and with
`first` against the barest program that opens the same file (`kept_floor.py`).
"""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path

from benchmarks import earlier
from benchmarks.demo_process import DemoProcess, demo_process
from benchmarks.figure import Figure, Goal, Told, at_most
from benchmarks.options import Options
from benchmarks.process import Run, bare_environment, run_program
from benchmarks.progress import say
from benchmarks.report import Report
from benchmarks.turns import in_turns, ratios, spread

SMALL = 10
GOALS = {10_000: at_most(1.3), 50_000: at_most(1.5)}
EARLIER_GOAL = {10_000: at_most(0.75)}
FIRST_GOAL = at_most(1.15)

COLD, EARLIER, KEPT, KEPT_EARLIER, FIRST, FLOOR = (
    "without a cache",
    "without a cache, the earlier commit",
    "kept",
    "kept, the earlier commit",
    "kept, first",
    "the floor of a kept vault",
)


def measure(report: Report, options: Options) -> None:
    """Adds the figures of all sizes."""
    sizes = sorted({SMALL, *options.sizes})
    with ExitStack() as stack:
        ways: dict[tuple[str, int], Callable[[], Run]] = {}
        for items in sizes:
            home = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            demo = stack.enter_context(demo_process(items))
            ways |= {(way, items): once for way, once in _ways(demo, home, options).items()}
        for key, once in ways.items():
            say(f"warming up: {key[0]}, {key[1]:,} items")
            for _ in range(min(2, options.repeat)):
                once()
        names = {f"{way}, {items}": once for (way, items), once in ways.items()}
        by_name = in_turns(
            names, options.repeat, on_turn=lambda turn: say(f"kept vaults, turn {turn + 1}")
        )
    taken = {key: by_name[f"{key[0]}, {key[1]}"] for key in ways}
    _figures(report, taken, sizes)
    rows = [
        [way, f"{items:,}", spread([r.wall for r in runs]), spread([r.cpu for r in runs])]
        for (way, items), runs in taken.items()
    ]
    report.detail("The first secret", ["way", "items", "s", "CPU s"], rows, __doc__ or "")


def _figures(report: Report, taken: dict[tuple[str, int], list[Run]], sizes: Sequence[int]) -> None:
    def ratio(
        what: str, slower: tuple[str, int], faster: tuple[str, int], goal: Goal | None
    ) -> None:
        for unit, value in (("CPU", "cpu"), ("wall", "wall")):
            samples = ratios(
                [getattr(run, value) for run in taken[slower]],
                [getattr(run, value) for run in taken[faster]],
            )
            median = statistics.median(samples)
            report.add(Figure(f"{what}, {unit}", median, "×", slower[1], goal, samples))

    for items in sizes:
        if items > SMALL:
            what = f"With the vault cache: the first secret / at {SMALL} items"
            ratio(what, (KEPT, items), (KEPT, SMALL), GOALS.get(items))
        if (EARLIER, items) in taken:
            what = "Without a cache: this commit / the earlier one"
            ratio(what, (COLD, items), (EARLIER, items), EARLIER_GOAL.get(items))
            what = "With the vault cache: this commit / the earlier one"
            ratio(what, (KEPT, items), (KEPT_EARLIER, items), None)
        what = "`vault_cache = 'first'` / the floor of a kept vault"
        ratio(what, (FIRST, items), (FLOOR, items), FIRST_GOAL)
    if (EARLIER, SMALL) not in taken:
        what = "Without a cache: this commit / the earlier one"
        report.add(Told(what, "not measured: --against names a commit", "", None))


def _ways(demo: DemoProcess, home: Path, options: Options) -> dict[str, Callable[[], Run]]:
    environment = {**bare_environment(home), **demo.environment}
    name, password = next(each for each in demo.personal)

    def way(file: str, *arguments: str, root: Path | None = None) -> Callable[[], Run]:
        own = environment if root is None else {**environment, "PYTHONPATH": str(root)}

        def once() -> Run:
            run = run_program(file, own, *arguments)
            if run.output != password:
                raise RuntimeError(f"{file} gave another password than the one in the vault.")
            return run

        return once

    kept = home / "kept"
    ways = {
        COLD: way("program.py", name),
        KEPT: way("program.py", name, str(kept)),
        FIRST: way("program.py", name, "first"),
        FLOOR: lambda: way("kept_floor.py", str(next(kept.glob("*.vault"))), name)(),
    }
    if options.against is not None:
        root = earlier.folder(options.against)
        ways[EARLIER] = way("program.py", name, root=root)
        ways[KEPT_EARLIER] = way("program.py", name, str(home / "earlier"), root=root)
    return ways
