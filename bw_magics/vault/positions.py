"""`Positions`: where in a snapshot the items stand that are called by some text."""

from __future__ import annotations

from collections.abc import Iterator


class Positions:
    """The positions under each text, in the order in which they were added.

    Nearly every text has one only: that takes no list of its own.
    """

    __slots__ = ("_first", "_others")

    def __init__(self) -> None:
        self._first: dict[str, int] = {}
        self._others: dict[str, list[int]] = {}

    def __iter__(self) -> Iterator[str]:
        return iter(self._first)

    def add(self, text: str, position: int) -> None:
        """Adds one."""
        if self._first.setdefault(text, position) != position:
            self._others.setdefault(text, []).append(position)

    def get(self, text: str) -> list[int]:
        """Those under that text."""
        first = self._first.get(text)
        return [] if first is None else [first, *self._others.get(text, ())]
