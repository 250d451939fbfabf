"""`Automaton`: many needles found in one pass over a text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from bw_magics.notebook.guard.needle import Match, Needle

# So few are found with the processor's vector instructions, ten times faster than more.
FEW = 64
# A needle of this length is found by looking at every third byte of a text: four of its own.
LONG = 12
STRIDE = 3
# Added to few needles: if all of those begin with the same three bytes, the library would look for
# these instead, and find them all over the text.
_DECOYS = [bytes(range(first, first + 8)) for first in range(4)]


class Automaton:
    """A fixed set of needles, compiled.

    Where nearly all of them are long, they are searched for in every third byte of a text, as
    three needles each, one for each way to fall on those bytes; what is found there is compared
    whole. It takes a third of the time. The others are searched for in the text itself.
    """

    def __init__(self, needles: Sequence[Needle]) -> None:
        self.needles = tuple(needles)
        short = [needle for needle in self.needles if len(needle.data) < LONG]
        is_sampled = len(self.needles) > FEW >= len(short)
        self._dense = short if is_sampled else list(self.needles)
        self._patterns = [needle.data for needle in self._dense]
        decoys = _DECOYS if len(self._patterns) > 1 else []
        self._quick = _compiled([*self._patterns, *decoys], overlapping=False)
        self._thorough: Any = None
        self._samples: dict[bytes, list[tuple[Needle, int]]] = {}
        if is_sampled:
            for needle in self.needles:
                if len(needle.data) >= LONG:
                    for offset in range(STRIDE):
                        sample = needle.data[offset::STRIDE]
                        self._samples.setdefault(sample, []).append((needle, offset))
        self._places = list(self._samples.values())
        self._sparse = _compiled(list(self._samples), overlapping=True)

    def matches(self, data: bytes) -> Iterator[Match]:
        """Every place where a needle stands, also where they overlap."""
        if self._dense and self._quick.find_matches_as_indexes(data):
            # `quick` leaves out those that overlap, and finds decoys.
            if self._thorough is None:
                self._thorough = _compiled(self._patterns, overlapping=True)
            for index, start, end in self._thorough.find_matches_as_indexes(data, True):
                yield start, end, self._dense[index]
        if self._places:
            for index, sample, _ in self._sparse.find_matches_as_indexes(data[::STRIDE], True):
                for needle, offset in self._places[index]:
                    start = sample * STRIDE - offset
                    if start >= 0 and data.startswith(needle.data, start):
                        yield start, start + len(needle.data), needle


@cache
def is_available() -> bool:
    """Whether needles can be compiled here."""
    try:
        import ahocorasick_rs  # noqa: F401
    except ImportError:
        return False
    return True


def _compiled(patterns: list[bytes], *, overlapping: bool) -> Any:
    from ahocorasick_rs import BytesAhoCorasick, MatchKind

    kind = MatchKind.Standard if overlapping else MatchKind.LeftmostFirst
    return BytesAhoCorasick(patterns, matchkind=kind)
