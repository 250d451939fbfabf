"""`Automaton`: many needles found in one pass over a text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from bw_magics.notebook.guard.needle import Span

# So few are found with the processor's vector instructions, ten times faster than more.
FEW = 64
# A needle of this length is found by looking at every third byte of a text: four of its own.
LONG = 12
STRIDE = 3
# So many of those are enough: what they find is compared whole, and to compile costs by the byte.
_SAMPLED = 6
# If more than so many have the same bytes there, each of them would be compared at each place.
_MOST_ALIKE = 16
# Added to few needles: if all of those begin with the same three bytes, the library would look for
# these instead, and find them all over the text.
_DECOYS = [bytes(range(first, first + 8)) for first in range(4)]


class Automaton:
    """A fixed set of needles, compiled.

    Where many of them are long and not much alike, these are searched for in every third byte of a
    text, as three needles each, one for each way to fall on those bytes, and mostly only by their
    ends; what is found there is compared whole. It takes a third of the time. The others are
    searched for in the text itself.
    """

    def __init__(self, needles: Sequence[bytes]) -> None:
        self.needles = tuple(needles)
        sparse = [needle for needle in self.needles if len(needle) >= LONG]
        self._most_sampled = _SAMPLED
        samples: list[bytes] = []
        if len(sparse) > FEW:
            samples = self._samples(sparse)
            # What values have in common is mostly how they begin; but they may end alike, too.
            if not _are_unlike(samples):
                self._most_sampled = max(map(len, sparse))
                samples = self._samples(sparse)
            if not _are_unlike(samples):
                samples = []
        self._sparse = sparse if samples else []
        self._dense = [needle for needle in self.needles if not samples or len(needle) < LONG]
        self._quick: Any = None
        self._thorough: Any = None
        if len(self._dense) > FEW:
            self._thorough = _compiled(self._dense, overlapping=True)
        else:
            decoys = _DECOYS if len(self._dense) > 1 else []
            self._quick = _compiled([*self._dense, *decoys], overlapping=False)
        self._sampled = _compiled(samples, overlapping=True)

    def hits(self, data: bytes) -> bool:
        """Whether a needle stands anywhere; the quickest where none does."""
        first = self._quick if self._quick is not None else self._thorough
        if self._dense and first.find_matches_as_indexes(data):
            return any(True for _ in self.spans(data))
        if not self._sparse or not self._sampled.find_matches_as_indexes(data[::STRIDE], True):
            return False
        return any(True for _ in self.spans(data))

    def spans(self, data: bytes) -> Iterator[Span]:
        """Every place where a needle stands, also where they overlap."""
        if self._dense and (self._quick is None or self._quick.find_matches_as_indexes(data)):
            # `quick` leaves out those that overlap, and finds decoys.
            if self._thorough is None:
                self._thorough = _compiled(self._dense, overlapping=True)
            for _, start, end in self._thorough.find_matches_as_indexes(data, True):
                yield start, end
        if self._sparse:
            for index, place, _ in self._sampled.find_matches_as_indexes(data[::STRIDE], True):
                needle, offset = self._sparse[index // STRIDE], index % STRIDE
                start = (place - self._unsampled(needle, offset)) * STRIDE - offset
                if start >= 0 and data.startswith(needle, start):
                    yield start, start + len(needle)

    def _samples(self, needles: Sequence[bytes]) -> list[bytes]:
        return [
            needle[offset::STRIDE][self._unsampled(needle, offset) :]
            for needle in needles
            for offset in range(STRIDE)
        ]

    def _unsampled(self, needle: bytes, offset: int) -> int:
        """How many of the bytes at `offset`, `offset + STRIDE`, … are left out."""
        return max(0, len(range(offset, len(needle), STRIDE)) - self._most_sampled)


class Signs:
    """A few short texts, and whether one of them stands in a text: the quickest way to say no."""

    def __init__(self, *signs: bytes) -> None:
        self._signs = signs
        self._find: Any = None
        if is_available():
            # What finds the longest or the first has to be prepared for each text.
            self._find = _compiled(signs, overlapping=True, is_small=True).find_matches_as_indexes

    def stand_in(self, data: bytes) -> bool:
        """Whether any does."""
        if self._find is None:
            return any(sign in data for sign in self._signs)
        return bool(self._find(data))


@cache
def is_available() -> bool:
    """Whether needles can be compiled here."""
    try:
        import ahocorasick_rs  # noqa: F401
    except ImportError:
        return False
    return True


def _are_unlike(samples: list[bytes]) -> bool:
    return max(Counter(samples).values()) <= _MOST_ALIKE


def _compiled(patterns: Sequence[bytes], *, overlapping: bool, is_small: bool = False) -> Any:
    from ahocorasick_rs import BytesAhoCorasick, Implementation, MatchKind

    kind = MatchKind.Standard if overlapping else MatchKind.LeftmostFirst
    # The library would lay few patterns out as a DFA: 4 MB for one access token, and no quicker.
    layout = Implementation.DFA if is_small else Implementation.ContiguousNFA
    return BytesAhoCorasick(patterns, matchkind=kind, implementation=layout)
