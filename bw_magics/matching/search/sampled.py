"""`Sampled`: many long needles, found by a part of a text's bytes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from bw_magics.matching.search.compiled import FEW, compiled
from bw_magics.matching.search.needle import Span

# So many bytes of a sample are enough: what they find is compared whole, and to compile costs by
# the byte.
_SAMPLED = 6
# Samples of so many bytes, about 250 bytes of memory each, take a quick automaton.
_QUICK = 1 << 14
# If more than so many samples are the same, each of them would be compared at each place.
_MOST_ALIKE = 16


class Sampled:
    """Needles that are searched for in every `stride`-th byte of a text: as so many samples each,
    one for each way to fall on those bytes, and mostly only by the ends of these. What is found
    there is compared whole.
    """

    @classmethod
    def of(cls, needles: Sequence[bytes], stride: int) -> Sampled | None:
        """Returns the sampled needles, or None where sampling is not worth it."""
        if len(needles) <= FEW:
            return None
        # Values are mostly alike at their beginning, but may also be at their end.
        for most in (_SAMPLED, max(map(len, needles))):
            samples = [
                needle[offset::stride][_unsampled(needle, offset, stride, most) :]
                for needle in needles
                for offset in range(stride)
            ]
            if max(Counter(samples).values()) <= _MOST_ALIKE:
                is_quick = sum(map(len, samples)) <= _QUICK
                find = compiled(samples, overlapping=True, is_quick=is_quick)
                return cls(needles, stride, most, find)
        return None

    def __init__(self, needles: Sequence[bytes], stride: int, most: int, find: Any) -> None:
        self.needles = needles
        self._stride = stride
        self._most = most
        self._find = find

    def hits(self, data: bytes) -> bool:
        """Returns whether the text contains a needle."""
        found = self._find.find_matches_as_indexes(data[:: self._stride], True)
        return bool(found) and any(True for _ in self._compared(found, data))

    def spans(self, data: bytes) -> Iterator[Span]:
        """Returns the places of all needles, also overlapping ones."""
        found = self._find.find_matches_as_indexes(data[:: self._stride], True)
        return self._compared(found, data)

    def _compared(self, found: list[tuple[int, int, int]], data: bytes) -> Iterator[Span]:
        for index, place, _ in found:
            needle, offset = self.needles[index // self._stride], index % self._stride
            unsampled = _unsampled(needle, offset, self._stride, self._most)
            start = (place - unsampled) * self._stride - offset
            if start >= 0 and data.startswith(needle, start):
                yield start, start + len(needle)


def _unsampled(needle: bytes, offset: int, stride: int, most: int) -> int:
    """Returns how many of the bytes at `offset`, `offset + stride`, … are left out."""
    return max(0, len(range(offset, len(needle), stride)) - most)
