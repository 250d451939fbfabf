"""`Cut`: the beginning or the end of an irregular value, where a library shows only that."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bw_magics.lean_dataclasses import dataclass
from bw_magics.matching.search.needle import Span, encode
from bw_magics.secrecy.irregular import is_irregular

# The length of a stub of an irregular value; other values need a longer one.
_LENGTHS = (8, 10, 12, 14, 16)
# A word of letters and digits in turn, such as `aB3d`.
_TELLING = re.compile(r"[A-Za-z]*(?:[A-Za-z][0-9]+[A-Za-z]|[0-9][A-Za-z]+[0-9])[A-Za-z0-9]*")
_WORD = rb"A-Za-z0-9_+/=\x80-\xff-"
_ELLIPSIS = rb"\.\.\.?|\xe2\x80\xa6|\\u2026|&hellip;|<\.\.\.>|[xX]{4}"
# Quotes, dots and other signs that are not ASCII, such as « “ ⋯ 。
_SIGN = rb"\xc2[\x80-\xbf]|\xe2[\x80-\xaf][\x80-\xbf]|\xe3\x80[\x80-\xbf]"
_AFTER = re.compile(rb"%b|%b|[^%b.]|\.(?=[^%b]|\Z)" % (_ELLIPSIS, _SIGN, _WORD, _WORD))
# A value may follow its name: `token=…`.
_BEFORE = re.compile(rb"(?:%b|%b|[^%b.]|=)\Z" % (_ELLIPSIS, _SIGN, _WORD))
_LONGEST_ELLIPSIS = 8


@dataclass(frozen=True, slots=True)
class Cut:
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
        if self.is_beginning:
            if data.startswith(self.value, start):
                return None
            while data[end : end + 1] == self._at(end - start):
                end += 1
        else:
            if data.endswith(self.value, 0, end):
                return None
            while data[start - 1 : start] == self._at(start - 1 - end):
                start -= 1
        begins = _BEFORE.search(data, max(0, start - _LONGEST_ELLIPSIS), start) or start == 0
        ends = _AFTER.match(data, end) or (is_whole and end == len(data))
        return (start, end) if begins and ends else None

    def _at(self, index: int) -> bytes:
        index %= len(self.value)
        return self.value[index : index + 1]


def cuts_of(text: str) -> Iterator[Cut]:
    """Yields the two cuts of an irregular word; none of any other value."""
    if not is_irregular(text) or re.search(r"\s", text):
        return
    value = encode(text)
    for is_beginning in (True, False):
        for length in _LENGTHS:
            stub = text[:length] if is_beginning else text[-length:]
            if any(len(found[0]) >= 4 for found in _TELLING.finditer(stub)):
                yield Cut(encode(stub), value, is_beginning)
                break
