"""`Automaton`: many needles found in one pass over a text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from bw_magics.matching.search.compiled import SOME, compiled, is_available
from bw_magics.matching.search.dense import Dense
from bw_magics.matching.search.needle import Span
from bw_magics.matching.search.sampled import Sampled

# Needles of such a length are found by looking at every third byte of a text, at every second one:
# four of their own.
STRIDES = ((12, 3), (8, 2))
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
        self._dense = Dense(dense) if dense else None

    def hits(self, data: bytes) -> bool:
        """Returns whether the text contains a needle; quickest where it contains none."""
        if self._dense is not None and self._dense.hits(data):
            return True
        for sampled in self._sampled:  # noqa: SIM110 (a generator takes as long as a search)
            if sampled.hits(data):
                return True
        return False

    def spans(self, data: bytes) -> Iterator[Span]:
        """Yields the places of all needles, also overlapping ones."""
        if self._dense is not None:
            yield from self._dense.spans(data)
        for sampled in self._sampled:
            yield from sampled.spans(data)


def has_any(data: bytes, *few: bytes) -> bool:
    """Returns whether a text, which may be very large, contains one of a few short texts."""
    if len(data) >= _LARGE and few and is_available():
        return bool(_compiled(few).find_matches_as_indexes(data))
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
    return [start for _, start, _ in _compiled(few).find_matches_as_indexes(data)]


@cache
def _compiled(few: tuple[bytes, ...]) -> Any:
    return compiled(few, overlapping=False)
