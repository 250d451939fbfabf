"""The rows of the output guard (`guard.py`) in the report."""

from __future__ import annotations

from benchmarks import guard
from benchmarks.figure import Told
from benchmarks.options import Options
from benchmarks.progress import say
from benchmarks.report import Report

_ROUNDS = 3


def measure(report: Report, options: Options) -> None:
    """Adds a figure for each of its rows, and both tables."""
    rounds = min(_ROUNDS, options.repeat)
    say(f"the output guard, {rounds} rounds")
    costs = guard.measure(rounds)
    for row in costs.rows + costs.learning:
        report.add(told(row))
    note = f"Off and on alternate; medians of {rounds} rounds, of the short cells of more."
    report.detail("What the output guard costs", guard.HEADINGS, costs.rows, note)
    report.detail("What it costs to learn a value", guard.LEARNING_HEADINGS, costs.learning)


def told(row: list[str]) -> Told:
    """A row of the guard's as a row of the report."""
    what, _, _, measured, goal, met = row
    return Told(f"Output guard: {what}", measured, goal, {"yes": True, "no": False}.get(met))
