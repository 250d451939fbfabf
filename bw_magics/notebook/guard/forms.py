"""The texts that a secret can appear as: plain, escaped, encoded, and line by line."""

from __future__ import annotations

import base64
import html
import json
import re
import urllib.parse
from collections.abc import Iterator

from bw_magics.notebook.guard.needle import ENCODING, ERRORS, Needle, encode
from bw_magics.notebook.guard.ordinary import SHORTEST, is_ordinary

# From this length on a value is masked wherever it stands; a shorter one only as a whole word.
FREE = 12
# Lines of a value of several lines are searched for by themselves from this length on.
LINE = 16
# Encoded forms are hardly ever anything else, so they count anywhere; shorter ones are left out.
ENCODED = 8
# A longer value is searched for in pieces: nothing has to remember more of a stream than this.
PIECE = 1024

_ARMOUR = re.compile(r"-{3,}\s*(BEGIN|END)\b.*-{3,}")


def needles_of(value: str) -> frozenset[Needle]:
    """Every needle for a value of at least `SHORTEST` characters."""
    texts = {part: len(part) >= FREE for part in _parts(value)}
    needles = {
        Needle(encode(form), is_free) for text, is_free in texts.items() for form in _plain(text)
    }
    for text in texts:
        needles |= {Needle(form.encode(), True) for form in _encoded(text)}
    free = {needle.data for needle in needles if needle.is_free}
    return frozenset(
        needle
        for needle in needles
        if len(needle.data) >= SHORTEST and (needle.is_free or needle.data not in free)
    )


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


def _plain(text: str) -> set[str]:
    """The text itself and its escaped forms, each also escaped once more as in a message."""
    forms = {
        text,
        _json(text),
        _json(text, ascii=True),
        repr(text)[1:-1],
        repr(_bytes(text))[2:-1],
        html.escape(text),
        html.escape(text, quote=False),
        html.escape(text).replace("&#x27;", "&#39;"),
        html.escape(text).replace("&quot;", "&#34;").replace("&#x27;", "&#39;"),
        urllib.parse.quote(text, safe="", errors=ERRORS),
        urllib.parse.quote(text, errors=ERRORS),
        urllib.parse.quote_plus(text, errors=ERRORS),
        urllib.parse.quote(text, safe="", errors=ERRORS).replace("~", "%7E"),
        text.replace("\n", "\r\n"),
        # Double quotes in what is shown between single ones, and the other way round.
        text.replace("\\", "\\\\"),
        text.replace("\\", "\\\\").replace("'", "\\'"),
        text.replace("\\", "\\\\").replace('"', '\\"'),
    }
    return forms | {_json(form) for form in forms} | {_json(form, ascii=True) for form in forms}


def _encoded(text: str) -> Iterator[str]:
    data = _bytes(text)
    for offset in range(3):
        # What depends on the unknown neighbours is cut off at both ends.
        code = base64.b64encode(b"\0" * offset + data).decode().rstrip("=")
        is_whole = (offset + len(data)) % 3 == 0
        code = code[(0, 2, 3)[offset] : len(code) if is_whole else -1]
        if len(code) >= ENCODED:
            yield code
            yield code.replace("+", "-").replace("/", "_")
    yield data.hex()
    yield data.hex().upper()


def _json(text: str, *, ascii: bool = False) -> str:
    return json.dumps(text, ensure_ascii=ascii)[1:-1]


def _bytes(text: str) -> bytes:
    return text.encode(ENCODING, ERRORS)
