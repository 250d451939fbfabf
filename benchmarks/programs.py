"""Programs that read one password from a generated vault, as whole processes, all in turns."""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

from benchmarks.demo_process import DemoProcess, demo_process
from benchmarks.figure import Figure, Goal
from benchmarks.options import Options
from benchmarks.process import Run, bare_environment, run_program
from benchmarks.progress import say
from benchmarks.report import Report
from benchmarks.turns import in_turns, ratios, spread

Once = Callable[[], Run]
Ways = Mapping[str, Once]
Taken = Mapping[tuple[str, int], Sequence[Run]]
"""The runs of each way at each number of items."""


def program(
    demo: DemoProcess,
    home: Path,
    file: str,
    *arguments: str,
    login: tuple[str, str] | None = None,
    root: Path | None = None,
) -> Once:
    """Gives a function that runs a program once, and checks the password that it prints.

    `login` is another one than that in the middle, `root` is where another package is.
    """
    name, password = login or demo.middle
    environment = {**bare_environment(home), **demo.environment, "BW_EMAIL": demo.email}
    if root is not None:
        environment["PYTHONPATH"] = str(root)

    def once() -> Run:
        run = run_program(file, environment, name, *arguments)
        if run.output != password:
            raise RuntimeError(f"{file} gave another password than the one in the vault.")
        return run

    return once


def at_all_sizes(
    what: str,
    sizes: Sequence[int],
    options: Options,
    ways: Callable[[DemoProcess, Path], Ways],
) -> Taken:
    """Runs all ways at all sizes in turns, each with a server and a home folder for each size."""
    with ExitStack() as stack:
        each: dict[tuple[str, int], Once] = {}
        for items in sizes:
            home = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            demo = stack.enter_context(demo_process(items))
            each |= {(way, items): once for way, once in ways(demo, home).items()}
        for (way, items), once in each.items():
            say(f"warming up: {way}, {items:,} items")
            for _ in range(min(2, options.repeat)):
                once()
        names = {f"{way}, {items}": once for (way, items), once in each.items()}
        by_name = in_turns(names, options.repeat, on_turn=lambda turn: say(f"{what}: turn {turn}"))
    return {key: by_name[f"{key[0]}, {key[1]}"] for key in each}


def add_ratio(
    report: Report,
    taken: Taken,
    what: str,
    ratio: tuple[tuple[str, int], tuple[str, int]],
    goal: Goal | None,
) -> None:
    """Adds the ratio of two of them, by the processor and by the clock."""
    for unit, value in (("CPU", "cpu"), ("wall", "wall")):
        samples = ratios(*([getattr(run, value) for run in taken[way]] for way in ratio))
        figure = Figure(
            f"{what}, {unit}", statistics.median(samples), "×", ratio[0][1], goal, samples
        )
        report.add(figure)


def add_seconds(report: Report, taken: Taken, title: str, note: str) -> None:
    """Adds the table of what each took."""
    rows = [
        [way, f"{items:,}", spread([run.wall for run in runs]), spread([run.cpu for run in runs])]
        for (way, items), runs in taken.items()
    ]
    report.detail(title, ["way", "items", "s", "CPU s"], rows, note)
