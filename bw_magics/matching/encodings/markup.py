"""`View`: a text without its markup, which knows the places of its parts in the original."""

from __future__ import annotations

import itertools
import re
from bisect import bisect_right
from collections.abc import Iterator

from bw_magics.lean_regex import regex
from bw_magics.matching.search.automaton import places_of_any

ANSI = regex(rb"\x1b\[[0-9;:]*[a-zA-Z]")
# Between the letters of a text of two bytes a letter, as it is printed.
JOINTS = regex(rb"\x00|\\x00")
_NUL, _BACKSLASH = b"\0\\"
# With them a text is at most so many times as long.
STRETCHED = 5
INLINE = "span|b|i|u|s|em|strong|code|font|mark|a|small|wbr|tt|kbd|samp"
INLINE_TAGS = regex(rb"</?(?:%b)(?:\s[^<>]*)?>" % INLINE.encode(), re.I)

# No text has them. Without them the library would stop at each `<`: with texts that begin with more
# than three bytes it looks at two or three bytes at once, and passes over the tags of tables.
_DECOYS = (b"\1\1\1", b"\2\2\2", b"\3\3\3", b"\4\4\4")


def _cases(*names: str) -> tuple[str, ...]:
    """Returns the names with each of their letters small and large."""
    return tuple(
        "".join(letters)
        for name in names
        for letters in itertools.product(*((letter, letter.upper()) for letter in name))
    )


# How those tags begin; few others do, and none of a table's. Of those with a T only `tt` is one.
_FIRST = _cases(*sorted({name[0] for name in INLINE.split("|")} - {"t"}))
_TAG_BEGINNINGS = (
    (*(f"<{first}".encode() for first in _FIRST), *(decoy[:2] for decoy in _DECOYS)),
    (*(f"</{first}".encode() for first in _FIRST), *_DECOYS),
    (*(f"{before}{tt}".encode() for before in "</" for tt in _cases("tt")), *_DECOYS),
)
_SLASH = ord("/")
# To look for their beginnings takes longer than to take them out of so small a text.
_SMALL = 1 << 9


def tag_places(data: bytes) -> list[int]:
    """Returns places of a text that hold the beginning of every inline tag."""
    return [
        place - (data[place] == _SLASH)
        for beginnings in _TAG_BEGINNINGS
        for place in places_of_any(data, *beginnings)
    ]


def without_markup(data: bytes, *, is_html: bool) -> Iterator[bytes]:
    """Yields a text without colours, and HTML without inline tags, where it has them."""
    if b"\x1b" in data:
        uncoloured = ANSI.sub(b"", data)
        # Links and bells of a terminal have that byte, too.
        if len(uncoloured) < len(data):
            yield uncoloured
    if is_html and (untagged := without_tags(data)) is not None:
        yield untagged


def without_tags(data: bytes) -> bytes | None:
    """Returns HTML without inline tags; None where it has none."""
    if len(data) >= _SMALL and not any(
        INLINE_TAGS.match(data, place) for place in tag_places(data)
    ):
        return None
    untagged = INLINE_TAGS.sub(b"", data)
    return untagged if len(untagged) < len(data) else None


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
