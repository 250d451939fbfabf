"""`python -m tests.leaks`: every route in every front end and on every kernel, as tables.

Exit status 1 where anything leaks. Arguments are pytest's.
"""

from __future__ import annotations

import os
import sys
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.browser.kernels import KERNELS, NEWEST

from .routes import ROUTES
from .verdict import PROPERTY, Verdict, Verdicts

ROOT = Path(__file__).parents[2]
TESTS = ("tests/leaks", "tests/browser/test_leaks.py", "tests/browser/test_leak_scenarios.py")

# By the names that tests give their columns.
FRONT_ENDS = {
    NEWEST: "kernel alone",
    "nbclient": "nbclient",
    "papermill": "papermill",
    "nbconvert": "nbconvert",
    "lab": "JupyterLab",
    "notebook": "Notebook",
}
HOLES = "test_not_caught.py"
NOT_RUN = "not run"


class Table:
    """Collects what pytest reports."""

    def __init__(self) -> None:
        self.verdicts: dict[str, dict[str, Verdict]] = defaultdict(dict)
        # The tests that are not a route, by file and name: their result on each kernel.
        self.others: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keeps the verdicts of a test that has any, and how every other one ended."""
        if report.when != "call" and report.passed:
            return
        properties: list[tuple[str, Any]] = list(report.user_properties)
        told = [value for name, value in properties if name == PROPERTY]
        for column, verdicts in told:
            self.verdicts[column] |= {route: Verdict(word) for route, word in verdicts.items()}
        if report.failed or not told:
            file, _, name = report.nodeid.partition("::")
            test, kernel = _without_kernel(name)
            self.others[Path(file).name, test].append((kernel, report.outcome))

    def show(self) -> None:
        """Prints the tables."""
        _show("route", FRONT_ENDS, self.verdicts)
        _show("route, in a kernel alone", {name: name for name in KERNELS}, self.verdicts)
        self._show_others("beside the routes", is_hole=False)
        self._show_others("what the guard cannot catch, as SECURITY.md says", is_hole=True)

    def _show_others(self, heading: str, *, is_hole: bool) -> None:
        print(f"\n{heading}")
        good = "known hole" if is_hole else str(Verdict.CLEAN)
        words = {"passed": good, "failed": "FAILED", "skipped": NOT_RUN}
        counts: Counter[str] = Counter()
        for (file, test), ended in self.others.items():
            if (file == HOLES) is not is_hole:
                continue
            outcomes = {outcome for _, outcome in ended}
            word = words[next(o for o in ("failed", "skipped", "passed") if o in outcomes)]
            kernels = [kernel for kernel, outcome in ended if kernel and words[outcome] == word]
            counts[word] += 1
            print(f"  {test[:86]:<88} {word:<12} {' '.join(kernels)}".rstrip())
        print("  " + ", ".join(f"{count} {word}" for word, count in counts.items()))


def _without_kernel(name: str) -> tuple[str, str]:
    """A test as a sentence, and the kernel it ran on."""
    test, _, values = name.partition("[")
    values = values.removesuffix("]")
    kernel = next((known for known in KERNELS if values.split("-")[0] == known), "")
    case = values.removeprefix(kernel).removeprefix("-")
    sentence = test.removeprefix("test_").replace("_", " ")
    return (f"{sentence}: {case}" if case else sentence), kernel


def _show(heading: str, columns: Mapping[str, str], verdicts: Mapping[str, Verdicts]) -> None:
    lines = [[heading, *columns.values()]]
    for route in ROUTES:
        said = (verdicts.get(column, {}).get(route.name, NOT_RUN) for column in columns)
        lines.append([route.name, *(str(word) for word in said)])
    for word in (*Verdict, NOT_RUN):
        counts = [
            sum(line[number] == word for line in lines[1 : 1 + len(ROUTES)])
            for number in range(1, len(columns) + 1)
        ]
        if any(counts):
            lines.append([f"in all: {word}", *map(str, counts)])
    _print(lines, rules=(1, 1 + len(ROUTES)))


def _print(lines: Sequence[Sequence[str]], rules: Sequence[int]) -> None:
    widths = [max(len(line[number]) for line in lines) for number in range(len(lines[0]))]
    print()
    for number, line in enumerate(lines):
        if number in rules:
            print("| " + " | ".join("-" * width for width in widths) + " |")
        cells = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        print("| " + " | ".join(cells) + " |")


if __name__ == "__main__":
    os.environ["BW_MAGICS_LEAKS"] = "all"
    os.chdir(ROOT)
    table = Table()
    status = pytest.main(["-q", *TESTS, *sys.argv[1:]], plugins=[table])
    table.show()
    sys.exit(status)
