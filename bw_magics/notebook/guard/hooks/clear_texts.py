"""`ClearTexts`: large texts in which nothing was found, so that they are not searched again.

A cell that runs again shows the same table, and each page of a plotting library begins with the
same megabyte of scripts.
"""

from __future__ import annotations

from typing import NamedTuple

from bw_magics.matching.encodings.markup import without_markup
from bw_magics.matching.matcher import Matcher
from bw_magics.matching.search.needle import joined

# Smaller texts are searched as quickly.
LEAST = 1 << 17
# Texts of so many bytes are new; what comes then makes them the older ones, and drops those before.
MOST = 1 << 22
# A text is known in pieces, too: of that size, and on to the end of a line, if it is not as far
# again. So the pieces of a page stay the same where it begins otherwise.
PIECE = 1 << 16
# An escape that reaches over the edge of a find has fewer bytes.
_EDGE = 512
# A text is looked up by one in so many of its bytes, before all of them are compared.
_SAMPLED = 1021
# By its number a byte is found in a sixth of the time.
_ESCAPE = ord("\x1b")

# Those bytes, and whether the text is clear without its markup, too.
_Key = tuple[bytes, bool]


class _Piece(NamedTuple):
    """A part of a text in which no find begins; as many bytes behind it count as a find reaches."""

    text: bytes
    start: int
    size: int
    reach: int

    def is_in(self, data: bytes, start: int) -> bool:
        """Returns whether a text has it there, and goes on or ends like the text it is from."""
        end = self.start + self.size + self.reach
        if end > len(self.text) and start + len(self.text) - self.start != len(data):
            return False
        return data.startswith(self.text[self.start : end], start)


class _Known(NamedTuple):
    """Pieces in which a version of the matcher found nothing, and the size of the new texts."""

    version: int
    new: dict[_Key, _Piece]
    older: dict[_Key, _Piece]
    size: int

    def size_at(self, data: bytes, start: int, key: _Key) -> int:
        """Returns the size of the known piece that a text has there; 0 where it has none."""
        for pieces in (self.new, self.older):
            piece = pieces.get(key)
            if piece is not None and piece.is_in(data, start):
                return piece.size
        return 0


class ClearTexts:
    """What is known to be clear of the values of a matcher: 8 MB at most. A new value makes it
    forget all.

    A text is kept as it is, so that no other is taken for it.
    """

    def __init__(self, matcher: Matcher) -> None:
        self.matcher = matcher
        self._known = _Known(0, {}, {}, 0)

    def hits(self, data: bytes, *, is_joined: bool = True, is_html: bool = False) -> bool:
        """Returns whether the matcher `hits` a text or what is left of it without its markup."""
        if LEAST <= len(data) <= MOST:
            return self._hits_large(data, is_joined, is_html)
        # Most displays are small, and end here.
        return self.matcher.hits(data, is_joined=is_joined) or (
            # A text with neither has no markup: no generator for a small display.
            (is_html or _ESCAPE in data) and self._hits_within(data, is_joined, is_html)
        )

    def _hits_large(self, data: bytes, is_joined: bool, is_html: bool) -> bool:
        # Before the rest: a value that is learnt meanwhile makes another version.
        version, known = self.matcher.version, self._known
        reach = self.matcher.reach
        if reach is None or reach + 2 * _EDGE > PIECE:
            return self._hits_whole(data, is_joined, is_html)
        if known.version != version:
            known = _Known(version, {}, {}, 0)
        whole = data[::_SAMPLED], is_html
        if known.size_at(data, 0, whole) == len(data):
            return False
        pieces = {whole: _Piece(data, 0, len(data), 0)}
        missing, start = [], 0
        while start < len(data):
            key = data[start : start + PIECE : _SAMPLED], False
            size = known.size_at(data, start, key)
            piece = _Piece(data, start, size or _size(data, start), reach + 2 * _EDGE)
            if not size:
                end = start + piece.size + piece.reach
                missing.append((start, min(end, len(data))))
            pieces[key] = piece
            start += piece.size
        parts = joined(missing)
        # What is found in a part may turn out to be nothing in the whole.
        is_clear = parts != [(0, len(data))] and not any(
            self.matcher.hits(data[start:end]) for start, end in parts
        )
        search = self._hits_within if is_clear else self._hits_whole
        if search(data, is_joined, is_html):
            return True
        self._take(version, pieces, len(data))
        return False

    def _hits_whole(self, data: bytes, is_joined: bool, is_html: bool) -> bool:
        hits = self.matcher.hits(data, is_joined=is_joined)
        return hits or self._hits_within(data, is_joined, is_html)

    def _hits_within(self, data: bytes, is_joined: bool, is_html: bool) -> bool:
        """Returns whether it hits a text without its markup. It is taken off once, as the matcher
        does where it masks: what is left may be markup again.
        """
        return any(
            (self.matcher if _ESCAPE in plain else self).hits(plain, is_joined=is_joined)
            for plain in without_markup(data, is_html=is_html)
        )

    def _take(self, version: int, pieces: dict[_Key, _Piece], size: int) -> None:
        known = self._known
        if known.version != version:
            known = _Known(version, {}, {}, 0)
        if known.size + size > MOST:
            known = _Known(version, {}, known.new, 0)
        # At once, with its version: another thread may be looking.
        self._known = known._replace(new={**known.new, **pieces}, size=known.size + size)


def _size(data: bytes, start: int) -> int:
    """Returns the size of the piece that begins there."""
    end = data.find(b"\n", start + PIECE - 1, start + 2 * PIECE) + 1
    return min(end or start + PIECE, len(data)) - start
