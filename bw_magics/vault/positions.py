"""`Positions`: the positions in a snapshot of the items with some text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence


class Positions:
    """The positions under each text, in ascending order.

    Nearly every text has one only: that takes no list of its own.
    """

    __slots__ = ("_first", "_others")

    def __init__(self) -> None:
        self._first: dict[str, int] = {}
        self._others: dict[str, list[int]] = {}

    @classmethod
    def of(cls, texts: Sequence[str], positions: Sequence[int]) -> Positions:
        """Returns those of many texts, each with its position."""
        found = cls()
        found._first = dict(zip(texts, positions, strict=True))
        if len(found._first) != len(texts):  # some are the same
            found._first = {}
            for text, position in zip(texts, positions, strict=True):
                found.add(text, position)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._first)

    def add(self, text: str, position: int) -> None:
        """Adds one."""
        if self._first.setdefault(text, position) != position:
            self._others.setdefault(text, []).append(position)

    def discard(self, text: str, position: int) -> None:
        """Takes one away, if it is there."""
        left = [known for known in self.get(text) if known != position]
        self._first.pop(text, None)
        self._others.pop(text, None)
        for known in left:
            self.add(text, known)

    def copy(self) -> Positions:
        """Positions of its own, the same now."""
        copy = Positions()
        copy._first = dict(self._first)
        copy._others = {text: list(others) for text, others in self._others.items()}
        return copy

    def get(self, text: str) -> list[int]:
        """Returns the positions under that text."""
        first = self._first.get(text)
        return [] if first is None else sorted([first, *self._others.get(text, ())])
