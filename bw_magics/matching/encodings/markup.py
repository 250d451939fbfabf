"""`View`: a text without its markup, which knows the places of its parts in the original."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator

ANSI = re.compile(rb"\x1b\[[0-9;:]*[a-zA-Z]")
INLINE = "span|b|i|u|s|em|strong|code|font|mark|a|small|wbr|tt|kbd|samp"
INLINE_TAGS = re.compile(rb"</?(?:%b)(?:\s[^<>]*)?>" % INLINE.encode(), re.I)


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
