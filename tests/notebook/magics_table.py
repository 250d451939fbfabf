"""Writes the table of all magics into README.md: `python -m tests.notebook.magics_table`."""

from __future__ import annotations

from pathlib import Path

import bw_magics.notebook.extension  # noqa: F401 # it registers the magics
from bw_magics.notebook.registry import REGISTRY

README = Path(__file__).parents[2] / "README.md"
BEGIN = "<!-- the magics: python -m tests.notebook.magics_table -->\n\n"
END = "\n\n<!-- end of the magics -->"


def in_readme() -> str:
    """The table that README.md has now."""
    return README.read_text(encoding="utf-8").partition(BEGIN)[2].partition(END)[0]


def write() -> None:
    """Puts the table of today in its place."""
    before, begin, rest = README.read_text(encoding="utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    README.write_text(before + begin + REGISTRY.as_table() + end + after, encoding="utf-8")


if __name__ == "__main__":
    write()
