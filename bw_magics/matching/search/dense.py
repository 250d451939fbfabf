"""`Dense`: needles that are searched for in every byte of a text."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

from bw_magics.matching.search.compiled import FEW, SOME, compiled
from bw_magics.matching.search.needle import Span, joined

# So short a text is not searched for several groups.
_SMALL = 1 << 8
# To search a part takes as long as so many bytes of a whole text.
_EACH = 300
# Fewer needles would be found by their rarest byte, which a text may be full of: ten times slower.
# So there are others beside them, with bytes that no text has.
_FEWEST = 16
_DECOYS = tuple(bytes([byte]) * 4 for byte in range(0xFC, 0x100))


class Dense:
    """A fixed set of needles, compiled; one that `is_quick` takes more memory.

    Some are found as groups of few, which tell only of finds that do not overlap. Every other find
    overlaps one of those, so that only what is around them is searched for all.
    """

    def __init__(self, needles: Sequence[bytes], *, is_quick: bool = False) -> None:
        self._needles = tuple(needles)
        self._is_quick = is_quick
        # How far a find reaches from another one that it overlaps.
        self._reach = max(map(len, needles)) - 1
        self._all: Any = None
        at_few = range(0, len(needles), FEW) if len(needles) <= SOME else ()
        self._groups = [_group(needles[at : at + FEW]) for at in at_few]
        # The size of a text from which on the groups are quicker.
        self._least: float = 0 if len(self._groups) == 1 else _SMALL
        if not self._groups:
            self._all, self._least = self._compiled(), math.inf

    def hits(self, data: bytes) -> bool:
        """Returns whether the text contains a needle; quickest where it contains none."""
        if len(data) < self._least:
            return bool(self._compiled().find_matches_as_indexes(data, True))
        for few in self._groups:  # noqa: SIM110 (a generator takes as long as a search)
            if few.find_matches_as_indexes(data):
                return True
        return False

    def spans(self, data: bytes) -> Iterator[Span]:
        """Yields the places of all needles, also overlapping ones."""
        for begin, stop in self._parts(data):
            part = data[begin:stop]
            for _, start, end in self._compiled().find_matches_as_indexes(part, True):
                yield begin + start, begin + end

    def _parts(self, data: bytes) -> list[Span]:
        """Returns the parts of a text that hold all finds, each of them in one."""
        whole = [(0, len(data))]
        if len(data) < self._least:
            return whole
        found = [few.find_matches_as_indexes(data) for few in self._groups]
        count = sum(map(len, found))
        if not count:
            return []
        # Parts of a small text, and many parts, are not worth it.
        if count * (self._reach + _EACH) > len(data):
            return whole
        spans = [(start, end) for each in found for _, start, end in each]
        if len(found) > 1:
            spans.sort()
        return joined((max(0, start - self._reach), end + self._reach) for start, end in spans)

    def _compiled(self) -> Any:
        """Returns the one that finds the needles that overlap, too."""
        if self._all is None:
            self._all = compiled(self._needles, overlapping=True, is_quick=self._is_quick)
        return self._all


def _group(few: Sequence[bytes]) -> Any:
    """Returns few needles, compiled to be found with vector instructions."""
    # By itself, one is found as quickly.
    decoys = _DECOYS if 1 < len(few) < _FEWEST else ()
    return compiled((*few, *decoys), overlapping=False)
