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
# The last bytes that any escape may have; `ENDS_OF` has more for some characters.
_ENDS = b"0123456789ABCDEFabcdef;}"
ENDS_OF = {
    **{plain.encode()[-1:]: bytes([letter]) for letter, plain in CONTROLS.items()},
    b" ": b"+_" + bytes(blank[-1] for blank in BLANKS),
    b"\n": b"n ",
}
# Last bytes that end like an escape without being one.
_LIKE_ESCAPES = (b"", b";", b"'", b'"', b"}")
# The longest sign of an escape, in bytes.
_SIGN = 3
# Behind the first quote of an escaped one, as in `'"'"'`.
_LONGEST_QUOTE = 4
# So many bytes on either side of a run are compared before anything else.
_COMPARED = 12
# What an escape begins with; and what one of a quote or a blank does.
LEADS = frozenset(rb"\%&+")
QUOTE_BYTES, BLANK_BYTES = frozenset(b"\"'"), frozenset(b" \n\r\t\xc2\xe2")
# What an escape ends with that may be in a value as well.
LASTS = frozenset(b"\\;}")
ENDS_SET = frozenset(_ENDS)
# What the last quote of an escape may follow, but for a line that goes on below.
BEFORE_QUOTES = ENDS_SET | LASTS | QUOTE_BYTES
CONTINUED = frozenset(b" \t\n")
# How the escapes of a backslash end, which may be before a character as it is: `%5C.`.
BACKSLASHES = (b"\\", b"5c", b"5C", b"92;", b"5c;", b"5C;", b"bsol;", b"134", b"SOLIDUS}", b"bs{}")
# The end of a line that goes on below, which may be escaped itself, and the blanks that follow.
_CONTINUED = regex(rb"(?:\\\n|[\\%&]\S{1,8})[ \t]*\Z")
WORD = frozenset(string.ascii_letters.encode() + string.digits.encode())


def _rarity(run: bytes) -> tuple[bool, int]:
    is_common = (run.isdigit() and len(run) <= _SHORT_NUMBER) or run in _COMMON
    return len(run) >= _LEAST and not is_common, len(run)


def _runs_of(literal: bytes) -> tuple[Span, ...]:
    return tuple(found.span() for found in _RUN.finditer(literal))


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
    left: bytes
    right: bytes
    # Where the runs are, if the value had escapes.
    _runs: tuple[Span, ...] = ()

    @classmethod
    def of(cls, text: str, *, is_free: bool) -> Anchor:
        """Returns the anchor of a value."""
        view = Unescaped.of(encode(text))
        value = view.data.rstrip(_OPEN)
        # The anchor avoids escapes in the value itself.
        runs = _runs_of(view.literally()[: len(value)])
        is_plain = value == encode(text)
        if not runs:
            return cls(b"", is_free, value, False, (), (), b"", b"")
        longest = max(range(len(runs)), key=lambda at: _rarity(value[slice(*runs[at])]))
        return cls._at(longest, runs, value, is_free=is_free, is_plain=is_plain)

    @classmethod
    def _at(
        cls, at: int, runs: tuple[Span, ...], value: bytes, *, is_free: bool, is_plain: bool
    ) -> Anchor:
        """Returns the anchor at one of the runs of a value."""
        start, end = runs[at]
        ends = [(0, 0), *runs, (len(value), len(value))]
        steps = [
            (value[left[1] : right[0]], value[slice(*left)], value[slice(*right)])
            for left, right in itertools.pairwise(ends)
        ]
        before = tuple((others, run) for others, run, _ in reversed(steps[: at + 1]))
        after = tuple((others, run) for others, _, run in steps[at + 1 :])
        left, right = value[:start][-_COMPARED:], value[end:][:_COMPARED]
        kept = () if is_plain else runs
        return cls(value[start:end], is_free, value, is_plain, before, after, left, right, kept)

    @property
    def whole(self) -> tuple[bytes, bool, bool, tuple[Span, ...]]:
        """What the anchors at all runs of a value have in common."""
        return self.value, self.is_free, self.is_plain, self._runs

    @property
    def size_before(self) -> int:
        """How many bytes the value has before the run."""
        return sum(len(others) + len(run) for others, run in self._before)

    @property
    def size_behind(self) -> int:
        """How many bytes the value has behind the run."""
        return sum(len(others) + len(run) for others, run in self._after)

    @property
    def runs(self) -> tuple[Span, ...]:
        """Where the value has runs; every escaped form has all of them as they are."""
        return self._runs or _runs_of(self.value)

    def at(self, run: Span) -> Anchor:
        """Returns the anchor of the same value at another of its runs."""
        return self._at(
            self.runs.index(run),
            self.runs,
            self.value,
            is_free=self.is_free,
            is_plain=self.is_plain,
        )

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
        # A last quote may be the first byte of its escape.
        more = _LONGEST_QUOTE if self.value[-1] in QUOTE_BYTES else 0
        yield from self._unescaped(data, left, right + more)

    def _goes_on_right(self, data: bytes, end: int) -> bool:
        """Returns whether the bytes behind the run may be an escaped form: those up to its first
        escape are as in the value.
        """
        right = self.right
        text = data[end : end + len(right)]
        if text == right:
            return True
        before = 0
        for byte, expected in zip(text, right, strict=False):
            if byte in LEADS:
                return True
            if byte != expected:
                # A quote that is escaped may begin with one, and a blank with another.
                if byte in QUOTE_BYTES:
                    return before in QUOTE_BYTES
                return byte in BLANK_BYTES and (expected in BLANK_BYTES or before in BLANK_BYTES)
            before = byte
        return False

    def _goes_on_left(self, data: bytes, start: int) -> bool:
        """Returns the same for the bytes before the run, from its last escape on."""
        left = self.left
        text = data[max(0, start - len(left)) : start]
        if text == left:
            return True
        after = 0
        end = start
        for byte, expected in zip(reversed(text), reversed(left), strict=False):
            if byte in LASTS:
                return True
            if byte in QUOTE_BYTES:
                # No escape of another character ends with one.
                if byte != expected:
                    return False
                before = data[end - 2] if end > 1 else 0
                if before in BEFORE_QUOTES or (
                    before in CONTINUED and _CONTINUED.search(data, max(0, end - _LONGEST), end - 1)
                ):
                    return True
            elif byte != expected:
                if byte in BLANK_BYTES and (expected in BLANK_BYTES or after in BLANK_BYTES):
                    return True
                if byte in CONTINUED and _CONTINUED.search(data, max(0, end - _LONGEST), end):
                    return True
                # What was escaped in the value itself may be a letter.
                if self.is_plain and expected in WORD:
                    return after not in WORD and data.endswith(BACKSLASHES, 0, end)
                return byte in ENDS_SET or byte in ENDS_OF.get(bytes((expected,)), b"")
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
            end -= len(others)
            signs = SIGN_BYTES + b" \"'" if others[0] in QUOTE_BYTES else SIGN_BYTES + b" "
            return data[end - 1] in signs or data.endswith(BACKSLASHES, start, end)
        # A continued line may end after any escape.
        if data.endswith(b"\\\n", start, start + len(data[start:end].rstrip(b" \t"))):
            return True
        ends = last + _ENDS + ENDS_OF.get(last, b"")
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
