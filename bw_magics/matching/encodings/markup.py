"""`View`: a text without its markup, which knows the places of its parts in the original."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator

from bw_magics.matching.search.automaton import places_of_any

ANSI = re.compile(rb"\x1b\[[0-9;:]*[a-zA-Z]")
INLINE = "span|b|i|u|s|em|strong|code|font|mark|a|small|wbr|tt|kbd|samp"
INLINE_TAGS = re.compile(rb"</?(?:%b)(?:\s[^<>]*)?>" % INLINE.encode(), re.I)

# How those tags begin; few others do, and none of a table's.
_FIRST = sorted({"tt" if name == "tt" else name[0] for name in INLINE.split("|")})
TAG_BEGINNINGS = tuple(
    f"<{slash}{beginning}".encode()
    for first in _FIRST
    for beginning in sorted({first, first.upper(), first.title(), first[0] + first[1:].upper()})
    for slash in ("", "/")
)


def without_markup(data: bytes) -> bytes | None:
    """Returns a text without colours and inline tags; None where it has neither."""
    plain = ANSI.sub(b"", data) if b"\x1b" in data else data
    if any(INLINE_TAGS.match(plain, place) for place in places_of_any(plain, *TAG_BEGINNINGS)):
        plain = INLINE_TAGS.sub(b"", plain)
    return plain if len(plain) < len(data) else None


class View:
    """The `data` without everything that `markup` matches."""

    def __init__(self, data: bytes, markup: re.Pattern[bytes]) -> None:
        parts: list[bytes] = []
        self._starts: list[int] = []
        self._originals: list[int] = []
        length = done = 0
        for found in markup.finditer(data):
            if found.start() > done:
                self._starts.append(length)
                self._originals.append(done)
                parts.append(data[done : found.start()])
                length += found.start() - done
            done = found.end()
        if done < len(data):
            self._starts.append(length)
            self._originals.append(done)
            parts.append(data[done:])
        self.data = b"".join(parts)
        self.is_shorter = len(self.data) < len(data)

    def original(self, span: tuple[int, int]) -> Iterator[tuple[int, int]]:
        """Yields the spans of the original that make up a span of `data`."""
        start, end = span
        index = bisect_right(self._starts, start) - 1
        while start < end:
            limit = self._starts[index + 1] if index + 1 < len(self._starts) else end
            piece = min(end, limit) - start
            begin = self._originals[index] + start - self._starts[index]
            yield begin, begin + piece
            start += piece
            index += 1
