"""The texts that a secret can appear as: plain, escaped, encoded, whole and in its parts."""

from __future__ import annotations

import base64
import html
import itertools
import json
import quopri
import re
import unicodedata
import urllib.parse
from collections.abc import Iterator
from functools import lru_cache

from bw_magics.lean_regex import regex
from bw_magics.matching.encodings.anchor import Anchor
from bw_magics.matching.search.needle import ERRORS, Needles, encode
from bw_magics.secrecy.codes import seeds_of_codes
from bw_magics.secrecy.ordinary import SHORTEST
from bw_magics.secrecy.parts import secret_parts

# A value of this length is masked anywhere; a shorter one only as a whole word.
FREE = 12
# Encoded forms rarely mean anything else, so they count anywhere; shorter ones are left out.
ENCODED = 8
# A longer value is searched for in pieces, so that a stream remembers no more than this.
PIECE = 1024

# At so many blanks a value may be wrapped.
_MOST_WRAPPED = 8
# IPython's `%whos` shows so much of either end of a long value.
_END = 25
_URL_SAFE = bytes.maketrans(b"+/", b"-_")
# So many pieces of a long value are searched for in every form, the others in clear only.
_PIECES_IN_FORMS = 4
_BEFORE_SIGNS = {sign: "\\" + sign for sign in "&%$#_{}"}
_IN_LATEX = tuple(
    str.maketrans(_BEFORE_SIGNS | dict(zip("\\~^", spellings, strict=True)))
    for spellings in (
        (r"\textbackslash ", r"\textasciitilde ", r"\textasciicircum "),
        (r"\textbackslash{}", r"\textasciitilde{}", r"\^{}"),
    )
)
_ONLY_LATEX = frozenset("_\\~^")
# Texts that only the encoded forms change.
_UNCHANGED = regex(r"[A-Za-z0-9_.-]+")


def needles_of(value: str) -> Needles:
    """Returns every needle for a value of at least `SHORTEST` characters."""
    needles: dict[bytes, bool] = {}
    for text in _texts(value):
        is_free = len(text) >= FREE
        for form in _plain(text):
            data = encode(form)
            needles[data] = is_free or needles.get(data, False)
        for code in _encoded(text):
            needles[code] = True
    for piece in _pieces(value)[_PIECES_IN_FORMS:]:
        for form in (piece, _json(piece)):
            needles[encode(form)] = True
    if len(value) >= 2 * _END:
        for form in _plain(_shortened(value)):
            needles[encode(form)] = True
    return {data: is_free for data, is_free in needles.items() if len(data) >= SHORTEST}


def anchors_of(value: str) -> Iterator[Anchor]:
    """Returns the anchors that find the escaped forms of a value that are not a needle: one for
    each of its texts that escapes change.
    """
    for text in _texts(value):
        if not _UNCHANGED.fullmatch(text):
            yield Anchor.of(text, is_free=len(text) >= FREE)


# For needles and anchors of a value: to find the parts of a large one takes long.
@lru_cache(maxsize=1)
def _texts(value: str) -> tuple[str, ...]:
    """Returns the texts that are searched for in every form: the value, or its first pieces, and
    the parts of it that are secrets themselves.
    """
    whole = [value, value.strip()] if len(value) <= PIECE else []
    parts = (part for part in secret_parts(value) if len(part) <= PIECE)
    pieces = _pieces(value)[:_PIECES_IN_FORMS]
    return tuple(dict.fromkeys((*whole, *pieces, *parts, *seeds_of_codes(value))))


def _pieces(value: str) -> list[str]:
    """Returns a value longer than `PIECE` in pieces of that length."""
    value = value.strip()
    last = len(value) - PIECE
    # The last piece overlaps the one before, so that none is short.
    return [value[min(start, last) :][:PIECE] for start in range(0, len(value), PIECE) if last > 0]


def _shortened(value: str) -> str:
    """Returns a long value as `%whos` shows it."""
    line = value.replace("\n", "\\n")
    return f"{line[:_END]}<...>{line[-_END:]}"


def _plain(text: str) -> set[str]:
    """Returns the text and its commonest escaped forms. Anchors find all others, but not where a
    stream is cut in the midst of one.
    """
    if _UNCHANGED.fullmatch(text):
        # Only these change hyphens, underlines and dots; an anchor for them would cost more.
        signs = re.sub("[_.-]", r"\\\g<0>", text)
        return {text, re.escape(text), _latex(text), signs, *_in_latex(text)}
    return {
        text,
        _json(text),
        _json(text, ascii=True),
        repr(text)[1:-1],
        html.escape(text),
        html.escape(text, quote=False),
        urllib.parse.quote(text, safe="", errors=ERRORS),
        text.replace("\n", "\r\n"),
        text.replace("\r\n", "\n"),
        text.replace(" ", "+"),
        *_wrapped(text),
        *_in_mails(text),
        *_in_latex(text),
        *_composed(text),
    }


def _latex(text: str) -> str:
    """Returns a text as Pygments, which formats `Code` of IPython, writes it in LaTeX."""
    return text.replace("-", r"\PYZhy{}").replace("_", r"\PYZus{}")


def _in_latex(text: str) -> Iterator[str]:
    r"""Yields the text as pandas and tabulate write it in LaTeX's tables. Anchors find it where it
    only has signs with a backslash before them, but for `\_`: YAML writes a blank so.
    """
    if not _ONLY_LATEX.isdisjoint(text):
        for signs in _IN_LATEX:
            latex = text.translate(signs)
            # The second is what a cell shows that ends with `df.to_latex()`.
            yield from (latex, latex.replace("\\", r"\\"))


def _in_mails(text: str) -> Iterator[str]:
    """Yields the text as e-mails have it: quoted-printable."""
    if "=" in text or not text.isascii():
        yield quopri.encodestring(encode(text)).decode().replace("=\n", "")


def _composed(text: str) -> Iterator[str]:
    """Yields the text with each accent in its letter, and with each by itself: macOS has files'
    names so.
    """
    if not text.isascii():
        yield from (unicodedata.normalize(form, text) for form in ("NFC", "NFD"))


def _wrapped(text: str) -> Iterator[str]:
    """Yields the text on two lines, in each way that is possible."""
    for found in itertools.islice(re.finditer(r"(?<=\S) (?=\S)", text), _MOST_WRAPPED):
        for end in ("\n", " \n"):
            yield text[: found.start()] + end + text[found.end() :]


def _encoded(text: str) -> Iterator[bytes]:
    # HTTP clients encode a password for its header in Latin-1 where they can.
    for data in {encode(text), text.encode("latin-1", "ignore")}:
        if len(data) >= len(text):
            yield from _codes(data)


def _codes(data: bytes) -> Iterator[bytes]:
    for offset in range(3):
        # The characters that depend on unknown neighbours are cut off at both ends.
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
