"""`Spares`: covers that are used in single texts, in the place of beginnings they are full of."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import NamedTuple

from bw_magics.matching.encodings.anchor import Anchor
from bw_magics.matching.encodings.covers import Cover, covers_of
from bw_magics.matching.search.needle import Span
from bw_magics.matching.search.patterns import Patterns

# With more places in a text, a beginning costs more than another search; and so does a cover.
_CROWDED = 32
# So many covers are tried for a value, each chosen in a part of a text; so many are kept.
_MOST_TRIES, _MOST = 32, 3
_SAMPLE = 1 << 12
# The texts of a cover may be so short here: they are looked for in few texts.
_LEAST = 2


class _Spare(NamedTuple):
    anchor: Anchor
    cover: Cover
    patterns: Patterns


def _few(data: bytes, spare: _Spare) -> list[Span] | None:
    """Returns the places of a cover in a text; None if they are many."""
    places = list(islice(spare.patterns.spans(data), _CROWDED + 1))
    return places if len(places) <= _CROWDED else None


class Spares:
    """Covers for each value with no word whose beginnings some text is full of.

    Such a cover may be everywhere in the next text: then another one, or the beginnings, count.
    """

    def __init__(self) -> None:
        self._of: dict[object, tuple[_Spare, ...]] = {}
        self._tries: dict[object, int] = {}

    def instead_of(
        self, data: bytes, spans: Sequence[Span], owners: Sequence[Anchor]
    ) -> list[tuple[int, int, Anchor]] | None:
        """Returns the escaped forms of values in a text that is full of a beginning of them; None
        where it is not, or where no cover is rarer.
        """
        if len(spans) <= _CROWDED:
            return None
        found: list[tuple[int, int, Anchor]] = []
        for owner in owners:
            forms = self._forms(data, spans[0][0], owner)
            if forms is None:
                return None
            found += forms
        return found

    def _forms(
        self, data: bytes, place: int, owner: Anchor
    ) -> list[tuple[int, int, Anchor]] | None:
        spares = self._of.get(owner.whole, ())
        for spare in spares:
            if (places := _few(data, spare)) is not None:
                return self._around(data, places, spare)
        tries = self._tries.get(owner.whole, 0)
        if tries >= _MOST_TRIES:
            return None
        self._tries[owner.whole] = tries + 1
        rarest = self._rarest(owner, data[place : place + _SAMPLE])
        if rarest is None or (places := _few(data, rarest)) is None:
            return None
        self._of[owner.whole] = (rarest, *spares[: _MOST - 1])
        return self._around(data, places, rarest)

    def _around(
        self, data: bytes, places: Sequence[Span], spare: _Spare
    ) -> list[tuple[int, int, Anchor]]:
        anchor, cover, _ = spare
        forms = []
        for start, end in places:
            begin = start + cover[data[start:end]]
            for first, last in anchor.spans(data, begin, begin + len(anchor.run)):
                forms.append((first, last, anchor))
        return forms

    def _rarest(self, owner: Anchor, sample: bytes) -> _Spare | None:
        """Returns the cover that is rarest in a sample, of several the one of the fewest texts."""
        best: tuple[Anchor, Cover] | None = None
        least = (_CROWDED, 0)
        for anchor, cover in covers_of(owner, sample, _LEAST):
            rank = sum(map(sample.count, cover)), len(cover)
            if rank < least:
                best, least = (anchor, cover), rank
        if best is None:
            return None
        patterns = Patterns()
        for text in best[1]:
            patterns.add(text)
        return _Spare(*best, patterns)
