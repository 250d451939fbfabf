"""`python -m benchmarks.publish`: the last results into the README, their plots into docs.

Between the two marks in the README stands what this writes, and nothing else is changed.
"""

from __future__ import annotations

import json
import shutil
import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.figure import digits
from benchmarks.markdown import table
from benchmarks.plots import GROUNDS
from benchmarks.process import ROOT
from benchmarks.report import RESULTS

BEGIN, END = "<!-- figures: python -m benchmarks.publish -->", "<!-- end of figures -->"

# Rows of a part that has a table of its own in the report.
_ELSEWHERE = ("Output guard",)

_WIDTH = 118

Json = Mapping[str, Any]


def section(results: Json) -> str:
    """The tables for the README: figures by the size of the vault, then those without one."""
    shown = [each for each in results["figures"] if not each["what"].startswith(_ELSEWHERE)]
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
    parts.append(_verdict(results["figures"]))
    parts.append(textwrap.fill(f"*{results['conditions']}*", _WIDTH))
    return "\n\n".join(parts)


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
    missed = [each for each in judged if not each["is_met"]]
    hidden = [each for each in missed if each["what"].startswith(_ELSEWHERE)]
    text = f"{len(judged) - len(missed)} of {len(judged)} goals met."
    if hidden:
        told = "; ".join(f"{each['what']}: {each['measured']}" for each in hidden)
        text += f" Missed as well: {told}."
    return textwrap.fill(text, _WIDTH)


def publish(results: Path = RESULTS, root: Path = ROOT) -> None:
    """Writes the tables and copies the plots. Raises `ValueError` where the README has no marks."""
    readme = root / "README.md"
    text = readme.read_text(encoding="utf-8")
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError("The README has no place for the figures.")
    written = section(json.loads((results / "results.json").read_text(encoding="utf-8")))
    readme.write_text(f"{before}{BEGIN}\n\n{written}\n\n{END}{after}", encoding="utf-8")
    for ground in GROUNDS:
        for name in ("speed", "growth"):
            plot = results / f"{name}{ground.name}.svg"
            if plot.exists():
                shutil.copy(plot, root / "docs" / plot.name)


if __name__ == "__main__":
    publish()
