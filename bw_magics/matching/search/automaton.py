"""`Automaton`: many needles found in one pass over a text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from bw_magics.matching.search.compiled import FEW, compiled, is_available
from bw_magics.matching.search.needle import Span
from bw_magics.matching.search.sampled import Sampled

# Needles of such a length are found by looking at every third byte of a text, at every second one:
# four of their own.
STRIDES = ((12, 3), (8, 2))
# So many others are found as several times few, each in a tenth of the time of all in one; but not
# in a small text.
SOME = 4 * FEW
_SMALL = 1 << 8
# From this size on, two bytes are found ten times faster with the library.
_LARGE = 1 << 16


class Automaton:
    """A fixed set of needles, compiled.

    Many that are long and not much alike are searched for in every second or third byte of a text;
    it takes that much less time. The others are searched for in the text itself.
    """

    def __init__(self, needles: Sequence[bytes]) -> None:
        self.needles = tuple(needles)
        self._sampled: list[Sampled] = []
        dense = list(needles)
        for length, stride in STRIDES:
            long = [each for each in dense if len(each) >= length]
            sampled = Sampled.of(long, stride) if len(long) > SOME else None
            if sampled is not None:
                self._sampled.append(sampled)
                dense = [each for each in dense if len(each) < length]
        self._dense = dense
        self._thorough: Any = None
        at_few = range(0, len(dense), FEW) if len(dense) <= SOME else ()
        self._quick = [compiled(dense[at : at + FEW], overlapping=False) for at in at_few]

    def hits(self, data: bytes) -> bool:
        """Returns whether the text contains a needle; quickest where it contains none."""
        if self._dense and self._has_dense(data):
            return True
        for sampled in self._sampled:  # noqa: SIM110 (a generator takes as long as a search)
            if sampled.hits(data):
                return True
        return False

    def spans(self, data: bytes) -> Iterator[Span]:
        """Yields the places of all needles, also overlapping ones."""
        if self._dense and self._has_dense(data):
            for _, start, end in self._overlapping().find_matches_as_indexes(data, True):
                yield start, end
        for sampled in self._sampled:
            yield from sampled.spans(data)

    def _has_dense(self, data: bytes) -> bool:
        if not self._quick or (len(self._quick) > 1 and len(data) < _SMALL):
            return bool(self._overlapping().find_matches_as_indexes(data, True))
        for few in self._quick:  # noqa: SIM110
            if few.find_matches_as_indexes(data):
                return True
        return False

    def _overlapping(self) -> Any:
        """Returns the one that finds the needles that overlap, too: `_quick` does not."""
        if self._thorough is None:
            self._thorough = compiled(self._dense, overlapping=True)
        return self._thorough


def has_any(data: bytes, *few: bytes) -> bool:
    """Returns whether a text, which may be very large, contains one of a few short texts."""
    if len(data) >= _LARGE and few and is_available():
        return _automaton(few).hits(data)
    for each in few:  # noqa: SIM110 (a generator takes longer than the search)
        # A search for a byte by its number takes a sixth of the time.
        if each[0] in data and data.find(each) >= 0:
            return True
    return False


def places_of_any(data: bytes, *few: bytes) -> list[int]:
    """Returns where some of a few short texts are in a large one; none that overlaps another."""
    if not is_available():
        return sorted(
            {found.start() for each in few for found in re.finditer(re.escape(each), data)}
        )
    return [start for _, start, _ in _automaton(few)._quick[0].find_matches_as_indexes(data)]


@cache
def _automaton(few: tuple[bytes, ...]) -> Automaton:
    return Automaton(few)
