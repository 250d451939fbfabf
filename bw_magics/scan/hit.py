"""`Hit` and `Problem`: what a scan reports, without any value."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bw_magics.shown import one_line


@dataclass(frozen=True, slots=True, order=True)
class Hit:
    """A known secret that was found.

    `source` is a file, or an object of a git repository; `part` where in it, such as
    `cell 3, output 1, line 2`. `labels` name the item and field; several where they share a value.
    """

    source: str
    part: str
    labels: tuple[str, ...]
    # An output of a notebook: emptying it removes the value.
    is_output: bool = False

    def within(self, source: str, before: str = "") -> Hit:
        """Returns the same hit, in a document that is at a place of its own."""
        return replace(self, source=source, part=", ".join(filter(None, (before, self.part))))

    def __str__(self) -> str:
        names = " and ".join(one_line(label) for label in self.labels) or "a known secret"
        return f"{one_line(self.source)}: {one_line(self.part)}: {names}"


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that could not be searched, or only in part."""

    source: str
    reason: str

    def __str__(self) -> str:
        return f"{one_line(self.source)}: {one_line(self.reason)}"
