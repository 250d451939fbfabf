"""The covers of an anchor: texts of which one is around each run of a value that may be escaped.

A word such as `example` or `name` can be in each line of a text. What an escaped form has around
it is rare: the value up to an escape, and the first byte of that; or the last byte of one, and the
value from there. So a cover finds all that the word alone finds, and hardly anything else.
"""

from __future__ import annotations

from collections.abc import Iterator

from bw_magics.matching.encodings.anchor import (
    BACKSLASHES,
    BEFORE_QUOTES,
    BLANK_BYTES,
    CONTINUED,
    ENDS_OF,
    ENDS_SET,
    LASTS,
    LEADS,
    QUOTE_BYTES,
    WORD,
    Anchor,
)

# Texts, and where each has the run.
Cover = dict[bytes, int]

_LAST_OF_BACKSLASHES = frozenset(each[-1] for each in BACKSLASHES)

# So many runs of a value are tried, with so many bytes on either side; a few bytes make few texts.
_MOST_RUNS = 4
_DEPTHS = (1, 2, 3, 5, 8, 12)
# Shorter texts are everywhere.
_LEAST = 3


def covers_of(anchor: Anchor, sample: bytes, least: int = _LEAST) -> Iterator[tuple[Anchor, Cover]]:
    """Yields covers of a value at the runs that are rarest in a sample, each with its anchor.

    No text of one has fewer bytes than `least`.
    """
    runs = sorted(anchor.runs, key=lambda run: sample.count(anchor.value[slice(*run)]))
    anchors = [anchor.at(run) for run in runs[:_MOST_RUNS]]
    for depth in _DEPTHS:
        for each in anchors:
            sides = _Sides(each, depth)
            for cover in (sides.to_the_right(), sides.to_the_left()):
                if cover and min(map(len, cover)) >= least:
                    yield each, cover


class _Sides:
    """The bytes of a value on either side of a run, up to a number."""

    def __init__(self, anchor: Anchor, depth: int) -> None:
        self._run, self._is_plain = anchor.run, anchor.is_plain
        self._left, self._right = anchor.left[-depth:], anchor.right[:depth]
        self._has_start = anchor.size_before == len(self._left)
        self._has_end = anchor.size_behind == len(self._right)

    def to_the_right(self) -> Cover:
        """Returns the texts by what follows the run."""
        run, left, right = self._run, self._left, self._right
        cover = {run + rest: 0 for rest in self._behind()}
        if not (self._is_plain and self._has_end):
            return {**cover, run + right: 0}
        # The form is escaped before the run: else it is the value, which a needle finds.
        cover |= {before + run + right: len(before) for before in self._ahead()}
        return cover if self._has_start else {**cover, left + run + right: len(left)}

    def to_the_left(self) -> Cover:
        """Returns the texts by what comes before the run."""
        run, left, right = self._run, self._left, self._right
        cover = {before + run: len(before) for before in self._ahead()}
        if not (self._is_plain and self._has_start):
            return {**cover, left + run: len(left)}
        cover |= {left + run + rest: len(left) for rest in self._behind()}
        return cover if self._has_end else {**cover, left + run + right: len(left)}

    def _behind(self) -> Iterator[bytes]:
        """Yields what `Anchor.spans` accepts behind a run, up to the first byte of an escape."""
        before = 0
        for index, expected in enumerate(self._right):
            firsts = set(LEADS)
            if before in QUOTE_BYTES:
                firsts |= QUOTE_BYTES
            if expected in BLANK_BYTES or before in BLANK_BYTES:
                firsts |= BLANK_BYTES
            if expected not in LEADS:
                # A quote that follows a quote of the value may be the second of an escape.
                firsts -= {expected}
            for first in sorted(firsts):
                yield self._right[:index] + bytes((first,))
            if expected in LEADS:
                return
            before = expected

    def _ahead(self) -> Iterator[bytes]:
        """Yields what `Anchor.spans` accepts before a run, from the last byte of an escape on."""
        after = 0
        for index in range(len(self._left) - 1, -1, -1):
            expected = self._left[index]
            lasts = CONTINUED
            if expected in BLANK_BYTES or after in BLANK_BYTES:
                lasts |= BLANK_BYTES
            if not (self._is_plain and expected in WORD):
                lasts |= ENDS_SET | frozenset(ENDS_OF.get(bytes((expected,)), b""))
            elif after not in WORD:
                lasts |= _LAST_OF_BACKSLASHES
            lasts = (lasts - {expected}) | LASTS
            if after in QUOTE_BYTES:
                # The quote may be the end of an escape that is like it.
                lasts |= BEFORE_QUOTES | CONTINUED
            for last in sorted(lasts):
                yield bytes((last,)) + self._left[index + 1 :]
            if expected in lasts:
                return
            after = expected
