"""`Anchor`: the part of a value that no escape changes, and the escaped forms around it."""

from __future__ import annotations

import itertools
import string
from collections.abc import Iterator
from dataclasses import dataclass

from bw_magics.lean_regex import regex
from bw_magics.matching.encodings.escapes import (
    BLANKS,
    CONTROLS,
    SIGN_BYTES,
    SIGNS,
    Unescaped,
    unescaped,
)
from bw_magics.matching.search.needle import Span, encode

# The shortest run of letters and digits that is worth a search.
_LEAST = 3
# Numbers of so many digits, and these words, are in ordinary texts everywhere.
_SHORT_NUMBER = 4
_COMMON = (b"http", b"https", b"www")
_RUN = regex(rb"[A-Za-z0-9]+")
# At the end of a value these may belong to it, or escape the next character.
_OPEN = rb"\%&"
# No escape of one character is longer; escapes of escapes are not much longer than that.
_LONGEST = 24
# The last bytes that any escape may have; `_ENDS_OF` has more for some characters.
_ENDS = b"0123456789ABCDEFabcdef;}"
_ENDS_OF = {
    **{plain.encode()[-1:]: bytes([letter]) for letter, plain in CONTROLS.items()},
    b" ": b"+_" + bytes(blank[-1] for blank in BLANKS),
    b"\n": b"n ",
}
# Last bytes that end like an escape without being one.
_LIKE_ESCAPES = (b"", b";", b"'", b'"', b"}")
# The longest sign of an escape, in bytes.
_SIGN = 3
# So many bytes on either side of a run are compared before anything else.
_COMPARED = 12
# What an escape begins with; and what one of a quote or a blank does.
_LEADS = frozenset(rb"\%&+")
_QUOTES, _BLANKS = frozenset(b"\"'"), frozenset(b" \n\r\t\xc2\xe2")
# What an escape ends with that may be in a value as well.
_LASTS = frozenset(b";}'\"")
_ENDS_SET = frozenset(_ENDS)
_BACKSLASH = ord("\\")
# The end of a line that goes on below, which may be escaped itself, and the blanks that follow.
_CONTINUED = regex(rb"(?:\\\n|[\\%&]\S{1,8})[ \t]*\Z")
_WORD = frozenset(string.ascii_letters.encode() + string.digits.encode())


def _rarity(run: bytes) -> tuple[bool, int]:
    is_common = (run.isdigit() and len(run) <= _SHORT_NUMBER) or run in _COMMON
    return len(run) >= _LEAST and not is_common, len(run)


@dataclass(frozen=True, slots=True)
class Anchor:
    """The longest run of letters and digits in a value that has other characters, too, but for
    those that are everywhere.

    Every escaped form of the value has that run as it is, so a search for the run, and
    undoing the escapes around, finds every escaped form, also of several layers.
    `is_free` says that the value counts anywhere, not only as a whole word; `value` is what is left
    of it when every escape is undone. Where `is_bare`, the run is too short to be searched for, or
    empty.
    """

    run: bytes
    is_free: bool
    value: bytes
    # Whether the value itself has no escapes: then a needle finds its unescaped form.
    is_plain: bool
    # The neighbours of the run, outwards: other characters, and the run after them.
    _before: tuple[tuple[bytes, bytes], ...]
    _after: tuple[tuple[bytes, bytes], ...]
    # The bytes on either side.
    _left: bytes
    _right: bytes

    @classmethod
    def of(cls, text: str, *, is_free: bool) -> Anchor:
        """Returns the anchor of a value."""
        view = Unescaped.of(encode(text))
        value = view.data.rstrip(_OPEN)
        # The anchor avoids escapes in the value itself.
        runs = [found.span() for found in _RUN.finditer(view.literally()[: len(value)])]
        if not runs:
            return cls(b"", is_free, value, False, (), (), b"", b"")
        longest = max(runs, key=lambda run: _rarity(value[slice(*run)]))
        at = runs.index(longest)
        ends = [(0, 0), *runs, (len(value), len(value))]
        steps = [
            (value[left[1] : right[0]], value[slice(*left)], value[slice(*right)])
            for left, right in itertools.pairwise(ends)
        ]
        before = tuple((others, run) for others, run, _ in reversed(steps[: at + 1]))
        after = tuple((others, run) for others, _, run in steps[at + 1 :])
        is_plain = value == encode(text)
        left = value[: longest[0]][-_COMPARED:]
        right = value[longest[1] :][:_COMPARED]
        return cls(value[slice(*longest)], is_free, value, is_plain, before, after, left, right)

    @property
    def is_bare(self) -> bool:
        """Whether all of a text has to be unescaped to find the value."""
        return len(self.run) < _LEAST

    @property
    def longest(self) -> int:
        """Returns how many bytes an escaped form has at most; what is around it may be escaped."""
        return (len(self.value) + 2) * _LONGEST

    def spans(self, data: bytes, start: int, end: int) -> Iterator[Span]:
        """Yields the spans of escaped forms of the value around its run at `data[start:end]`."""
        if not self._goes_on_right(data, end) or not self._goes_on_left(data, start):
            return
        left, is_exact_before = self._reach_left(data, start)
        if left < 0:
            return
        right, is_exact_after = self._reach_right(data, end)
        if right < 0 or (self.is_plain and is_exact_before and is_exact_after):
            return
        yield from self._unescaped(data, left, right)

    def _goes_on_right(self, data: bytes, end: int) -> bool:
        """Returns whether the bytes behind the run may be an escaped form: those up to its first
        escape are as in the value.
        """
        right = self._right
        text = data[end : end + len(right)]
        if text == right:
            return True
        before = 0
        for byte, expected in zip(text, right, strict=False):
            if byte in _LEADS:
                return True
            if byte != expected:
                # Escapes of quotes and blanks may begin with one.
                kind = _QUOTES if byte in _QUOTES else _BLANKS
                return byte in kind and (expected in kind or before in kind)
            before = byte
        return False

    def _goes_on_left(self, data: bytes, start: int) -> bool:
        """Returns the same for the bytes before the run, from its last escape on."""
        left = self._left
        text = data[max(0, start - len(left)) : start]
        if text == left:
            return True
        after = 0
        end = start
        for byte, expected in zip(reversed(text), reversed(left), strict=False):
            if byte in _LASTS or byte == _BACKSLASH:
                return True
            if byte != expected:
                if byte in _BLANKS and (expected in _BLANKS or after in _BLANKS):
                    return True
                if byte in b" \t\n" and _CONTINUED.search(data, max(0, end - _LONGEST), end):
                    return True
                # What was escaped in the value itself may be a letter.
                if self.is_plain and expected in _WORD:
                    return False
                return byte in _ENDS_SET or byte in _ENDS_OF.get(bytes((expected,)), b"")
            after = byte
            end -= 1
        return False

    def _reach_right(self, data: bytes, place: int) -> tuple[int, bool]:
        """Returns where an escaped form may end at most, -1 if none can; whether it is unescaped.

        Up to the first escape everything has to be as in the value; after it, the runs have to
        follow in their order. An escape can hold what looks like a run, so that how far the
        form goes is counted by the longest escapes.
        """
        reach, is_exact = place, True
        for others, run in self._after:
            if is_exact and data.startswith(others + run, place):
                place += len(others) + len(run)
                reach = place
                continue
            if is_exact and SIGNS.search(data, place, place + len(others) + _SIGN) is None:
                return -1, False
            is_exact = False
            reach += (len(others) + 1) * _LONGEST + len(run)
            place = data.find(run, place, reach) if run else place
            if place < 0:
                return -1, False
            place += len(run)
        return reach, is_exact

    def _reach_left(self, data: bytes, place: int) -> tuple[int, bool]:
        reach, is_exact = place, True
        for others, run in self._before:
            expected = run + others
            if is_exact and data.endswith(expected, 0, place):
                place -= len(expected)
                reach = place
                continue
            limit = max(0, place - (len(others) + 1) * _LONGEST)
            reach = max(0, reach - (len(others) + 1) * _LONGEST - len(run))
            found = data.rfind(run, reach, place) if run else place
            if found < 0 or (is_exact and not self._may_be_escaped(data, limit, place, others)):
                return -1, False
            is_exact, place = False, found
        return reach, is_exact

    def _may_be_escaped(self, data: bytes, start: int, end: int, others: bytes) -> bool:
        """Returns whether `data[start:end]` may end with `others`, of which at least one is
        escaped.
        """
        last = others[-1:]
        is_as_it_is = last not in _LIKE_ESCAPES and data.endswith(others, start, end)
        if self.is_plain and is_as_it_is:
            return data[end - len(others) - 1] in SIGN_BYTES + b" "
        # A continued line may end after any escape.
        if data.endswith(b"\\\n", start, start + len(data[start:end].rstrip(b" \t"))):
            return True
        ends = last + _ENDS + _ENDS_OF.get(last, b"")
        return data[end - 1 : end] in ends and SIGNS.search(data, start, end) is not None

    def _unescaped(self, data: bytes, left: int, right: int) -> Iterator[Span]:
        # Two backslashes are one character and stay together.
        begin = max(0, left - _LONGEST)
        left = begin + len(data[begin:left].rstrip(b"\\"))
        # Quicker than with the place of each byte.
        if self.value not in unescaped(data[left:right]):
            return
        view = Unescaped.of(data[left:right])
        place = view.data.find(self.value)
        while place >= 0:
            begin, stop = view.original(place, place + len(self.value))
            yield left + begin, left + stop
            place = view.data.find(self.value, place + 1)
