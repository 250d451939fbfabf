"""The texts that a secret can appear as: plain, escaped, encoded, and line by line."""

from __future__ import annotations

import base64
import html
import json
import re
import urllib.parse
from collections.abc import Iterator

from bw_magics.notebook.guard.encodings.anchor import Anchor
from bw_magics.secrecy.ordinary import SHORTEST, is_ordinary
from bw_magics.notebook.guard.search.needle import ERRORS, Needles, encode

# From this length on a value is masked wherever it stands; a shorter one only as a whole word.
FREE = 12
# Lines of a value of several lines are searched for by themselves from this length on.
LINE = 16
# Encoded forms are hardly ever anything else, so they count anywhere; shorter ones are left out.
ENCODED = 8
# A longer value is searched for in pieces: nothing has to remember more of a stream than this.
PIECE = 1024

# So much of either end of a long value is shown by IPython's `%whos`.
_END = 25
_URL_SAFE = bytes.maketrans(b"+/", b"-_")
# What no form but the encoded ones changes.
_UNCHANGED = re.compile(r"[A-Za-z0-9_.-]+")
_ARMOUR = re.compile(r"-{3,}\s*(BEGIN|END)\b.*-{3,}")


def needles_of(value: str) -> Needles:
    """Every needle for a value of at least `SHORTEST` characters."""
    needles: dict[bytes, bool] = {}
    for text in set(_parts(value)):
        is_free = len(text) >= FREE
        for form in _plain(text):
            data = encode(form)
            needles[data] = is_free or needles.get(data, False)
        for code in _encoded(text):
            needles[code] = True
    if len(value) >= 2 * _END:
        for form in _plain(_shortened(value)):
            needles[encode(form)] = True
    return {data: is_free for data, is_free in needles.items() if len(data) >= SHORTEST}


def anchors_of(value: str) -> Iterator[Anchor]:
    """What escaped forms of a value are found by that are no needle, for each part of it that
    escapes change.
    """
    for text in set(_parts(value)):
        if not _UNCHANGED.fullmatch(text):
            yield Anchor.of(text, is_free=len(text) >= FREE)


def _parts(value: str) -> Iterator[str]:
    stripped = value.strip()
    for text in {value, stripped}:
        if len(text) <= PIECE:
            yield text
    if len(stripped) > PIECE:
        for start in range(0, len(stripped), PIECE):
            # The last piece reaches back, so that none is short.
            yield stripped[min(start, len(stripped) - PIECE) :][:PIECE]
    for line in {line.strip() for line in value.splitlines()} - {value, stripped}:
        if LINE <= len(line) <= PIECE and _tells(line):
            yield line


def _tells(line: str) -> bool:
    """Whether a line is more than armour or ornament."""
    if _ARMOUR.fullmatch(line) or is_ordinary(line):
        return False
    return sum(character.isalnum() for character in line) >= LINE // 2 and len(set(line)) > 4


def _shortened(value: str) -> str:
    """A long value as `%whos` shows it."""
    line = value.replace("\n", "\\n")
    return f"{line[:_END]}<...>{line[-_END:]}"


def _plain(text: str) -> set[str]:
    """The text itself and its escaped forms, each also escaped once more as in a message."""
    if _UNCHANGED.fullmatch(text):
        return {text}
    forms = {
        text,
        _json(text),
        _json(text, ascii=True),
        repr(text)[1:-1],
        repr(encode(text))[2:-1],
        html.escape(text),
        html.escape(text, quote=False),
        html.escape(text).replace("&#x27;", "&#39;"),
        html.escape(text).replace("&quot;", "&#34;").replace("&#x27;", "&#39;"),
        urllib.parse.quote(text, safe="", errors=ERRORS),
        urllib.parse.quote(text, errors=ERRORS),
        urllib.parse.quote_plus(text, errors=ERRORS),
        urllib.parse.quote(text, safe="", errors=ERRORS).replace("~", "%7E"),
        text.replace("\n", "\r\n"),
        text.replace("\r\n", "\n"),
        # Double quotes in what is shown between single ones, and the other way round.
        text.replace("\\", "\\\\"),
        text.replace("\\", "\\\\").replace("'", "\\'"),
        text.replace("\\", "\\\\").replace('"', '\\"'),
    }
    return forms | {_json(form) for form in forms} | {_json(form, ascii=True) for form in forms}


def _encoded(text: str) -> Iterator[bytes]:
    # HTTP clients encode a password for its header in Latin-1 where they can.
    for data in {encode(text), text.encode("latin-1", "ignore")}:
        if len(data) >= len(text):
            yield from _codes(data)


def _codes(data: bytes) -> Iterator[bytes]:
    for offset in range(3):
        # What depends on the unknown neighbours is cut off at both ends.
        code = base64.b64encode(bytes(offset) + data).rstrip(b"=")
        is_whole = (offset + len(data)) % 3 == 0
        code = code[(0, 2, 3)[offset] : len(code) if is_whole else -1]
        if len(code) >= ENCODED:
            yield code
            yield code.translate(_URL_SAFE)
    digits = data.hex().encode()
    yield digits
    yield digits.upper()


def _json(text: str, *, ascii: bool = False) -> str:
    return json.dumps(text, ensure_ascii=ascii)[1:-1]
