"""`View`: a text without its markup, which knows the places of its parts in the original."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator

from bw_magics.lean_regex import regex
from bw_magics.matching.search.automaton import places_of_any
from bw_magics.matching.search.screen import is_available as has_numpy

ANSI = regex(rb"\x1b\[[0-9;:]*[a-zA-Z]")
# Between the letters of a text of two bytes a letter, as it is printed.
JOINTS = regex(rb"\x00|\\x00")
_NUL, _BACKSLASH = b"\0\\"
# With them a text is at most so many times as long.
STRETCHED = 5
INLINE = "span|b|i|u|s|em|strong|code|font|mark|a|small|wbr|tt|kbd|samp"
INLINE_TAGS = regex(rb"</?(?:%b)(?:\s[^<>]*)?>" % INLINE.encode(), re.I)

# How those tags begin; few others do, and none of a table's.
_FIRST = sorted({"tt" if name == "tt" else name[0] for name in INLINE.split("|")})
TAG_BEGINNINGS = tuple(
    f"<{slash}{beginning}".encode()
    for first in _FIRST
    for beginning in sorted({first, first.upper(), first.title(), first[0] + first[1:].upper()})
    for slash in ("", "/")
)

_LESS, _SLASH, _T, _LOWER = b"</t "
# So much of a text stays in the processor's cache.
_AT_ONCE = 1 << 17
# Of more tags than that, each is not looked at by itself.
_MOST_TAGS = 1000


def tag_places(data: bytes) -> list[int]:
    """Returns places of a text that hold the beginning of every inline tag.

    Most tags of a table, which are not inline, are ruled out: with numpy, if it is loaded, in a
    fifth of the time.
    """
    places = _places_but_tables(data) if has_numpy() else None
    return places_of_any(data, *TAG_BEGINNINGS) if places is None else places


def _places_but_tables(data: bytes) -> list[int] | None:
    """Returns where tags begin, but for those whose names begin with one T; None for too many."""
    import numpy as np

    found: list[int] = []
    # The longest beginning has three bytes more.
    padded = data + bytes(3)
    for begin in range(0, len(data), _AT_ONCE):
        part = np.frombuffer(padded, np.uint8, min(_AT_ONCE, len(data) - begin) + 3, begin)
        is_t = (part | _LOWER) == _T
        is_one_t = is_t[:-1] > is_t[1:]
        is_of_table = is_one_t[1:-1] | ((part[1:-2] == _SLASH) & is_one_t[2:])
        places = np.flatnonzero((part[:-3] == _LESS) > is_of_table)
        found += (places + begin).tolist()
        if len(found) > _MOST_TAGS:
            return None
    return found


def without_markup(data: bytes) -> bytes | None:
    """Returns a text without colours and inline tags; None where it has neither."""
    plain = ANSI.sub(b"", data) if b"\x1b" in data else data
    if any(INLINE_TAGS.match(plain, place) for place in tag_places(plain)):
        plain = INLINE_TAGS.sub(b"", plain)
    return plain if len(plain) < len(data) else None


def has_joints(data: bytes) -> bool:
    """Returns whether a text has `JOINTS`."""
    # By its number a byte is found in a sixth of the time.
    return _NUL in data or (_BACKSLASH in data and b"\\x00" in data)


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
