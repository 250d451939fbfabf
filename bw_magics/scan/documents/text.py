"""Text and other bytes: a place is a line."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from typing import BinaryIO

from bw_magics.matching.encodings.markup import without_markup
from bw_magics.scan.hit import Hit
from bw_magics.scan.seeker import Seeker

# A file is read in pieces of so many bytes.
PIECE = 1 << 22
_BINARY = 1 << 13
_UTF_16 = {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_HTML = (".html", ".htm", ".svg", ".xml", ".md", ".markdown")


def search_text(data: bytes, seeker: Seeker, source: str, part: str = "") -> Iterator[Hit]:
    """Searches all of a text, which may be UTF-16."""
    data = as_utf8(data)
    if is_promising(data, seeker, is_html=_is_html(source)):
        yield from _hits(data, seeker, source, part, 1, 0)


def search_stream(stream: BinaryIO, size: int, seeker: Seeker, source: str) -> Iterator[Hit]:
    """Searches the first `size` bytes of a file in pieces, however large it is or grows."""
    line, kept, left = 1, b"", size
    while left > 0 and (piece := stream.read(min(PIECE, left))):
        left -= len(piece)
        data = kept + piece
        if is_promising(data, seeker, is_html=_is_html(source)):
            # What ends in the part that was searched before was reported before.
            yield from _hits(data, seeker, source, "", line, len(kept))
        kept = data[-seeker.reach :] if left > 0 else b""
        line += data.count(b"\n") - kept.count(b"\n")


def as_utf8(data: bytes) -> bytes:
    """Returns bytes of UTF-16 as UTF-8, others as they are."""
    encoding = _UTF_16.get(data[:2])
    return data if encoding is None else data.decode(encoding, "replace").encode()


def is_binary(data: bytes) -> bool:
    """Returns whether bytes do not look like text."""
    return b"\0" in data[:_BINARY]


def is_promising(data: bytes, seeker: Seeker, *, is_html: bool, is_joined: bool = False) -> bool:
    """Returns whether a value may be in there, also if colours or tags are inside it."""
    return seeker.may_hold(data, is_joined=is_joined) or any(
        seeker.may_hold(plain, is_joined=is_joined)
        for plain in without_markup(data, is_html=is_html)
    )


def _is_html(source: str) -> bool:
    return source.lower().endswith(_HTML)


def _hits(
    data: bytes, seeker: Seeker, source: str, part: str, first: int, after: int
) -> Iterator[Hit]:
    binary = is_binary(data)
    for match in seeker.matches(data, is_html=_is_html(source)):
        if match.end <= after:
            continue
        line = f"line {first + data.count(10, 0, match.start)}"
        place = "binary data" if binary else line
        yield Hit(source, ", ".join(filter(None, (part, place))), match.labels)
