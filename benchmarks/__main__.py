"""`python -m benchmarks`: all figures beside their goals, in one run.

Prints the report and writes it to `benchmarks/results`, with its plots.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks import (
    cold,
    completion,
    crowd,
    earlier,
    ending,
    first_use,
    growth,
    guarded,
    imports,
    journal,
    kept,
    large,
    learning,
    listing,
    load_ext,
    machine,
    memory,
    news,
    rbw,
    searching,
    snapshot,
    warm,
    writing,
)
from benchmarks.options import BEFORE_THE_SEALED_INDEX, BETWEEN, REPEAT, SIZES, Options
from benchmarks.plots import draw
from benchmarks.progress import say
from benchmarks.publish import publish
from benchmarks.report import RESULTS, Report

QUICK_SIZES, QUICK_REPEAT = (10, 1_000), 2
LONG = ("guard", "kernels", "large")

MEASUREMENTS: dict[str, Callable[[Report, Options], None]] = {
    "cold": cold.measure,
    "kept": kept.measure,
    "floor": kept.measure_first,
    "earlier": earlier.measure,
    "rbw": rbw.measure,
    "end": ending.measure,
    "machine": machine.measure,
    "warm": warm.measure,
    "journal": journal.measure,
    "search": searching.measure,
    "writing": writing.measure,
    "load": load_ext.measure,
    "imports": imports.measure,
    "listing": listing.measure,
    "first": first_use.measure,
    "sync": news.measure,
    "memory": memory.measure,
    "growth": growth.measure,
    "large": large.measure,
    "guard": guarded.measure,
    "learning": learning.measure,
    "kernels": crowd.measure,
    "tab": completion.measure,
    "snapshot": snapshot.measure,
}


def arguments(words: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line, read."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", metavar="N", help="numbers of items")
    parser.add_argument("--repeat", type=int, metavar="N", help="turns; medians are of these")
    parser.add_argument(
        "--only", nargs="+", choices=MEASUREMENTS, metavar="PART", help=", ".join(MEASUREMENTS)
    )
    parser.add_argument(
        "--quick", action="store_true", help="small vaults, few turns, without the long parts"
    )
    parser.add_argument("--bw", type=Path, help="the bw to measure, instead of the tests' own")
    parser.add_argument(
        "--against",
        metavar="COMMIT",
        default=BEFORE_THE_SEALED_INDEX,
        help="an earlier commit, measured in turns; else the one before the sealed index",
    )
    parser.add_argument("--publish", action="store_true", help="and write it into the docs")
    return parser.parse_args(words)


def main(words: Sequence[str] | None = None) -> None:
    """Measures, prints and writes."""
    asked = arguments(words)
    sizes, repeat = (QUICK_SIZES, QUICK_REPEAT) if asked.quick else (SIZES, REPEAT)
    between = () if asked.sizes or asked.quick else BETWEEN
    options = Options(
        tuple(asked.sizes or sizes), asked.repeat or repeat, asked.bw, between, asked.against
    )
    whole = [name for name in MEASUREMENTS if not (asked.quick and name in LONG)]
    report = Report()
    for name in asked.only or whole:
        say(f"{name} …")
        MEASUREMENTS[name](report, options)
        report.note_load()
        report.write(RESULTS)
    draw(report.series, RESULTS)
    if asked.publish:
        publish()
    print(report.text)


if __name__ == "__main__":
    main()
