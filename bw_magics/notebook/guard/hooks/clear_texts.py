"""`ClearTexts`: large texts in which nothing was found, so that they are not searched again.

A cell that runs again shows the same table, and each page of a plotting library begins with the
same megabyte of scripts.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from bw_magics.matching.matcher import Matcher
from bw_magics.matching.search.needle import joined

# A text is remembered in pieces of that size: what begins like an earlier one is known as far.
PIECE = 1 << 16
# Smaller texts are searched as quickly.
LEAST = 2 * PIECE
# So many pieces are new; what comes then makes them the older ones, and drops the older ones.
MOST = 64
# An escape that reaches over the edge of a find has fewer bytes.
_EDGE = 512


class _Known(NamedTuple):
    """Pieces in which a version of the matcher found nothing."""

    version: int
    new: set[bytes]
    older: set[bytes]


class ClearTexts:
    """What is known to be clear of the values of a matcher: about 8 MB, and never above 16. A new
    value makes it forget all.

    Each piece is kept as it is, so that no other is taken for it, and has as much of the next one
    as a find may reach.
    """

    def __init__(self, matcher: Matcher) -> None:
        self.matcher = matcher
        self._known = _Known(0, set(), set())

    def hits(self, data: bytes, *, is_joined: bool = True) -> bool:
        """Returns what the matcher's `hits` returns."""
        if not LEAST <= len(data) <= MOST * PIECE:
            return self.matcher.hits(data, is_joined=is_joined)
        # Before the rest: a value that is learnt meanwhile makes another version.
        version, known = self.matcher.version, self._known
        reach = self.matcher.reach
        if reach is None or reach + 2 * _EDGE > PIECE:
            return self.matcher.hits(data, is_joined=is_joined)
        if known.version != version:
            known = _Known(version, set(), set())
        length = PIECE + reach + 2 * _EDGE
        starts = range(0, len(data), PIECE)
        pieces = [data[start : start + length] for start in starts]
        missing = [
            (start, start + len(piece))
            for start, piece in zip(starts, pieces, strict=True)
            if piece not in known.new and piece not in known.older
        ]
        parts = joined(missing)
        # What is found in a part may turn out to be nothing in the whole.
        is_clear = parts != [(0, len(data))] and not any(
            self.matcher.hits(data[start:end]) for start, end in parts
        )
        if not is_clear and self.matcher.hits(data, is_joined=is_joined):
            return True
        self._take(known, pieces)
        return False

    def _take(self, known: _Known, pieces: Sequence[bytes]) -> None:
        fresh = known.new.union(pieces)
        if len(fresh) > MOST:
            known = _Known(known.version, set(pieces), known.new)
        else:
            known = known._replace(new=fresh)
        # At once, with its version: another thread may be looking.
        self._known = known
