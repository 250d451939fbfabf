"""`python -m tests.leaks`: every route, headless, and a table of what came of it."""

from __future__ import annotations

import os
import sys
from collections import Counter
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent


class Table:
    """Collects what pytest reports, one line a route."""

    def __init__(self) -> None:
        self.outcomes: dict[str, str] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" or report.failed or report.skipped:
            file, _, name = report.nodeid.partition("::")
            self.outcomes[f"{Path(file).stem.removeprefix('test_')} · {name}"] = report.outcome

    def show(self) -> None:
        """Prints the table."""
        words = {"passed": "clean", "failed": "LEAKS", "skipped": "not run"}
        counts: Counter[str] = Counter()
        print(f"\n{'where and what':<88} with the guard")
        for name, outcome in self.outcomes.items():
            place, _, test = name.partition(" · ")
            route = test.partition("[")[2].removesuffix("]") or test.replace("_", " ")
            # These show what cannot be caught, and that the list of it is true.
            word = "known hole" if place == "not_caught" and outcome == "passed" else words[outcome]
            counts[word] += 1
            print(f"{f'{place} · {route}'[:86]:<88} {word}")
        print("\n" + ", ".join(f"{count} {word}" for word, count in counts.items()))


if __name__ == "__main__":
    os.environ["BW_MAGICS_LEAKS"] = "all"
    table = Table()
    status = pytest.main(["-q", str(FOLDER), *sys.argv[1:]], plugins=[table])
    table.show()
    sys.exit(status)
