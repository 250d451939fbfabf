"""`Screen`: many needles found in a large text with numpy.

A needle of eleven bytes holds eight of its bytes at a place of the text that is a multiple of four,
wherever it stands. So it is enough to look up eight bytes at every fourth place. That takes a
tenth of the time of an automaton with many needles, and does not depend on their number. Where
eight bytes are found, the first and the last eight of their needle are compared, all at once, and
only then the needle: many dates and links in a text may share a part with one that is known.
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterator, Sequence
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
# Of needles that have eight bytes in common with more than so many others, other bytes are looked
# up: tried are so many places, so far apart.
_FEW_ALIKE, _TRIES, _STEP = 4, 8, 6
# An automaton has needles that have them in common with more than so many.
_MOST_ALIKE = 128
# So many places of needles are compared at once.
_COMPARED = 1 << 15


# The bytes of a number.
_NUMBER = 8


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

    An automaton has those that are too short or too much alike, and all of them where most are.
    """

    def __init__(self, needles: Sequence[bytes]) -> None:
        self.needles = tuple(needles)
        self._tables: list[_Table] = []
        rest = list(needles)
        short = sum(len(each) < SHORTEST for each in rest)
        if 2 * short < len(rest) or not _is_quick(rest):
            alike: list[bytes] = []
            for kind in _KINDS:
                if some := [each for each in rest if len(each) >= kind.least]:
                    table = _Table(some, kind)
                    self._tables.append(table)
                    alike += table.alike
                    rest = [each for each in rest if len(each) < kind.least]
            rest += alike
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

    def spans(self, data: bytes) -> Iterator[Span]:
        """Yields the places of all needles, also overlapping ones, in no order."""
        if self._rest is not None:
            for _, start, end in self._rest.find_matches_as_indexes(data, True):
                yield start, end
        for table in self._tables:
            yield from table.spans(data)


def _is_quick(needles: Sequence[bytes]) -> bool:
    return sum(map(len, needles)) <= _QUICK


class _Table:
    """The grams of needles of one kind, but for those that are too much `alike`."""

    def __init__(self, needles: Sequence[bytes], kind: _Kind) -> None:
        import numpy as np

        self._kind = kind
        joined = np.frombuffer(b"".join(needles), np.uint8)
        lengths = np.fromiter(map(len, needles), np.int64, len(needles))
        starts = np.cumsum(lengths) - lengths
        where, is_alike = _telling(joined, starts, lengths, kind)
        self.alike = list(itertools.compress(needles, is_alike))
        if self.alike:
            needles = list(itertools.compress(needles, ~is_alike))
            starts, lengths, where = starts[~is_alike], lengths[~is_alike], where[~is_alike]
        self._needles, self._lengths = needles, lengths.astype(np.int32)
        self._where = where.astype(np.int32)
        self._heads = _numbers(joined, starts)
        self._tails = _numbers(joined, starts + lengths - _NUMBER)
        self._unused = np.uint64(8 * (_NUMBER - kind.gram))
        places = ((starts + where)[:, None] + np.arange(kind.stride)).ravel()
        grams = self._alone(_numbers(np.append(joined, np.zeros(_NUMBER, np.uint8)), places))
        # In the order of their grams: of which needle each is, and the how manieth.
        order = np.argsort(grams, kind="stable")
        self._of = (order // kind.stride).astype(np.int32)
        self._steps = (order % kind.stride).astype(np.int8)
        grams = grams[order]
        firsts = np.flatnonzero(np.append(True, grams[1:] != grams[:-1])[: len(grams)])
        self._grams = grams[firsts]
        self._firsts = np.append(firsts, len(order)).astype(np.int32)
        bits = min(_MOST_BITS, max(_LEAST_BITS, (16 * len(self._grams)).bit_length()))
        self._shift = np.uint64(64 - bits)
        self._factors = [np.uint64(factor) for factor in _FACTORS]
        self._known = [np.zeros(1 << bits, bool) for _ in _FACTORS]
        for factor, known in zip(self._factors, self._known, strict=True):
            known[(self._grams * factor) >> self._shift] = True

    def spans(self, data: bytes) -> Iterator[Span]:
        """Yields the places of the needles."""
        import numpy as np

        places: list[Any] = []
        grams: list[Any] = []
        for begin in range(0, len(data), _AT_ONCE):
            # Eight bytes are read at each place, so that the last ones need some more.
            part = data[begin : begin + _AT_ONCE + _NUMBER]
            if len(part) < _AT_ONCE + _NUMBER:
                part += bytes(_NUMBER)
            for offset in range(0, _NUMBER, self._kind.stride):
                count = min(_AT_ONCE, len(part) - offset) // _NUMBER
                numbers = np.frombuffer(part, np.uint64, count, offset)
                at, which = self._places(numbers)
                if at.size:
                    places.append(at * _NUMBER + (begin + offset))
                    grams.append(which)
        if places and len(data) >= _NUMBER:
            yield from self._compared(data, np.concatenate(places), np.concatenate(grams))

    def _compared(self, data: bytes, places: Any, grams: Any) -> Iterator[Span]:
        """Yields the places of needles that have these grams at these places."""
        import numpy as np

        text = np.frombuffer(data, np.uint8)
        firsts, counts = self._firsts[grams], self._firsts[grams + 1] - self._firsts[grams]
        sums = np.cumsum(counts)
        done = 0
        while done < places.size:
            # So many at once that their numbers stay in the processor's cache; but one at least.
            most = (sums[done - 1] if done else 0) + _COMPARED
            end = max(done + 1, int(np.searchsorted(sums, most, "right")))
            each = counts[done:end]
            among = np.arange(each.sum()) - np.repeat(np.cumsum(each) - each, each)
            entries = np.repeat(firsts[done:end], each) + among
            needles = self._of[entries]
            starts = np.repeat(places[done:end], each) - self._steps[entries] - self._where[needles]
            ends = starts + self._lengths[needles]
            is_same = (starts >= 0) & (ends <= len(data))
            for at, expected in ((starts, self._heads), (ends - _NUMBER, self._tails)):
                some = np.flatnonzero(is_same)
                is_same[some] = _numbers(text, at[some]) == expected[needles[some]]
            some = np.flatnonzero(is_same)
            for start, needle in zip(starts[some].tolist(), needles[some].tolist(), strict=True):
                if data.startswith(self._needles[needle], start):
                    yield start, start + len(self._needles[needle])
            done = end

    def _alone(self, numbers: Any) -> Any:
        """Returns the numbers of grams without the bytes after them."""
        if not self._unused:
            return numbers
        is_little = sys.byteorder == "little"
        return numbers << self._unused if is_little else numbers >> self._unused << self._unused

    def _places(self, numbers: Any) -> tuple[Any, Any]:
        """Returns which of the numbers are grams, and which grams."""
        import numpy as np

        first, second = self._known
        hashes = self._alone(numbers) * self._factors[0]
        hashes >>= self._shift
        # As signed numbers they are indexes without a conversion.
        places = np.flatnonzero(first.take(hashes.view(np.int64), mode="clip"))
        if not places.size:
            return places, places
        some = self._alone(numbers[places])
        is_known = second[(some * self._factors[1]) >> self._shift]
        places, some = places[is_known], some[is_known]
        at = np.searchsorted(self._grams, some)
        at[at == len(self._grams)] = 0
        is_known = self._grams[at] == some
        return places[is_known], at[is_known]


def _telling(joined: Any, starts: Any, lengths: Any, kind: _Kind) -> tuple[Any, Any]:
    """Returns where each needle has the bytes that are looked up, and whether too many have the
    same.

    They are its last, or others that fewer have: dates and addresses differ less at their
    beginning. Of a short needle they are the first.
    """
    import numpy as np

    where = lengths - kind.least if kind.gram == _NUMBER else np.zeros_like(lengths)
    _, which, counts = np.unique(
        _numbers(joined, starts + where), return_inverse=True, return_counts=True
    )
    counts = counts[which]
    if kind.gram == _NUMBER and (some := np.flatnonzero(counts > _FEW_ALIKE)).size:
        steps = np.arange(0, _STEP * _TRIES, _STEP)
        tried = np.maximum(0, where[some, None] - steps)
        _, which, found = np.unique(
            _numbers(joined, (starts[some, None] + tried).ravel()),
            return_inverse=True,
            return_counts=True,
        )
        found = found[which].reshape(tried.shape)
        rarest = np.argmin(found, axis=1)[:, None]
        where[some] = np.take_along_axis(tried, rarest, 1)[:, 0]
        counts[some] = np.take_along_axis(found, rarest, 1)[:, 0]
    return where, counts > _MOST_ALIKE


def _numbers(data: Any, places: Any) -> Any:
    """Returns the numbers that eight bytes at each place are."""
    import numpy as np

    windows = np.lib.stride_tricks.sliding_window_view(data, _NUMBER)
    return np.ascontiguousarray(windows[places]).view(np.uint64).ravel()
