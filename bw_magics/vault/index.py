"""`NameIndex`: many names, found by their beginning or another part."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from itertools import accumulate

from bw_magics.vault.names import folded, normal


class NameIndex:
    """Names in the order of the alphabet, searched ignoring case."""

    __slots__ = ("_folded", "_names", "_starts", "_text")

    def __init__(self, names: Iterable[str]) -> None:
        self._names = sorted(dict.fromkeys(map(normal, names)), key=folded)
        self._folded = [*map(folded, self._names)]
        # One text of all of them: searching it is far quicker than asking each.
        self._text = "\n".join(self._folded)
        sizes = map(len, self._folded)
        self._starts = [*accumulate(sizes, lambda at, size: at + size + 1, initial=0)]

    def __len__(self) -> int:
        return len(self._names)

    def find(self, typed: str, most: int) -> list[str]:
        """Returns at most `most` names: first those that begin with `typed`, then those that
        contain it, each group in the order of the alphabet.
        """
        wanted = folded(typed)
        found: list[str] = []
        at = bisect_left(self._folded, wanted)
        while len(found) < most and at < len(self) and self._folded[at].startswith(wanted):
            found.append(self._names[at])
            at += 1
        position = self._text.find(wanted) if wanted else -1
        while len(found) < most and position >= 0:
            at = bisect_right(self._starts, position) - 1
            if not self._folded[at].startswith(wanted):
                found.append(self._names[at])
            position = self._text.find(wanted, self._starts[at + 1])
        return found
