"""`Spares`: covers of values with no word, each of them used in the texts in which it is rare."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import NamedTuple

from bw_magics.matching.encodings.anchor import Anchor
from bw_magics.matching.encodings.covers import Cover, covers_of
from bw_magics.matching.search.needle import Span
from bw_magics.matching.search.patterns import Patterns

# A cover with more places than that, and one for so many bytes of a text, is not rare there.
_CROWDED, _BYTES = 32, 1 << 12
# Nor is one with more places in so many parts of a text, in which covers are chosen.
_IN_SAMPLE, _SAMPLES, _SAMPLE = 3, 4, 1 << 10
# So many covers are kept for a value. Where none is rare, twice as many texts pass each time before
# another one is chosen.
_MOST, _MOST_FAILURES = 3, 10
# The texts of a cover may be so short here: they are looked for in few texts.
_LEAST = 2


class _Spare(NamedTuple):
    anchor: Anchor
    cover: Cover
    patterns: Patterns


class Spares:
    """Covers of each value with no word.

    Such a cover may be everywhere in the next text: then another one counts, or none.
    """

    def __init__(self) -> None:
        self._of: dict[object, tuple[_Spare, ...]] = {}
        # How often none was found, and how many texts have passed since.
        self._failures: dict[object, tuple[int, int]] = {}

    def begun(self, data: bytes, sample: bytes, owner: Anchor) -> list[Span] | None:
        """Returns texts in the escaped forms of a value; None where no cover is rare in the text
        and in the sample of it.
        """
        spares = self._of.get(owner.whole, ())
        for spare in spares:
            if (places := _few(data, sample, spare)) is not None:
                return _forms(data, places, spare)
        failures, waited = self._failures.get(owner.whole, (0, 0))
        if failures and waited < 1 << failures:
            self._failures[owner.whole] = failures, waited + 1
            return None
        rarest = _rarest(owner, sample)
        if rarest is None or (places := _few(data, sample, rarest)) is None:
            self._failures[owner.whole] = min(failures + 1, _MOST_FAILURES), 0
            return None
        self._of[owner.whole] = (rarest, *spares[: _MOST - 1])
        return _forms(data, places, rarest)


def sample_of(data: bytes) -> bytes:
    """Returns parts of a text, in which covers are chosen."""
    step = max(_SAMPLE, len(data) // _SAMPLES)
    return b"\0\0".join(data[at : at + _SAMPLE] for at in range(0, len(data), step))


def _few(data: bytes, sample: bytes, spare: _Spare) -> list[Span] | None:
    """Returns the places of a cover in a text; None if they are many."""
    if len(list(islice(spare.patterns.spans(sample), _IN_SAMPLE + 1))) > _IN_SAMPLE:
        return None
    most = max(_CROWDED, len(data) // _BYTES)
    places = list(islice(spare.patterns.spans(data), most + 1))
    return places if len(places) <= most else None


def _forms(data: bytes, places: Sequence[Span], spare: _Spare) -> list[Span]:
    """Returns the places at which there is an escaped form, which may be longer than told here."""
    anchor, cover, _ = spare
    found = []
    for start, end in places:
        begin = start + cover[data[start:end]]
        if any(True for _ in anchor.spans(data, begin, begin + len(anchor.run))):
            found.append((start, end))
    return found


def _rarest(owner: Anchor, sample: bytes) -> _Spare | None:
    """Returns the cover that is rarest in a sample, of several one of few texts."""
    best: tuple[Anchor, Cover] | None = None
    least = (_IN_SAMPLE + 1, 0)
    for anchor, cover in covers_of(owner, sample, _LEAST):
        rank = sum(map(sample.count, cover)), len(cover)
        if rank < least:
            best, least = (anchor, cover), rank
        if least[0] == 0:
            break
    if best is None:
        return None
    patterns = Patterns()
    for text in best[1]:
        patterns.add(text)
    return _Spare(*best, patterns)
