"""`readable`: a packed message as a text that is searched before it is unpacked."""

from __future__ import annotations

import re

from bw_magics.lean_regex import regex
from bw_magics.matching.encodings.markup import INLINE, tag_places
from bw_magics.matching.search.automaton import has_any

# By its number a byte is found in a sixth of the time.
_BACKSLASH, _LESS = rb"\<"
# Colours, other controls, and, from some packers, letters and tags.
_BY_NUMBER = rb"\u00"
# Stands for a backslash meanwhile; a message has no such byte.
_NOT_UTF8 = b"\xff"
_ESCAPES = {
    rb"\n": b"\n",
    rb"\"": b'"',
    rb"\t": b"\t",
    rb"\r": b"\r",
    rb"\/": b"/",
    rb"\b": b"\b",
    rb"\f": b"\f",
}


def _in_any_case(names: str) -> str:
    # A third quicker than `re.I`.
    return re.sub("[a-z]", lambda letter: f"[{letter[0]}{letter[0].upper()}]", names)


# The tags of `markup.INLINE_TAGS`, each within one string of JSON. Those of tables are ruled out
# first: of the others only `tt` begins like them.
_INLINE_TAG = regex(
    rb'<(?!/?[tT][^tT])(?:\\?/)?(?:%b)(?:(?: |\\[nrtf])(?:[^<>"\\]|\\[^<>])*)?>'
    % _in_any_case(INLINE).encode()
)


_LARGE = 1 << 16
_MOST_TAGS = 1000


def readable(packed: bytes, *, may_be_html: bool = True) -> bytes | None:
    """Returns a text that contains the strings of a packed message, without JSON's escapes.

    If the message `may_be_html`, the text also has them without inline tags. Returns None where
    only unpacking helps.
    """
    if may_be_html and _LESS in packed and (len(packed) < _LARGE or _has_inline_tag(packed)):
        untagged, count = _INLINE_TAG.subn(b"", packed)
        if count:
            packed = packed + b" " + untagged
    if _BACKSLASH not in packed:
        return packed
    # The escapes of most messages; any other escape leaves a backslash.
    text = packed.replace(rb"\n", b"\n").replace(rb"\"", b'"')
    return text if _BACKSLASH not in text else _unescaped(packed)


def _has_inline_tag(packed: bytes) -> bool:
    """Returns whether a large text may have inline tags: a regex takes long for a table."""
    if rb"<\/" in packed:
        return True
    places = tag_places(packed)
    if len(places) > _MOST_TAGS:
        return True
    return any(_INLINE_TAG.match(packed, place) for place in places)


def _unescaped(packed: bytes) -> bytes | None:
    if has_any(packed, _BY_NUMBER):
        return None
    text = packed.replace(rb"\\", _NOT_UTF8) if has_any(packed, rb"\\") else packed
    for escape, plain in _ESCAPES.items():
        if _BACKSLASH not in text:
            break
        text = text.replace(escape, plain)
    return text.replace(_NOT_UTF8, b"\\") if _BACKSLASH not in text else None
