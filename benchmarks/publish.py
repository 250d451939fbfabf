"""`python -m benchmarks.publish`: the last results and their plots into docs.

This writes between two marks in docs/performance.md and changes nothing else. What the output
guard costs has marks of its own, so that it can be measured by itself.
"""

from __future__ import annotations

import json
import shutil
import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks import days
from benchmarks.figure import digits
from benchmarks.markdown import table
from benchmarks.plots import GROUNDS
from benchmarks.process import ROOT
from benchmarks.report import RESULTS

BEGIN, END = "<!-- figures: python -m benchmarks.publish -->", "<!-- end of figures -->"
DAYS_BEGIN = "<!-- the days: python -m benchmarks.publish -->"
DAYS_END = "<!-- end of the days -->"
GUARD_BEGIN = "<!-- the output guard: python -m benchmarks.publish -->"
GUARD_END = "<!-- end of the output guard -->"

_GUARD = "Output guard: "

_WIDTH = 118

Json = Mapping[str, Any]


def section(results: Json) -> str:
    """The tables for the page: figures by the size of the vault, then those without one."""
    shown = [each for each in results["figures"] if not _is_guard(each)]
    sized = [each for each in shown if each["items"] is not None]
    others = [each for each in shown if each["items"] is None]
    parts = []
    if sized:
        sizes = sorted({each["items"] for each in sized})
        headings = ["items in the vault", *(f"{items:,}" for items in sizes), "goal"]
        parts.append(table(headings, _rows(sized, sizes)))
    if others:
        rows = [[each["what"], _measured(each), each["goal"]] for each in others]
        parts.append(table(["figure", "measured", "goal"], rows))
    return "\n\n".join([*parts, _verdict(shown), _conditions(results)])


def guard_section(results: Json) -> str:
    """The table of what the output guard costs."""
    shown = [each for each in results["figures"] if _is_guard(each)]
    rows = [[each["what"].removeprefix(_GUARD), _measured(each), each["goal"]] for each in shown]
    headings = ["the output guard, on against off", "costs", "goal"]
    return "\n\n".join([table(headings, rows), _verdict(shown), _conditions(results)])


def _is_guard(figure: Json) -> bool:
    return bool(figure["what"].startswith(_GUARD))


def _conditions(results: Json) -> str:
    return textwrap.fill(f"*{results['conditions']}*", _WIDTH)


def _rows(figures: Sequence[Json], sizes: Sequence[int]) -> list[list[str]]:
    rows = []
    for what in dict.fromkeys(each["what"] for each in figures):
        by_size = {each["items"]: each for each in figures if each["what"] == what}
        cells = [_measured(by_size[items]) if items in by_size else "" for items in sizes]
        rows.append([what, *cells, _goal(by_size)])
    return rows


def _measured(figure: Json) -> str:
    text = figure.get("measured") or f"{digits(figure['value'])} {figure['unit']}".rstrip()
    return f"**{text}**, missed" if figure["is_met"] is False else text


def _goal(by_size: Mapping[int, Json]) -> str:
    """The goal, with the sizes where there are several."""
    goals: dict[str, list[int]] = {}
    for items, figure in by_size.items():
        if figure["goal"]:
            goals.setdefault(figure["goal"], []).append(items)
    if len(goals) == 1:
        return next(iter(goals))
    return "; ".join(
        f"{goal} at {', '.join(f'{items:,}' for items in sizes)}" for goal, sizes in goals.items()
    )


def _verdict(figures: Sequence[Json]) -> str:
    judged = [each for each in figures if each["is_met"] is not None]
    return f"{sum(bool(each['is_met']) for each in judged)} of {len(judged)} goals met."


def publish(results: Path = RESULTS, root: Path = ROOT) -> None:
    """Writes the tables of what was measured and copies the plots.

    Raises `ValueError` where the page has no marks.
    """
    page = root / "docs" / "performance.md"
    measured: Json = json.loads((results / "results.json").read_text(encoding="utf-8"))
    text = page.read_text(encoding="utf-8")
    are_guard = [_is_guard(each) for each in measured["figures"]]
    if any(are_guard):
        text = _replaced(text, GUARD_BEGIN, GUARD_END, guard_section(measured))
    if not all(are_guard) or not are_guard:
        text = _replaced(text, BEGIN, END, section(measured))
        text = _replaced(text, DAYS_BEGIN, DAYS_END, days.section(days.keep(page.parent, measured)))
    page.write_text(text, encoding="utf-8")
    for ground in GROUNDS:
        for name in ("speed", "growth"):
            plot = results / f"{name}{ground.name}.svg"
            if plot.exists():
                shutil.copy(plot, root / "docs" / plot.name)


def _replaced(text: str, begin: str, end: str, written: str) -> str:
    """The text with that between the marks."""
    before, has_begin, rest = text.partition(begin)
    _, has_end, after = rest.partition(end)
    if not has_begin or not has_end:
        raise ValueError("docs/performance.md has no place for the figures.")
    return f"{before}{begin}\n\n{written}\n\n{end}{after}"


if __name__ == "__main__":
    publish()
