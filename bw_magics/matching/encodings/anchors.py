"""`Anchors`: the runs of all values, and covers in the place of runs that texts are full of."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from bw_magics.matching.encodings.anchor import Anchor
from bw_magics.matching.encodings.covers import Cover, covers_of
from bw_magics.matching.encodings.spares import Spares, sample_of
from bw_magics.matching.search.compiled import is_available
from bw_magics.matching.search.needle import Span
from bw_magics.matching.search.patterns import Patterns

# To look at a run in vain takes a microsecond: to add a text to search for takes so many.
_ADDED = 20
# From this size on, a text is searched for a few covers instead of many beginnings.
_LARGE = 1 << 12
# Less than that many looks in vain are never too many; so many in one search are counted.
_LEAST, _COUNTED = 400, 40
# A text counts as crowded with such a part of them.
_PART = 8
# So many values get another cover at once, each so many times; the best is found in samples.
_AT_ONCE, _MOST_MOVES = 8, 12
_SAMPLE, _SAMPLES = 1 << 12, 6
# So many texts of a cover, squared, take as long to search for as a look in vain.
_ALIKE = 10
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
        # The texts that tell of values with no word, and of which.
        self._begun: dict[bytes, tuple[Anchor, ...]] = {}
        self._beginnings = Patterns()
        self._wordless: tuple[Anchor, ...] = ()
        self._covers: set[bytes] = set()
        # Looks in vain since the last change, by text, and a part of the last such text.
        self._vain: dict[bytes, int] = {}
        self._sample = b""
        # Parts of such texts before: a cover has to be rare in each.
        self._samples: deque[bytes] = deque(maxlen=_SAMPLES)
        self._spares = Spares()
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

    def take_beginnings(self, anchor: Anchor, texts: Iterable[bytes]) -> None:
        """Finds a value with no word: each escaped form of it has one of these texts."""
        is_new = False
        for text in texts:
            is_new = True
            if text not in self._begun:
                self._beginnings.add(text)
            self._begun[text] = (*self._begun.get(text, ()), anchor)
        # It comes last: an interrupt may come before it.
        if is_new:
            self._wordless = (*self._wordless, anchor)

    def places(self, data: bytes) -> Iterator[tuple[int, int, Anchor | None]]:
        """Yields the escaped forms at anchors, and without an anchor the texts of beginnings."""
        watched, vain = self._watched, dict[bytes, int]()
        for start, end in watched.spans(data):
            text = data[start:end]
            vain[text] = vain.get(text, 0) + 1
            for anchor, at in watched.of.get(text, ()):
                begin = start + at
                for first, last in anchor.spans(data, begin, begin + len(anchor.run)):
                    vain[text] -= 1
                    yield first, last, anchor
        if vain and sum(vain.values()) >= _COUNTED:
            self._count(data, vain)
        if self._wordless:
            for start, end in self._begun_in(data):
                yield start, end, None

    def _begun_in(self, data: bytes) -> Iterator[Span]:
        """Yields texts that are in the escaped forms of values with no word."""
        left = self._wordless
        if len(data) >= _LARGE and is_available():
            crowded, sample = [], sample_of(data)
            for anchor in left:
                if (begun := self._spares.begun(data, sample, anchor)) is None:
                    crowded.append(anchor)
                else:
                    yield from begun
            left = tuple(crowded)
        for start, end in self._beginnings.spans(data) if left else ():
            if any(anchor in left for anchor in self._begun[data[start:end]]):
                yield start, end

    def _count(self, data: bytes, vain: dict[bytes, int]) -> None:
        for text, count in vain.items():
            self._vain[text] = self._vain.get(text, 0) + count
        worst = max(vain, key=vain.__getitem__)
        # Another thread may be counting, too.
        if sum(tuple(self._vain.values())) >= max(_LEAST, _ADDED * len(self._watched.of)):
            at = max(0, data.find(worst))
            self._sample = data[at : at + _SAMPLE]

    def make_room(self) -> None:
        """Puts covers in the place of what was looked at in vain."""
        vain, sample = dict(self._vain), self._sample
        self._vain, self._sample = {}, b""
        self._samples.append(sample)
        crowded = [text for text, count in vain.items() if count * _PART >= sum(vain.values())]
        old = self._watched.of
        moved: dict[object, tuple[Anchor, Cover]] = {}
        for text in crowded:
            for anchor, _ in old[text]:
                if len(moved) < _AT_ONCE and anchor.whole not in moved:
                    each = vain[text] / (sample.count(text) or 1)
                    if (better := self._better(anchor, vain[text], each)) is not None:
                        moved[anchor.whole] = better
        if not moved:
            return
        watched, covers = _Watched.empty(), set[bytes]()
        for text, anchors in old.items():
            kept = tuple(each for each in anchors if each[0].whole not in moved)
            if kept:
                watched.add(text, *kept, is_cover=text in self._covers)
            if kept and text in self._covers:
                covers.add(text)
        for anchor, cover in moved.values():
            for text, at in cover.items():
                watched.add(text, (anchor, at), is_cover=True)
            covers.update(cover)
        self._watched, self._covers = watched, covers

    def _better(self, anchor: Anchor, vain: int, each: float) -> tuple[Anchor, Cover] | None:
        """Returns a cover that is looked at less often than what is in use; None if none is.

        `vain` is what that has cost, `each` what a place in a sample stands for.
        """
        choice = self._choices.setdefault(anchor.whole, _Choice())
        if choice.moves >= _MOST_MOVES:
            return None
        choice.moves += 1
        if choice.used is not None:
            choice.vain[choice.used] = choice.vain.get(choice.used, 0) + vain
        best, least = None, float("inf")
        samples = b"\0\0".join(self._samples)
        for at, cover in covers_of(anchor, samples):
            if len(cover) + len(self._covers) > _MOST_TEXTS:
                continue
            kind = next(iter(cover)), len(cover)
            looks = sum(map(samples.count, cover)) * each + choice.vain.get(kind, 0)
            # Many texts that are much alike take longer to search for.
            cost = looks + len(cover) ** 2 / _ALIKE
            if looks < vain / 2 and cost < least:
                best, least, choice.used = (at, cover), cost, kind
        return best
