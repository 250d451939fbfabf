"""What a TAB costs: completion in a shell with an unlocked vault, line by line."""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.demo_process import demo_process
from benchmarks.figure import Figure, at_most
from benchmarks.markdown import table
from benchmarks.options import Options
from benchmarks.process import bare_environment, run_program
from benchmarks.progress import say
from benchmarks.report import Report

SIZES = (10, 1_000, 10_000)
GOAL = 5
PRESSES = 50
HEADINGS = ("items", "line", "candidates", "first", "median", "slowest", "goal")


def compare(items: int, repeat: int) -> list[list[str]]:
    """The rows for a vault of that size: the first TAB of all, then the median and the slowest."""
    with tempfile.TemporaryDirectory() as home, demo_process(items) as demo:
        environment = {**bare_environment(Path(home)), **demo.environment}
        found = json.loads(run_program("tabs.py", environment, str(repeat)).output)
    return [
        [
            f"{items:,}",
            f"`{line}`",
            str(taken["candidates"]),
            f"{taken['first']:.2f}",
            f"{statistics.median(taken['others']):.2f}",
            f"{max(taken['others']):.2f}",
            f"< {GOAL}",
        ]
        for line, taken in found.items()
    ]


def measure(report: Report, options: Options) -> None:
    """Adds the rows of all sizes up to 10,000, above which nothing new is to be seen."""
    rows: list[list[str]] = []
    for items in options.sizes:
        if items <= max(SIZES):
            say(f"TAB, {items:,} items")
            rows += compare(items, PRESSES)
    slowest = max(float(row[4]) for row in rows) if rows else 0.0
    if rows:
        report.add(Figure("A TAB, the slowest of all lines", slowest, "ms", goal=at_most(GOAL)))
        report.detail("A TAB, in milliseconds", HEADINGS, rows, "The first one sorts the names.")


def arguments(words: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line, read."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.completion", description="What a TAB costs."
    )
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, metavar="N")
    parser.add_argument("--repeat", type=int, default=PRESSES, help="how often each is run")
    return parser.parse_args(words)


def main(words: Sequence[str] | None = None) -> None:
    """Measures and prints."""
    options = arguments(words)
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    print(f"## A TAB, in milliseconds\n\nLoad {load} before; the first one also sorts the names.\n")
    rows = [row for items in options.sizes for row in compare(items, options.repeat)]
    print(table(HEADINGS, rows))


if __name__ == "__main__":
    main()
