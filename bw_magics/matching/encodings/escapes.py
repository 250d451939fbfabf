"""`Unescaped`: a text without escapes, which knows the places of its parts in the original.

JSON, `repr`, HTML, URLs, CSV, YAML and shells have their own escapes, and one text can nest
several. All are undone here until none is left. So a value and every escaped form of it become the
same text.
"""

from __future__ import annotations

import html
import re
import sys
import unicodedata
from dataclasses import dataclass

from bw_magics.lean_regex import regex
from bw_magics.matching.search.automaton import has_any
from bw_magics.matching.search.needle import ERRORS, Span

# An escape needs one of these bytes, or another text of `SIGNS`.
SIGN_BYTES = b"\\%&+\r"
# Blanks of other widths, or that do not break: front ends and libraries use them for others.
BLANKS = tuple(blank.encode() for blank in "\u00a0\u2002\u2003\u2007\u2009\u202f")
# A folded line continues with at least so many blanks.
FOLD = b"\n  "
QUOTES = (b'""', b"''", b"'\"'")
SIGNS = regex(rb"""[%b]|""|''|'"'|\n\x20\x20|%b""" % (re.escape(SIGN_BYTES), b"|".join(BLANKS)))
# The depth of escapes inside escapes.
_DEPTH = 6

# Each alternative begins with a byte of its own, so that other bytes are passed over quickly.
_ESCAPE = regex(
    rb"""\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}  # a pair of surrogates
    | %u[dD][89abAB][0-9a-fA-F]{2}%u[dD][c-fC-F][0-9a-fA-F]{2} | %u[0-9a-fA-F]{4}
    | \\N\{[A-Z0-9\x20-]{2,88}\} | \\PYZ[a-z]{2}\{\}
    | \\\n[\x20\t]+ | \n\n?\x20{2,}
    | \x20(?<![\x20\t]\x20)[\x20\t]*+\n\n?\x20{2,} | \t(?<![\x20\t]\t)[\x20\t]*+\n\n?\x20{2,}
    | \\u[0-9a-fA-F]{4} | \\u\{[0-9a-fA-F]{1,6}\} | \\U[0-9a-fA-F]{8}
    | \\x[0-9a-fA-F]{2}(?:\\x[0-9a-fA-F]{2})*
    | \\[0-3][0-7]{2}(?:\\[0-3][0-7]{2})* | \\.
    | %[0-7][0-9a-fA-F] | %[89a-fA-F][0-9a-fA-F](?:%[89a-fA-F][0-9a-fA-F])*
    | &(?:\#[0-9]{1,7} | \#[xX][0-9a-fA-F]{1,6} | [A-Za-z]{2,6});
    | '"'"' | '\\'' | \+ | "" | '' | \r\n | \xc2\xa0 | \xe2\x80[\x82\x83\x87\x89\xaf]""",
    re.VERBOSE | re.DOTALL,
)
# The last five are YAML's.
CONTROLS = dict(zip(b"abfnrtv0eN_LP", "\a\b\f\n\r\t\v\0\x1b\x85\u00a0\u2028\u2029", strict=True))
# A plus is a space in a URL, and a space may be a plus.
_ALIKE = {
    b"+": b" ",
    b'""': b'"',
    b"''": b"'",
    b"'\"'\"'": b"'",
    b"'\\''": b"'",
    b"\r\n": b"\n",
} | dict.fromkeys(BLANKS, b" ")
# Pygments' spellings of signs for LaTeX.
LATEX = dict(
    zip(
        b"am at bs ca cb dl dq gt hy lb lt ob pc rb sh sq ti us".split(),
        b"& @ \\ ^ } $ \" > - [ < { % ] # ' ~ _".split(),
        strict=True,
    )
)


def unescaped(data: bytes) -> bytes:
    """Undoes all escapes in a text, as `Unescaped.of` does, without the places of its parts: in a
    part of the time.
    """
    if not (any(sign in data for sign in b"\\%&") or has_any(data, FOLD, *QUOTES, *BLANKS)):
        # Base64 and numbers have no other sign than a plus.
        return data.replace(b"+", b" ").replace(b"\r\n", b"\n")
    for _ in range(_DEPTH):
        if SIGNS.search(data) is None:
            break
        again = _ESCAPE.sub(lambda found: _plain(found[0]), data)
        if again == data:
            break
        data = again
    return data


@dataclass(frozen=True, slots=True)
class Unescaped:
    """The unescaped `data`; its byte `i` was `original[starts[i] : ends[i]]`."""

    data: bytes
    starts: list[int]
    ends: list[int]

    @classmethod
    def of(cls, original: bytes) -> Unescaped:
        """Undoes all escapes in a text."""
        view = cls(original, list(range(len(original))), list(range(1, len(original) + 1)))
        for _ in range(_DEPTH):
            if SIGNS.search(view.data) is None:
                break
            again = view._once()
            if again.data == view.data:
                break
            view = again
        return view

    def original(self, start: int, end: int) -> Span:
        """Returns the original span of `data[start:end]`, which is not empty."""
        return self.starts[start], self.ends[end - 1]

    def literally(self) -> bytes:
        """Returns `data` with a zero byte for each escape."""
        lengths = zip(self.data, self.starts, self.ends, strict=True)
        return bytes(byte if end - start == 1 else 0 for byte, start, end in lengths)

    def _once(self) -> Unescaped:
        parts: list[bytes] = []
        starts: list[int] = []
        ends: list[int] = []
        done = 0
        for found in _ESCAPE.finditer(self.data):
            begin, end = found.span()
            plain = _plain(found[0])
            parts += (self.data[done:begin], plain)
            starts += self.starts[done:begin] + [self.starts[begin]] * len(plain)
            ends += self.ends[done:begin] + [self.ends[end - 1]] * len(plain)
            done = end
        parts.append(self.data[done:])
        return Unescaped(b"".join(parts), starts + self.starts[done:], ends + self.ends[done:])


def _plain(escape: bytes) -> bytes:
    if escape in _ALIKE:
        return _ALIKE[escape]
    if escape[:2] == b"\\\n" and len(escape) > 2:  # a line that goes on below
        return b""
    if b"\n" in escape and escape[:1] != b"\\":
        return b"\n" if escape.count(b"\n") > 1 else b" "
    if escape[:4] == rb"\PYZ":
        return LATEX.get(escape[4:6], escape)
    if escape[:2] == rb"\N" and len(escape) > 2:
        return _named(escape[3:-1].decode()) or escape
    if escape[:2] == b"%u":
        return _units(re.split(rb"%u", escape)[1:])
    if escape[:1] == b"%":
        return _bytes(bytes.fromhex(escape.replace(b"%", b"").decode()))
    if escape[:1] == b"&":
        return _entity(escape.decode()) or escape
    kind, digits = escape[1:2], escape[2:]
    if kind == b"x" and digits:
        return _bytes(bytes.fromhex(escape.replace(rb"\x", b"").decode()))
    if kind in b"0123" and digits:
        return _bytes(bytes(int(number, 8) for number in escape.split(b"\\")[1:]))
    if kind in b"uU" and digits:
        return _units(re.split(rb"\\[uU]", escape.translate(None, b"{}"))[1:]) or escape
    control = CONTROLS.get(escape[1])
    return control.encode() if control is not None else escape[1:]


def _units(digits: list[bytes]) -> bytes:
    """Characters by their numbers, two of which may be one; nothing where there is no such one."""
    codes = [int(code, 16) for code in digits]
    if codes[-1] > sys.maxunicode:
        return b""
    units = b"".join(chr(code).encode("utf-16-le", ERRORS) for code in codes)
    return units.decode("utf-16-le", ERRORS).encode("utf-8", ERRORS)


def _named(name: str) -> bytes:
    try:
        return unicodedata.lookup(name).encode()
    except KeyError:
        return b""


def _entity(text: str) -> bytes:
    number = text[2:-1]
    if text[1] != "#":
        character = html.unescape(text)
    else:
        code = int(number[1:], 16) if number[0] in "xX" else int(number)
        character = chr(code) if code <= sys.maxunicode else ""
    return character.encode("utf-8", ERRORS)


def _bytes(data: bytes) -> bytes:
    # A letter that was two bytes, or one that was written by its number below 256.
    try:
        data.decode()
    except UnicodeDecodeError:
        return data.decode("latin-1").encode()
    return data
