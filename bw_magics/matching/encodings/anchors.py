"""`Anchors`: the runs of all values, and covers in the place of runs that texts are full of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from bw_magics.matching.encodings.anchor import Anchor
from bw_magics.matching.encodings.covers import Cover, covers_of
from bw_magics.matching.search.needle import Span
from bw_magics.matching.search.patterns import Patterns

# To look at a run in vain takes so much less time than to add a text to search for.
_ADDED = 20
# Less than that many looks in vain are never too many; so many in one search are counted.
_LEAST, _COUNTED = 400, 40
# A text counts as crowded with such a part of them.
_PART = 8
# So many values get another cover at once, each so many times; the best is found in a sample.
_AT_ONCE, _MOST_MOVES = 8, 6
_SAMPLE = 1 << 13
# All covers together have no more texts, about 250 bytes of memory each.
_MOST_TEXTS = 1 << 14


class _Watched(NamedTuple):
    """The texts that are searched for; which anchors each has, and where it has their runs.

    The covers have patterns of their own: so few are found ten times faster than those of all runs.
    """

    runs: Patterns
    covers: Patterns
    of: dict[bytes, tuple[tuple[Anchor, int], ...]]

    @classmethod
    def empty(cls) -> _Watched:
        """Returns one without texts."""
        return cls(Patterns(), Patterns(), {})

    def add(self, text: bytes, *anchors: tuple[Anchor, int], is_cover: bool = False) -> None:
        """Searches for a text."""
        if text not in self.of:
            (self.covers if is_cover else self.runs).add(text)
        # The entry comes last: an interrupt may come before it.
        self.of[text] = (*self.of.get(text, ()), *anchors)

    def spans(self, data: bytes) -> Iterator[Span]:
        """Yields the places of all texts."""
        yield from self.runs.spans(data)
        if self.covers:
            yield from self.covers.spans(data)


class _Choice:
    """How often each cover of a value was looked at in vain, and which one is in use."""

    def __init__(self) -> None:
        # A cover by its first text and their number.
        self.used: tuple[bytes, int] | None = None
        self.moves = 0
        self.vain: dict[tuple[bytes, int], int] = {}


class Anchors:
    """Any number of anchors, found by their runs.

    A run that a text is full of costs a microsecond at each place. Where that has cost as much as
    another search, a cover of the value takes its place: the one that is rarest in the text. One
    thread at a time may `take` and `make_room`; any may search meanwhile.
    """

    def __init__(self) -> None:
        self._watched = _Watched.empty()
        self._choices: dict[object, _Choice] = {}
        self._covers: set[bytes] = set()
        # Looks in vain since the last change, by text, and a part of the last such text.
        self._vain: dict[bytes, int] = {}
        self._sample = b""
        # Texts without an anchor.
        self._others: set[bytes] = set()
        self._runs = 0

    def __len__(self) -> int:
        return self._runs

    @property
    def is_crowded(self) -> bool:
        """Whether `make_room` would save time."""
        return bool(self._sample)

    def take(self, anchor: Anchor) -> None:
        """Finds an anchor by its run from now on."""
        if (anchor, 0) in self._watched.of.get(anchor.run, ()) or anchor.whole in self._choices:
            return
        self._runs += anchor.run not in self._watched.of
        self._watched.add(anchor.run, (anchor, 0))

    def take_text(self, text: bytes) -> None:
        """Finds another text in the same pass."""
        self._others.add(text)
        self._watched.add(text)

    def places(self, data: bytes) -> Iterator[tuple[int, int, Anchor | None]]:
        """Yields the escaped forms at anchors, and the other texts, which have none."""
        watched, vain = self._watched, dict[bytes, int]()
        for start, end in watched.spans(data):
            text = data[start:end]
            if text in self._others:
                yield start, end, None
            if anchors := watched.of.get(text):
                vain[text] = vain.get(text, 0) + 1
                for anchor, at in anchors:
                    begin = start + at
                    for first, last in anchor.spans(data, begin, begin + len(anchor.run)):
                        vain[text] -= 1
                        yield first, last, anchor
        if vain and sum(vain.values()) >= _COUNTED:
            self._count(data, vain)

    def _count(self, data: bytes, vain: dict[bytes, int]) -> None:
        for text, count in vain.items():
            self._vain[text] = self._vain.get(text, 0) + count
        # Another thread may be counting, too.
        if sum(tuple(self._vain.values())) >= max(_LEAST, _ADDED * len(self._watched.of)):
            at = data.find(max(vain, key=vain.__getitem__))
            self._sample = data[at : at + _SAMPLE]

    def make_room(self) -> None:
        """Puts covers in the place of what was looked at in vain."""
        vain, sample = dict(self._vain), self._sample
        self._vain, self._sample = {}, b""
        crowded = [text for text, count in vain.items() if count * _PART >= sum(vain.values())]
        old = self._watched.of
        moved: dict[object, tuple[Anchor, Cover]] = {}
        for text in crowded:
            for anchor, _ in old.get(text, ()):
                if len(moved) < _AT_ONCE and anchor.whole not in moved:
                    now = sample.count(text) or 1
                    if (better := self._better(anchor, vain[text], now, sample)) is not None:
                        moved[anchor.whole] = better
        if not moved:
            return
        watched, covers = _Watched.empty(), set[bytes]()
        for text, anchors in old.items():
            kept = tuple(each for each in anchors if each[0].whole not in moved)
            if kept or text in self._others:
                watched.add(text, *kept, is_cover=text in self._covers)
            if kept and text in self._covers:
                covers.add(text)
        for anchor, cover in moved.values():
            for text, at in cover.items():
                watched.add(text, (anchor, at), is_cover=True)
            covers.update(cover)
        self._watched, self._covers = watched, covers

    def _better(
        self, anchor: Anchor, vain: int, now: int, sample: bytes
    ) -> tuple[Anchor, Cover] | None:
        """Returns a cover that is looked at less often than what is in use; None if none is."""
        choice = self._choices.setdefault(anchor.whole, _Choice())
        if choice.moves >= _MOST_MOVES:
            return None
        choice.moves += 1
        if choice.used is not None:
            choice.vain[choice.used] = choice.vain.get(choice.used, 0) + vain
        best, least = None, vain / 2
        for at, cover in covers_of(anchor, sample):
            if len(cover) + len(self._covers) > _MOST_TEXTS:
                continue
            kind = next(iter(cover)), len(cover)
            count = sum(map(sample.count, cover)) * vain / now + choice.vain.get(kind, 0)
            if count < least:
                best, least, choice.used = (at, cover), count, kind
            if not count:
                break
        return best
