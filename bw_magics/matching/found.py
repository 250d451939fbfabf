"""`Found`: the place of a secret in a text, and its `Source`."""

from __future__ import annotations

from typing import NamedTuple

from bw_magics.matching.mask import MASK

# Of more labels of one value only the count is told; more are not kept.
_MOST_LABELS = 9


class Source:
    """A value that is searched for: where it comes from, and how long it is."""

    __slots__ = ("checked_mask", "labels", "size")

    def __init__(self, size: int) -> None:
        self.labels: tuple[str, ...] = ()
        self.size = size
        # With the count of values that it was checked for.
        self.checked_mask: tuple[int, str] = (0, MASK)

    def add(self, label: str) -> None:
        """Adds a place where the value comes from."""
        if label and label not in self.labels and len(self.labels) < _MOST_LABELS:
            self.labels = (*self.labels, label)
            self.checked_mask = (0, MASK)


class Found(NamedTuple):
    """The place of a secret, or of a part of one, in a text; `source` is None for the later parts
    of a value with tags inside.
    """

    start: int
    end: int
    source: Source | None
