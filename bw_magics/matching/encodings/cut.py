"""`Cut`: the beginning or the end of an irregular value, where a library shows only that, and the
pieces between them, where it wraps the value.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from bw_magics.lean_regex import regex
from bw_magics.matching.search.needle import Span, encode
from bw_magics.secrecy.irregular import LONG, is_irregular

# The length of a stub of an irregular value; other values need a longer one.
_LENGTHS = (8, 10, 12, 14, 16, 20, 24, 32)
# A word of letters and digits in turn, such as `aB3d` or `16C7`.
_TELLING = regex(r"[A-Za-z0-9]*(?:[A-Za-z][0-9]+[A-Za-z]|[0-9][A-Za-z]+[0-9])[A-Za-z0-9]*")
_RUN = regex(r"[A-Za-z0-9]{4,}")
# `config`, `getValue`, `HTTP2`, `2024`; what else is long is not from a language.
_NAMED = regex(r"(?:[A-Z]?[a-z]+|[A-Z]+)(?:[A-Z][a-z]+)*[0-9]{0,3}|[0-9]+")
_SYMBOL = regex(r"[^A-Za-z0-9_./+=-]")
# What says whose key it is, such as `sk-proj-`.
_VENDOR = regex(r"(?:[A-Za-z]{1,12}[-_]){1,3}")
# The next piece of a wrapped value is that near; so many bytes of it are looked for.
_NEAR, _PIECE, _LEAST_PIECE = 1000, 8, 4
# So many stubs may lead to one piece.
_MOST_PASSED = 32
# So many bytes are compared first.
_STEP = 64
_WORD = rb"A-Za-z0-9_+/=\x80-\xff-"
# Dots, and the end of a line that an e-mail folds.
_ELLIPSIS = rb"=\r?\n|\.\.\.?|\xe2\x80\xa6|\\u2026|&hellip;|<\.\.\.>|[xX]{4}"
# Quotes, dots and other signs that are not ASCII, such as « “ ⋯ 。
_SIGN = rb"\xc2[\x80-\xbf]|\xe2[\x80-\xaf][\x80-\xbf]|\xe3\x80[\x80-\xbf]"
_AFTER = regex(rb"%b|%b|[^%b.]|\.(?=[^%b]|\Z)" % (_ELLIPSIS, _SIGN, _WORD, _WORD))
# A value may follow its name: `token=…`.
_BEFORE = regex(rb"(?:%b|%b|[^%b.]|=)\Z" % (_ELLIPSIS, _SIGN, _WORD))
_LONGEST_ELLIPSIS = 8


class Cut(NamedTuple):
    """Some characters at one end of a value. They count with all that follows of the value, where
    an ellipsis or the end of a field comes next.
    """

    stub: bytes
    value: bytes
    is_beginning: bool

    def span(self, data: bytes, start: int, end: int, *, is_whole: bool) -> Span | None:
        """Returns the part of the value around the stub at `data[start:end]`, None where it is not
        cut.

        Where the text `is_whole`, its ends are those of a field.
        """
        value = self.value
        if self.is_beginning:
            if data.startswith(value, start):
                return None
            end = start + _alike(data, start, value, 0)
        else:
            if data.endswith(value, 0, end):
                return None
            start = end - _alike_before(data, end, value, len(value))
        begins = _BEFORE.search(data, max(0, start - _LONGEST_ELLIPSIS), start) or start == 0
        ends = _AFTER.match(data, end) or (is_whole and end == len(data))
        return (start, end) if begins and ends else None

    def spans(self, data: bytes, stubs: Iterable[Span], *, is_whole: bool) -> Iterator[Span]:
        """Yields the parts of the value around its stubs, and the other pieces of each."""
        passed: Counter[int] = Counter()
        for start, end in sorted(stubs, reverse=not self.is_beginning):
            if span := self.span(data, start, end, is_whole=is_whole):
                yield span
                for piece in self.pieces(data, span):
                    yield piece
                    # A value that repeats itself has its stub again in each piece.
                    passed[piece[0]] += 1
                    if passed[piece[0]] > _MOST_PASSED:
                        break

    def pieces(self, data: bytes, found: Span) -> Iterator[Span]:
        """Yields the other pieces of the value around a piece at one of its ends: one a line, as a
        library wraps it, between borders, quotes or cells.
        """
        start, end = found
        if self.is_beginning:
            done = end - start
            while len(piece := self.value[done : done + _PIECE]) >= _LEAST_PIECE:
                start = data.find(piece, end, end + _NEAR)
                if start < 0:
                    return
                size = _alike(data, start, self.value, done)
                end, done = start + size, done + size
                yield start, end
            return
        left = len(self.value) - (end - start)
        while len(piece := self.value[max(0, left - _PIECE) : left]) >= _LEAST_PIECE:
            end = data.rfind(piece, max(0, start - _NEAR), start) + len(piece)
            if end < len(piece):
                return
            size = _alike_before(data, end, self.value, left)
            start, left = end - size, left - size
            yield start, end


def _alike(data: bytes, start: int, value: bytes, begin: int) -> int:
    """Returns how many bytes are the same from there on."""

    def is_same(low: int, high: int) -> bool:
        return data[start + low : start + high] == value[begin + low : begin + high]

    return _furthest(is_same, min(len(data) - start, len(value) - begin))


def _alike_before(data: bytes, end: int, value: bytes, stop: int) -> int:
    """Returns how many bytes are the same before there."""

    def is_same(low: int, high: int) -> bool:
        return data[end - high : end - low] == value[stop - high : stop - low]

    return _furthest(is_same, min(end, stop))


def _furthest(is_same: Callable[[int, int], bool], most: int) -> int:
    """Returns up to where all is the same. It doubles, then halves its steps: a value may repeat
    itself for kilobytes, and mostly ends after some bytes.
    """
    low, step = 0, _STEP
    while low < most and is_same(low, min(low + step, most)):
        low, step = min(low + step, most), 2 * step
    high = min(low + step, most)
    while high - low > 1:
        middle = (low + high) // 2
        if is_same(low, middle):
            low = middle
        else:
            high = middle
    return low


def cuts_of(text: str) -> Iterator[Cut]:
    """Yields the cuts of an irregular word; none of any other value.

    A key that begins with whose it is has one more behind that: it may be wrapped there.
    """
    if not is_irregular(text) or re.search(r"\s", text):
        return
    vendor = _VENDOR.match(text)
    for value, is_beginning in (
        (text, True),
        (text, False),
        (text[vendor.end() :] if vendor else "", True),
    ):
        for length in _LENGTHS if len(value) >= LONG else ():
            stub = value[:length] if is_beginning else value[-length:]
            if _is_telling(stub):
                yield Cut(encode(stub), encode(value), is_beginning)
                break


def _is_telling(stub: str) -> bool:
    """Returns whether the end of an irregular value is hardly anything else."""
    if any(len(found[0]) >= 4 for found in _TELLING.finditer(stub)):
        return True
    if any(not _NAMED.fullmatch(run) for run in _RUN.findall(stub)):
        return True
    has_letter, has_digit = (re.search(kind, stub) for kind in ("[A-Za-z]", "[0-9]"))
    return bool(has_letter and has_digit and len(_SYMBOL.findall(stub)) > 1)
