"""What a cell printed, as a person sees it."""

from __future__ import annotations


def lines_on_screen(text: str) -> list[str]:
    """Splits printed text into lines; a carriage return overwrites the text before it."""
    # Not `splitlines`: it ends a line at a carriage return too.
    lines = [line.rstrip("\r").rpartition("\r")[2].rstrip() for line in text.split("\n")]
    return lines if lines[-1] else lines[:-1]
