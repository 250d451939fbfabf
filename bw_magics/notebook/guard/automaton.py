"""`Automaton`: many needles found in one pass over a text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from bw_magics.notebook.guard.needle import Span

# So few are found with the processor's vector instructions, ten times faster than more.
FEW = 64
# Needles of such a length are found by looking at every third byte of a text, at every second one:
# four of their own.
STRIDES = ((12, 3), (8, 2))
# So many of those are enough: what they find is compared whole, and to compile costs by the byte.
_SAMPLED = 6
# If more than so many have the same bytes there, each of them would be compared at each place.
_MOST_ALIKE = 16
# From this size on, two bytes are found ten times faster with the library.
_LARGE = 1 << 16
# Added to few needles: if all of those begin with the same three bytes, the library would look for
# these instead, and find them all over the text.
_DECOYS = [bytes(range(first, first + 8)) for first in range(4)]


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
            sampled = Sampled.of([each for each in dense if len(each) >= length], stride)
            if sampled is not None:
                self._sampled.append(sampled)
                dense = [each for each in dense if len(each) < length]
        self._dense = dense
        self._quick: Any = None
        self._thorough: Any = None
        if len(dense) > FEW:
            self._thorough = _compiled(dense, overlapping=True)
        else:
            decoys = _DECOYS if len(dense) > 1 else []
            self._quick = _compiled([*dense, *decoys], overlapping=False)

    def hits(self, data: bytes) -> bool:
        """Whether a needle stands anywhere; the quickest where none does."""
        first = self._quick if self._quick is not None else self._thorough
        if self._dense and first.find_matches_as_indexes(data):
            return any(True for _ in self.spans(data))
        for sampled in self._sampled:  # noqa: SIM110 (a generator takes as long as a search)
            if sampled.hits(data):
                return True
        return False

    def spans(self, data: bytes) -> Iterator[Span]:
        """Every place where a needle stands, also where they overlap."""
        if self._dense and (self._quick is None or self._quick.find_matches_as_indexes(data)):
            # `quick` leaves out those that overlap, and finds decoys.
            if self._thorough is None:
                self._thorough = _compiled(self._dense, overlapping=True)
            for _, start, end in self._thorough.find_matches_as_indexes(data, True):
                yield start, end
        for sampled in self._sampled:
            yield from sampled.spans(data)


class Sampled:
    """Needles that are searched for in every `stride`-th byte of a text: as so many samples each,
    one for each way to fall on those bytes, and mostly only by the ends of these. What is found
    there is compared whole.
    """

    @classmethod
    def of(cls, needles: Sequence[bytes], stride: int) -> Sampled | None:
        """Those needles, or None where it is not worth it."""
        if len(needles) <= FEW:
            return None
        # What values have in common is mostly how they begin; but they may end alike, too.
        for most in (_SAMPLED, max(map(len, needles))):
            sampled = cls(needles, stride, most)
            if max(Counter(sampled._samples).values()) <= _MOST_ALIKE:
                sampled._find = _compiled(sampled._samples, overlapping=True)
                sampled._samples = []
                return sampled
        return None

    def __init__(self, needles: Sequence[bytes], stride: int, most: int) -> None:
        self.needles = needles
        self._stride = stride
        self._most = most
        self._samples = [
            needle[offset::stride][self._unsampled(needle, offset) :]
            for needle in needles
            for offset in range(stride)
        ]
        self._find: Any = None

    def hits(self, data: bytes) -> bool:
        """Whether a needle stands anywhere."""
        found = self._find.find_matches_as_indexes(data[:: self._stride], True)
        return bool(found) and any(True for _ in self._compared(found, data))

    def spans(self, data: bytes) -> Iterator[Span]:
        """Every place where a needle stands, also where they overlap."""
        found = self._find.find_matches_as_indexes(data[:: self._stride], True)
        return self._compared(found, data)

    def _compared(self, found: list[tuple[int, int, int]], data: bytes) -> Iterator[Span]:
        for index, place, _ in found:
            needle, offset = self.needles[index // self._stride], index % self._stride
            start = (place - self._unsampled(needle, offset)) * self._stride - offset
            if start >= 0 and data.startswith(needle, start):
                yield start, start + len(needle)

    def _unsampled(self, needle: bytes, offset: int) -> int:
        """How many of the bytes at `offset`, `offset + stride`, … are left out."""
        return max(0, len(range(offset, len(needle), self._stride)) - self._most)


def has_any(data: bytes, *few: bytes) -> bool:
    """Whether one of a few short texts stands in a text, which may be very large."""
    if len(data) < _LARGE or not is_available():
        return any(each in data for each in few)
    return any(True for _ in _automaton(few).spans(data))


@cache
def is_available() -> bool:
    """Whether needles can be compiled here."""
    try:
        import ahocorasick_rs  # noqa: F401
    except ImportError:
        return False
    return True


@cache
def _automaton(few: tuple[bytes, ...]) -> Automaton:
    return Automaton(few)


def _compiled(patterns: Sequence[bytes], *, overlapping: bool) -> Any:
    from ahocorasick_rs import BytesAhoCorasick, Implementation, MatchKind

    kind = MatchKind.Standard if overlapping else MatchKind.LeftmostFirst
    # The library would lay few patterns out as a DFA: 4 MB for one access token, and no quicker.
    return BytesAhoCorasick(patterns, matchkind=kind, implementation=Implementation.ContiguousNFA)
