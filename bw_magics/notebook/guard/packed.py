"""Packed messages, and what of them is searched before they are unpacked."""

from __future__ import annotations

import re

from bw_magics.notebook.guard.markup import INLINE

# Colours, other controls, and, from some packers, letters and tags.
_BY_NUMBER = rb"\u00"


def _in_any_case(names: str) -> str:
    # A third quicker than `re.I`.
    return re.sub("[a-z]", lambda letter: f"[{letter[0]}{letter[0].upper()}]", names)


# The tags of `markup.INLINE_TAGS`, each within one string of JSON. Those of tables are told first:
# large HTML is full of them.
_INLINE_TAG = re.compile(
    rb'<(?!\\?/?[tT][^tT])(?:\\?/)?(?:%b)(?:(?: |\\[nrtf])(?:[^<>"\\]|\\[^<>])*)?>'
    % _in_any_case(INLINE).encode()
)


def readable(packed: bytes) -> bytes | None:
    """A text in which stands whatever stands in the strings of a packed message, also where an
    inline tag is inside of it; None where only unpacking the message tells.
    """
    is_escaped = b"\\" in packed
    if is_escaped and _BY_NUMBER in packed:
        return None
    if b"<" in packed:
        untagged = _INLINE_TAG.sub(b"", packed)
        if len(untagged) < len(packed):
            packed = packed + b" " + untagged
    if not is_escaped:
        return packed
    # The escapes that most texts have; what is no such escape leaves a backslash.
    text = packed.replace(rb"\n", b"\n").replace(rb"\"", b'"')
    if b"\\" in text:
        text = text.replace(rb"\t", b"\t")
    return packed if b"\\" in text else text
