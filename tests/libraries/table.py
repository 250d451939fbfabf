"""The table in docs/libraries.md."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tests.libraries.case import Case

PAGE = Path(__file__).parents[2] / "docs" / "libraries.md"
BEGIN, END = "<!-- the table -->\n", "<!-- the end of the table -->\n"


def rows(cases: Sequence[Case]) -> str:
    """The table of some cases, in Markdown."""
    lines = ["| library | what | what comes of it | why |", "| --- | --- | --- | --- |"]
    lines += [f"| {c.library} | {c.what} | {c.verdict.value} | {c.why} |" for c in cases]
    return "\n".join(lines).replace("  |", " |") + "\n"


def written(page: str) -> str:
    """The table that a page has."""
    return page.partition(BEGIN)[2].partition(END)[0]


def with_table(page: str, table: str) -> str:
    """The page with another table."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    return before + begin + table + end + after
