"""`stands_alone`: whether a short value is a word of its own, not part of another one."""

from __future__ import annotations

from bw_magics.lean_regex import regex

# A letter that belongs to an escape, not to a word: \n, \x1b, \u0020, %20, a colour.
_ESCAPE = regex(
    rb"(?:\\(?:[abfnrtv0]|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8})|%[0-9a-fA-F]{2}"
    rb"|(?:\x1b|\\x1b|\\u001b|\\033)\[[0-9;]*[a-zA-Z])\Z"
)
_LONGEST_ESCAPE = 24

_WORD = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")
_DIGITS = frozenset(b"0123456789")
_IN_NUMBERS = frozenset(b".,")


def stands_alone(data: bytes, start: int, end: int) -> bool:
    """Returns whether `data[start:end]` is a word or number of its own."""
    is_number = data[start:end].isdigit()
    return _begins(data, start, is_number) and _ends(data, end, is_number)


def _begins(data: bytes, start: int, is_number: bool) -> bool:
    if start == 0:
        return True
    before = data[start - 1]
    if before not in _WORD:
        return not (
            is_number and before in _IN_NUMBERS and start > 1 and data[start - 2] in _DIGITS
        )
    if data[start] not in _WORD:
        return True
    return _ESCAPE.search(data, max(0, start - _LONGEST_ESCAPE), start) is not None


def _ends(data: bytes, end: int, is_number: bool) -> bool:
    if end == len(data):
        return True
    after = data[end]
    if after not in _WORD:
        return not (
            is_number and after in _IN_NUMBERS and end + 1 < len(data) and data[end + 1] in _DIGITS
        )
    return data[end - 1] not in _WORD
