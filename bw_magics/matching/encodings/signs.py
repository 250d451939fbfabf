"""`Signs`: the signs of escapes that the known values can have, and where a text has them.

Each escape of a text has a sign. Some can only stand for one character: two quotes for a quote, a
plus or a fold for a blank. They do not count before a value with such a character is known.
"""

from __future__ import annotations

import re

from bw_magics.lean_regex import regex
from bw_magics.matching.encodings.escapes import BLANKS, FOLD, QUOTES
from bw_magics.matching.encodings.folds import Folds
from bw_magics.matching.search.automaton import has_any, places_of_any
from bw_magics.matching.search.needle import Span, joined
from bw_magics.matching.search.screen import is_available as has_numpy

# A text without these has neither an escape nor a joint. (No alternative begins with a class of
# bytes, so that the library passes over all others at once.) A plus does not count: needles have
# it.
NOT_PLAIN = regex(
    b"|".join(
        re.escape(sign)
        for sign in (*(bytes([sign]) for sign in b"\\%&\r\0"), *BLANKS, *QUOTES, FOLD)
    )
)
# These can stand for any character but a letter or digit. Two of them mean something only before
# others: most texts with a percentage have no escape.
_ALWAYS = b"\\%&"
_ALONE = {ord("%"): regex(rb"%[0-9a-fA-Fu]"), ord("&"): regex(rb"&[#A-Za-z]")}
# Signs are rare where so many bytes have one; so many parts of so many bytes are looked at.
_RARE, _SAMPLES, _SAMPLE = 400, 16, 1 << 10
# What most lines have is found in so much of a text; a search of all of it finds each.
_BEGINNING = 1 << 12
# From this size on, both words beside a fold are compared.
_LARGE = 1 << 15
# The word behind a blank, or behind a fold in its place. Tags of HTML are indented, not folded.
_AFTER_BLANK = regex(rb"\s([A-Za-z0-9]{1,8}|\S[A-Za-z0-9]{0,7})")
_AFTER_FOLD = regex(rb"\n  (?!(?<=>\n  ) *+<) *+([A-Za-z0-9]{1,8}|\S[A-Za-z0-9]{0,7})")


class Signs:
    """The signs that count. A plus for a blank does not: needles have it."""

    def __init__(self) -> None:
        self._bytes = _ALWAYS
        self._longer: tuple[bytes, ...] = ()
        # Words behind the blanks of values: a text may be folded there.
        self._words: set[bytes] = set()
        self._folds = Folds()

    def learn(self, value: bytes) -> None:
        """Counts the signs that a value can have; it has no escapes itself."""
        longer = set(self._longer)
        if b"\n" in value and b"\r" not in self._bytes:
            self._bytes += b"\r"
        if b" " in value:
            longer.update(BLANKS)
        longer.update(quotes for quotes in QUOTES if quotes[:1] in value)
        if len(longer) > len(self._longer):
            self._longer = tuple(sorted(longer))
        self._words.update(_AFTER_BLANK.findall(value))
        self._folds.learn(value)

    def are_in(self, data: bytes) -> bool:
        """Returns whether a text may have an escaped form of a value."""
        for sign in self._bytes:
            if sign in data and (sign not in _ALONE or _ALONE[sign].search(data)):
                return True
        # A text with folds mostly has one soon; all signs of another one are found in one pass.
        folds = (FOLD,) if self._words else ()
        if len(data) > _LARGE and has_any(data[:_BEGINNING], *self._longer):
            return True
        if not (folds and FOLD in data[:_BEGINNING]) and not has_any(data, *self._longer, *folds):
            return False
        # HTML has many apparent folds: they count only before a word of a value.
        if has_any(data, *self._longer):
            return True
        if len(data) >= _LARGE and has_numpy():
            return self._folds.are_in(data)
        return not self._words.isdisjoint(_AFTER_FOLD.findall(data))

    def near(self, data: bytes, reach: int) -> list[Span] | None:
        """Returns the parts of a large text that are so near to a sign, in order; None if that is
        most of it.
        """
        folds = (FOLD,) if self._words else ()
        signs = (*(bytes([sign]) for sign in self._bytes), *self._longer, *folds)
        step = max(_SAMPLE, len(data) // _SAMPLES)
        sample = b"".join(data[start : start + _SAMPLE] for start in range(0, len(data), step))
        if sum(map(sample.count, signs)) * _RARE > len(sample):
            return None
        places = places_of_any(data, *signs)
        parts = joined((max(0, at - reach), min(len(data), at + reach)) for at in places)
        return None if 2 * sum(end - start for start, end in parts) > len(data) else parts
