"""`Screen`: the parts of a large text that may hold a needle, found with numpy.

A needle of eleven bytes holds eight of its bytes at a place of the text that is a multiple of four,
wherever it stands. So it is enough to look up eight bytes at every fourth place. That takes a
tenth of the time of an automaton with many needles, and does not depend on their number.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any, NamedTuple

from bw_magics.matching.search.compiled import compiled
from bw_magics.matching.search.needle import Span

# To make a screen pays from this size of a text on. One that is made is quicker from a smaller one
# on: with tables, with tables of many needles, and without.
LARGE = 1 << 15
_WITH_TABLES, _WITH_MANY, _WITHOUT = 1 << 14, 1 << 12, 1 << 9
_MANY = 1 << 15
# So much of a text is looked up at once: the numbers stay in the processor's cache.
_AT_ONCE = 1 << 17
_MOST_BITS, _LEAST_BITS = 22, 14
_FACTORS = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F)
# Where more of a text is left than so many parts of it, all of it is.
_SHARE = 4


class _Kind(NamedTuple):
    """Needles from a length on: so many bytes of them are looked up at every `stride`-th place."""

    least: int
    gram: int
    stride: int


_KINDS = (_Kind(11, 8, 4), _Kind(8, 5, 4))
SHORTEST = _KINDS[-1].least
# Needles of so many bytes together, about 250 bytes of memory each, take a quick automaton.
_QUICK = 1 << 16


def is_available() -> bool:
    """Returns whether numpy is loaded. The guard never loads it: who has large texts has it."""
    return "numpy" in sys.modules


def load() -> bool:
    """Loads numpy where it is installed; for programs that search a lot."""
    try:
        import numpy  # noqa: F401
    except ImportError:
        return False
    return True


class Screen:
    """A fixed set of needles, as the numbers that their bytes are.

    An automaton has those that are too short, and all of them where most are.
    """

    def __init__(self, needles: Sequence[bytes]) -> None:
        self.needles = tuple(needles)
        self._tables: list[_Table] = []
        rest = list(needles)
        short = sum(len(each) < SHORTEST for each in rest)
        if 2 * short < len(rest) or not _is_quick(rest):
            for kind in _KINDS:
                if some := [each for each in rest if len(each) >= kind.least]:
                    self._tables.append(_Table(some, kind))
                    rest = [each for each in rest if len(each) < kind.least]
        self._rest: Any = None
        if rest:
            self._rest = compiled(rest, overlapping=True, is_quick=_is_quick(rest))

    def __len__(self) -> int:
        return len(self.needles)

    @property
    def least(self) -> int:
        """The size of a text from which on a screen is quicker than an automaton."""
        if not self._tables:
            return _WITHOUT
        return _WITH_MANY if len(self.needles) >= _MANY else _WITH_TABLES

    def spans(self, data: bytes) -> list[Span]:
        """Returns the places of the needles that `parts` has no place of."""
        if self._rest is None:
            return []
        found = self._rest.find_matches_as_indexes(data, True)
        return [(start, end) for _, start, end in found]

    def parts(self, data: bytes) -> list[Span]:
        """Returns parts that hold every place of the other needles, in order and apart."""
        reaches = [reach for table in self._tables for reach in table.reaches(data)]
        if not reaches:
            return []
        reaches.sort()
        merged = [reaches[0]]
        for start, end in reaches:
            if start <= merged[-1][1]:
                merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
            else:
                merged.append((start, end))
        if sum(end - start for start, end in merged) * _SHARE > len(data):
            return [(0, len(data))]
        return merged


def _is_quick(needles: Sequence[bytes]) -> bool:
    return sum(map(len, needles)) <= _QUICK


class _Table:
    """The grams of needles of one kind."""

    def __init__(self, needles: Sequence[bytes], kind: _Kind) -> None:
        import numpy as np

        self._kind = kind
        self._longest = max(map(len, needles))
        joined = np.frombuffer(b"".join(needles) + bytes(8), np.uint8)
        lengths = np.fromiter(map(len, needles), np.int64, len(needles))
        starts = np.cumsum(lengths) - lengths
        self._before = kind.stride - 1
        if kind.gram == 8:
            # From the end: addresses and dates differ less at their beginning.
            starts += lengths - kind.least
            self._before += self._longest - kind.least
        places = (starts[:, None] + np.arange(kind.stride)).ravel()
        windows = np.lib.stride_tricks.sliding_window_view(joined, 8)
        grams = np.ascontiguousarray(windows[places]).view(np.uint64)
        self._unused = np.uint64(8 * (8 - kind.gram))
        self._grams = np.unique(self._alone(grams.ravel()))
        self._heads: set[bytes] = set()
        if kind.gram < kind.least <= 8:
            self._heads = {needle[: kind.least] for needle in needles}
        bits = min(_MOST_BITS, max(_LEAST_BITS, (16 * len(self._grams)).bit_length()))
        self._shift = np.uint64(64 - bits)
        self._factors = [np.uint64(factor) for factor in _FACTORS]
        self._known = [np.zeros(1 << bits, bool) for _ in _FACTORS]
        for factor, known in zip(self._factors, self._known, strict=True):
            known[(self._grams * factor) >> self._shift] = True

    def reaches(self, data: bytes) -> list[Span]:
        """Returns where grams are, and how far a needle can reach from there."""
        import numpy as np

        found: list[Any] = []
        for begin in range(0, len(data), _AT_ONCE):
            # Eight bytes are read at each place, so that the last ones need some more.
            part = data[begin : begin + _AT_ONCE + 8]
            if len(part) < _AT_ONCE + 8:
                part += bytes(8)
            for offset in range(0, 8, self._kind.stride):
                numbers = np.frombuffer(part, np.uint64, (len(part) - offset) // 8, offset)
                places = self._places(numbers)
                if places.size:
                    found.append(places * 8 + (begin + offset))
        if not found:
            return []
        before, after = self._before, self._longest
        return [
            (max(0, place - before), min(len(data), place + after))
            for place in np.unique(np.concatenate(found)).tolist()
            if self._may_begin(data, place)
        ]

    def _may_begin(self, data: bytes, place: int) -> bool:
        """Returns whether a needle may have its gram at that place: a gram of five bytes says
        little.
        """
        if not self._heads:
            return True
        starts = range(place, max(-1, place - self._kind.stride), -1)
        return any(data[start : start + self._kind.least] in self._heads for start in starts)

    def _alone(self, numbers: Any) -> Any:
        """Returns the numbers of grams without the bytes after them."""
        if not self._unused:
            return numbers
        is_little = sys.byteorder == "little"
        return numbers << self._unused if is_little else numbers >> self._unused << self._unused

    def _places(self, numbers: Any) -> Any:
        import numpy as np

        first, second = self._known
        hashes = self._alone(numbers) * self._factors[0]
        hashes >>= self._shift
        # As signed numbers they are indexes without a conversion.
        places = np.flatnonzero(first.take(hashes.view(np.int64), mode="clip"))
        if places.size:
            some = self._alone(numbers[places])
            is_known = second[(some * self._factors[1]) >> self._shift]
            places, some = places[is_known], some[is_known]
        if places.size:
            at = np.searchsorted(self._grams, some)
            at[at == len(self._grams)] = 0
            places = places[self._grams[at] == some]
        return places
