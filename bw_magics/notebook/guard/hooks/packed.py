"""`readable`: a packed message as a text that is searched before it is unpacked."""

from __future__ import annotations

import re

from bw_magics.notebook.guard.encodings.markup import INLINE

# Colours, other controls, and, from some packers, letters and tags.
_BY_NUMBER = rb"\u00"
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


# The tags of `markup.INLINE_TAGS`, each within one string of JSON.
_INLINE_TAG = re.compile(
    rb'<(?:\\?/)?(?:%b)(?:(?: |\\[nrtf])(?:[^<>"\\]|\\[^<>])*)?>' % _in_any_case(INLINE).encode()
)


def readable(packed: bytes, *, may_be_html: bool = True) -> bytes | None:
    """Returns a text that contains the strings of a packed message, without JSON's escapes.

    If the message `may_be_html`, the text also has them without inline tags. Returns None where
    only unpacking helps.
    """
    is_escaped = b"\\" in packed
    if is_escaped and _BY_NUMBER in packed:
        return None
    if may_be_html and b"<" in packed:
        untagged = _INLINE_TAG.sub(b"", packed)
        if len(untagged) < len(packed):
            packed = packed + b" " + untagged
    if not is_escaped:
        return packed
    return _unescaped(packed)


def _unescaped(packed: bytes) -> bytes | None:
    parts = packed.split(rb"\\")
    for escape, plain in _ESCAPES.items():
        parts = [part.replace(escape, plain) for part in parts]
    return b"\\".join(parts) if not any(b"\\" in part for part in parts) else None
