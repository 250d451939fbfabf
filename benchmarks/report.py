"""`Report`: all figures of one run, as one table, the details behind it, and data for the plots."""

from __future__ import annotations

import json
import os
import platform
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.figure import Figure, Told
from benchmarks.markdown import table
from bw_magics.settings import VERSION

RESULTS = Path(__file__).parent / "results"
HEADINGS = ("figure", "items", "measured", "goal", "met")


@dataclass
class Report:
    """Filled by the measurements one after the other.

    `series` are the values by size that are plotted: a name such as `cold bw_magics, s`, and the
    medians by the number of items.
    """

    figures: list[Figure | Told] = field(default_factory=list)
    details: list[tuple[str, str]] = field(default_factory=list)
    series: dict[str, dict[int, float]] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=lambda: {"bw_magics": VERSION})
    load: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.versions["Python"] = platform.python_version()
        self.begun = time.time()
        self.note_load()

    def add(self, *figures: Figure | Told) -> None:
        """Adds rows to the table."""
        self.figures += figures

    def detail(
        self, title: str, headings: Sequence[str], rows: Sequence[Sequence[str]], note: str = ""
    ) -> None:
        """Adds a table behind the main one."""
        self.text_detail(title, "\n\n".join(filter(None, (note, table(headings, rows)))))

    def text_detail(self, title: str, text: str) -> None:
        """Adds a text behind the main table."""
        self.details.append((title, text))

    def point(self, series: str, items: int, value: float) -> None:
        """Adds a value to a series."""
        self.series.setdefault(series, {})[items] = value

    def note_load(self) -> None:
        """Notes how busy the machine is now."""
        self.load.append(f"{os.getloadavg()[0]:.1f}")

    @property
    def missed(self) -> list[Figure | Told]:
        """The figures that do not reach their goal."""
        return [figure for figure in self.figures if figure.is_met is False]

    @property
    def conditions(self) -> str:
        """What was measured, when and on what."""
        versions = ", ".join(f"{name} {version}" for name, version in self.versions.items())
        minutes = (time.time() - self.begun) / 60
        return (
            f"{time.strftime('%d %B %Y', time.gmtime(self.begun)).lstrip('0')}; {versions}; "
            f"{platform.system()}, {os.cpu_count()} cores, load {' '.join(self.load)} on the way; "
            f"{minutes:.0f} minutes. Every ratio is of two things measured in turns in this run, "
            "the median over the turns; PBKDF2 has 600,000 iterations, the server is on this "
            "machine and speaks TLS."
        )

    @property
    def main_table(self) -> str:
        """All figures with their goals."""
        return table(HEADINGS, [figure.row for figure in self.figures])

    @property
    def verdict(self) -> str:
        """How many goals were met, and which were not."""
        judged = [figure for figure in self.figures if figure.is_met is not None]
        missed = self.missed
        text = f"{len(judged) - len(missed)} of {len(judged)} goals met."
        for figure in missed:
            what, items, measured, goal, _ = figure.row
            where = f", {items} items" if items else ""
            text += f"\n- missed: {what}{where}: {measured}, goal {goal}"
        return text

    @property
    def text(self) -> str:
        """The whole report in Markdown."""
        details = "".join(f"\n## {title}\n\n{text}\n" for title, text in self.details)
        head = f"# Speed\n\n{self.conditions}\n\n{self.main_table}\n\n{self.verdict}\n"
        return head + details

    def as_json(self) -> dict[str, Any]:
        """The same for programs."""
        return {
            "conditions": self.conditions,
            "versions": self.versions,
            "figures": [figure.as_json() for figure in self.figures],
            "series": self.series,
        }

    def write(self, folder: Path) -> None:
        """Writes `report.md` and `results.json` there."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "report.md").write_text(self.text, encoding="utf-8")
        results = json.dumps(self.as_json(), indent=1, ensure_ascii=False)
        (folder / "results.json").write_text(results + "\n", encoding="utf-8")
