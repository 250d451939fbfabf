"""`Automaton`: many needles found in one pass over a text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from types import ModuleType
from typing import Any

from bw_magics.notebook.guard.needle import Needle

Match = tuple[int, int, Needle]


def find_plainly(needles: Sequence[Needle], data: bytes) -> Iterator[Match]:
    """Every place where a needle stands, one needle after the other."""
    for needle in needles:
        start = data.find(needle.data)
        while start >= 0:
            yield start, start + len(needle.data), needle
            start = data.find(needle.data, start + 1)


class Automaton:
    """A fixed set of needles.

    `hits` is quick and answers for a whole message; `matches` also finds those that overlap, and
    what it needs is built when it is asked for the first time. Without `ahocorasick_rs` each
    needle is searched for by itself, which is good for some hundred values.
    """

    def __init__(self, needles: Sequence[Needle]) -> None:
        self.needles = tuple(needles)
        self._library = _library()
        self._quick: Any = None
        self._thorough: Any = None
        if self._library is not None:
            self._quick = self._build(self._library.MatchKind.LeftmostFirst)

    def hits(self, data: bytes) -> bool:
        """Whether any needle is in there."""
        if self._quick is None:
            return any(needle.data in data for needle in self.needles)
        return bool(self._quick.find_matches_as_indexes(data))

    def matches(self, data: bytes) -> Iterator[Match]:
        """Every place where a needle stands, also where they overlap."""
        if self._quick is None:
            yield from find_plainly(self.needles, data)
            return
        if not self.hits(data):
            return
        if self._thorough is None:
            self._thorough = self._build(self._library.MatchKind.Standard)  # type: ignore[union-attr]
        for index, start, end in self._thorough.find_matches_as_indexes(data, True):
            yield start, end, self.needles[index]

    def _build(self, kind: Any) -> Any:
        library: Any = self._library
        return library.BytesAhoCorasick([needle.data for needle in self.needles], matchkind=kind)


def _library() -> ModuleType | None:
    try:
        import ahocorasick_rs
    except ImportError:
        return None
    return ahocorasick_rs
