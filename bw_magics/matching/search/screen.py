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
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from bw_magics.matching.search.dense import Dense
from bw_magics.matching.search.needle import Span
from bw_magics.matching.search.telling import LITTLE, NUMBER, STRIDE, Kind, numbers_at, telling

# To make a screen pays from this size of a text on. One with tables that is made is quicker than an
# automaton from a smaller one on, one without tables always.
LARGE, _WITH_TABLES = 1 << 15, 1 << 14
# So much of a text is looked up at once: the numbers stay in the processor's cache. What is found
# in several of them is compared at once.
_AT_ONCE, _TOGETHER = 1 << 17, 16
_MOST_BITS, _LEAST_BITS = 22, 18
_WHOLE = (1 << 8 * NUMBER) - 1
_FACTORS = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F)
# So many numbers are looked up, and so many needles compared, as quickly one by one.
_FEW = 64
# A candidate for fewer bytes of a text is not rare. Other bytes are looked up when so many for each
# of not too many needles were in vain, so many times; not those that are such a part of them.
_RARE, _EACH, _MOST_MOVED, _MOST_MOVES, _PART = 256, 16, 1 << 12, 8, 32
# So many places of needles are compared at once.
_COMPARED = 1 << 15


# The byte of a product that says which bit at its hash is its own.
_MIDDLE_BYTE = 4 if sys.byteorder == "little" else 3
# A text of at most so many bytes is looked up in one pass.
_SMALL = 1 << 13


_KINDS = (Kind(11, 8), Kind(8, 5))
# Of the bytes that are looked up, first so many, for needles of both kinds at once.
_FIRST = min(kind.gram for kind in _KINDS)
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


class _Parts(NamedTuple):
    """What finds the needles: by their bytes, and the rest of them."""

    tables: list[_Table]
    firsts: _Firsts | None
    rest: Dense | None


class Screen:
    """A fixed set of needles, as the numbers that their bytes are.

    An automaton has those that are too short or too much alike, and all of them where most are.
    """

    def __init__(self, needles: Sequence[bytes]) -> None:
        import numpy as np

        self.needles = tuple(needles)
        # Bytes that some text was full of, how often they were compared in vain, and when others
        # were looked up instead.
        self._crowded = np.zeros(0, np.uint64)
        self._vain = self._moves = 0
        self._parts = self._made()

    def __len__(self) -> int:
        return len(self.needles)

    @property
    def least(self) -> int:
        """The size of a text from which on a screen is quicker than an automaton."""
        return _WITH_TABLES if self._parts.tables else 0

    def spans(self, data: bytes) -> Iterator[Span]:
        """Yields the places of all needles, also overlapping ones, in no order."""
        tables, firsts, rest = self._parts
        if rest is not None:
            yield from rest.spans(data)
        if firsts is None or len(data) < NUMBER:
            return
        for numbers, places in firsts.candidates(data):
            if numbers.size <= _FEW:
                few = tuple(zip(numbers.tolist(), places.tolist(), strict=True))
                for table in tables:
                    yield from self._few_compared(data, table, table.few_among(few))
                continue
            for table in tables:
                among, grams = table.among(numbers, places)
                if among.size:
                    if among.size * _RARE > len(data):
                        self._look_elsewhere(table.grams[grams])
                    yield from table.compared(data, among, grams)

    def _few_compared(
        self, data: bytes, table: _Table, found: list[tuple[int, int]]
    ) -> Iterator[Span]:
        if len(found) * _RARE > len(data):
            self._look_elsewhere(table.grams[[gram for _, gram in found]])
        for place, gram in found:
            yield from table.compared_at(data, place, gram)

    def _made(self) -> _Parts:
        tables: list[_Table] = []
        rest = list(self.needles)
        short = sum(len(each) < SHORTEST for each in rest)
        if 2 * short < len(rest) or not _is_quick(rest):
            alike: list[bytes] = []
            for kind in _KINDS:
                if some := [each for each in rest if len(each) >= kind.least]:
                    table = _Table(some, kind, self._crowded)
                    tables.append(table)
                    alike += table.alike
                    rest = [each for each in rest if len(each) < kind.least]
            rest += alike
        firsts = _Firsts([table.grams for table in tables]) if tables else None
        return _Parts(tables, firsts, Dense(rest, is_quick=_is_quick(rest)) if rest else None)

    def _look_elsewhere(self, grams: Any) -> None:
        """Looks up other bytes of needles, once those that a text is full of have cost as much."""
        import numpy as np

        self._vain += grams.size
        is_soon = self._vain < _EACH * len(self.needles)
        if is_soon or self._moves >= _MOST_MOVES or len(self.needles) > _MOST_MOVED:
            return
        which, counts = np.unique(grams, return_counts=True)
        self._crowded = np.union1d(self._crowded, which[counts * _PART > grams.size])
        self._vain, self._moves = 0, self._moves + 1
        # It comes last: another thread may search meanwhile.
        self._parts = self._made()


def _is_quick(needles: Sequence[bytes]) -> bool:
    return sum(map(len, needles)) <= _QUICK


class _Few(NamedTuple):
    """A table as numbers one by one: an operation on arrays takes as long as ten on numbers."""

    known: memoryview
    grams: memoryview
    firsts: memoryview
    of: memoryview
    steps: memoryview
    where: memoryview
    hashing: tuple[int, int, int]


class _Table:
    """The grams of needles of one kind, but for those that are too much `alike`."""

    def __init__(self, needles: Sequence[bytes], kind: Kind, crowded: Any) -> None:
        import numpy as np

        joined = np.frombuffer(b"".join(needles), np.uint8)
        lengths = np.fromiter(map(len, needles), np.int64, len(needles))
        starts = np.cumsum(lengths) - lengths
        where, is_alike = telling(joined, starts, lengths, kind, crowded)
        self.alike = list(itertools.compress(needles, is_alike))
        if self.alike:
            needles = list(itertools.compress(needles, ~is_alike))
            starts, lengths, where = starts[~is_alike], lengths[~is_alike], where[~is_alike]
        self._needles, self._lengths = needles, lengths.astype(np.int32)
        self._where = where.astype(np.int32)
        self._heads = numbers_at(joined, starts)
        self._tails = numbers_at(joined, starts + lengths - NUMBER)
        places = ((starts + where)[:, None] + np.arange(STRIDE)).ravel()
        padded = np.append(joined, np.zeros(NUMBER, np.uint8))
        self._mask = np.uint64((1 << 8 * kind.gram) - 1)
        grams = numbers_at(padded, places) & self._mask
        # In the order of their grams: of which needle each is, and the how manieth.
        order = np.argsort(grams, kind="stable")
        self._of = (order // STRIDE).astype(np.int32)
        self._steps = (order % STRIDE).astype(np.int8)
        grams = grams[order]
        firsts = np.flatnonzero(np.append(True, grams[1:] != grams[:-1])[: len(grams)])
        self.grams = grams[firsts]
        self._firsts = np.append(firsts, len(order)).astype(np.int32)
        self._known, self._factor, self._shift = _marks(self.grams, _FACTORS[1])
        self._few = _Few(
            self._known.data,
            self.grams.data,
            self._firsts.data,
            self._of.data,
            self._steps.data,
            self._where.data,
            (int(self._mask), int(self._factor), int(self._shift)),
        )

    def compared(self, data: bytes, places: Any, grams: Any) -> Iterator[Span]:
        """Yields the places of needles that have these grams at these places."""
        import numpy as np

        firsts, lasts = self._firsts[grams], self._firsts[grams + 1]
        counts = lasts - firsts
        if counts.sum() <= _FEW:
            for place, gram in zip(places.tolist(), grams.tolist(), strict=True):
                yield from self.compared_at(data, place, gram)
            return
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
            for at, expected in ((starts, self._heads), (ends - NUMBER, self._tails)):
                some = np.flatnonzero(is_same)
                is_same[some] = numbers_at(data, at[some]) == expected[needles[some]]
            some = np.flatnonzero(is_same)
            for start, needle in zip(starts[some].tolist(), needles[some].tolist(), strict=True):
                if data.startswith(self._needles[needle], start):
                    yield start, start + len(self._needles[needle])
            done = end

    def compared_at(self, data: bytes, place: int, gram: int) -> Iterator[Span]:
        """Yields the places of needles that have this gram at this place."""
        few = self._few
        for entry in range(few.firsts[gram], few.firsts[gram + 1]):
            which = few.of[entry]
            start = place - few.steps[entry] - few.where[which]
            needle = self._needles[which]
            if start >= 0 and data.startswith(needle, start):
                yield start, start + len(needle)

    def few_among(self, few: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
        """Returns what `among` does, of few numbers with their places."""
        known, grams, (mask, factor, shift) = self._few.known, self._few.grams, self._few.hashing
        found: list[tuple[int, int]] = []
        for number, place in few:
            gram = number & mask
            if known[(gram * factor & _WHOLE) >> shift]:
                at = bisect_left(grams, gram)
                if at < len(grams) and grams[at] == gram:
                    found.append((place, at))
        return found

    def among(self, numbers: Any, places: Any) -> tuple[Any, Any]:
        """Returns at which of these places the numbers are grams, and which grams."""
        some = numbers & self._mask
        at = _marked(self._known, some * self._factor, self._shift)
        some, places = some[at], places[at]
        which = self.grams.searchsorted(some)
        (is_gram,) = (self.grams.take(which, mode="clip") == some).nonzero()
        return places[is_gram], which[is_gram]


class _Firsts:
    """The first bytes of the grams of all tables, as bits at their hashes."""

    def __init__(self, grams: Sequence[Any]) -> None:
        import numpy as np

        numbers = np.concatenate(grams)
        # What the other bytes of a number add to a product is too large for it.
        factor = (_FACTORS[0] << 8 * (NUMBER - _FIRST)) % (1 << 8 * NUMBER)
        self._factor, self._shift = _hashing(len(numbers), factor)
        products = numbers * self._factor
        self._bits = np.left_shift(np.uint8(1), np.arange(256, dtype=np.uint8) & np.uint8(7))
        self._known = np.zeros(1 << (8 * NUMBER - int(self._shift)), np.uint8)
        bits = self._bits[_middle_bytes(products)]
        np.bitwise_or.at(self._known, (products >> self._shift).view("i8"), bits)

    def candidates(self, data: bytes) -> Iterator[tuple[Any, Any]]:
        """Yields numbers of a text that may be grams, and their places; many at once."""
        import numpy as np

        if len(data) <= _SMALL:
            # In one pass, and what is found is compared so exactly that it mostly ends here.
            numbers = np.ndarray(
                (-(-len(data) // STRIDE),), LITTLE, data + bytes(NUMBER), 0, (STRIDE,)
            )
            products = numbers * self._factor
            bits = self._bits.take(_middle_bytes(products))
            products >>= self._shift
            (at,) = (self._known.take(products.view("i8"), mode="clip") & bits).nonzero()
            if at.size:
                yield numbers[at], at * STRIDE
            return
        found: list[Any] = []
        places: list[Any] = []
        hashes = np.empty(min(_AT_ONCE, len(data) + NUMBER) // NUMBER, np.uint64)
        for begin in range(0, len(data), _AT_ONCE):
            for offset in range(begin, begin + NUMBER, STRIDE):
                part = data[offset : offset + _AT_ONCE]
                if len(part) < _AT_ONCE:
                    # Eight bytes are read at each place, so that the last one needs some more.
                    part += bytes(NUMBER - 1)
                numbers = np.frombuffer(part, LITTLE, len(part) // NUMBER)
                products = np.multiply(numbers, self._factor, out=hashes[: len(numbers)])
                at = _marked(self._known, products, self._shift)
                if at.size:
                    found.append(numbers[at])
                    places.append(at * NUMBER + offset)
            if len(found) > _TOGETHER or (found and begin + _AT_ONCE >= len(data)):
                yield np.concatenate(found), np.concatenate(places)
                found, places = [], []


def _marks(numbers: Any, factor: int) -> tuple[Any, Any, Any]:
    """Returns which hashes numbers have, and by what to multiply and to shift for them."""
    import numpy as np

    times, shift = _hashing(len(numbers), factor)
    known = np.zeros(1 << (8 * NUMBER - int(shift)), bool)
    known[(numbers * times) >> shift] = True
    return known, times, shift


def _hashing(count: int, factor: int) -> tuple[Any, Any]:
    """Returns by what to multiply and to shift so many numbers for hashes that few share."""
    import numpy as np

    bits = min(_MOST_BITS, max(_LEAST_BITS, (16 * count).bit_length()))
    return np.uint64(factor), np.uint64(8 * NUMBER - bits)


def _middle_bytes(products: Any) -> Any:
    """Returns a byte of each product that is not in its hash."""
    return products.view("u1")[_MIDDLE_BYTE::NUMBER]


def _marked(known: Any, products: Any, shift: Any) -> Any:
    """Returns the places of products whose hashes are marked; writes over the products."""
    products >>= shift
    # As signed numbers they are indexes without a conversion.
    # The places of true values are found in a fraction of the time of those of other numbers.
    marks = known.take(products.view("i8"), mode="clip").astype(bool, copy=False)
    (places,) = marks.nonzero()
    return places
