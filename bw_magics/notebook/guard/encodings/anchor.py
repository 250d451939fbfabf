"""`Anchor`: what no escape changes of a value, and the escaped forms of the value around it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bw_magics.notebook.guard.encodings.escapes import CONTROLS, SIGNS, Unescaped
from bw_magics.notebook.guard.search.needle import Span, encode

# So many letters and digits in a row are worth to be searched for.
_LEAST = 3
# And so many, to be looked for around them.
_RUN = re.compile(rb"[A-Za-z0-9]{2,}")
# What the escape of any character may begin with, if not with that, and more so of these.
_BEGINS = rb"\%&"
_BEGINS_OF = {b" ": b"+", b"\n": b"\r"}
# And what it may end with.
_ENDS = b"0123456789ABCDEFabcdef;"
_ENDS_OF = {b" ": b"+"} | {plain.encode(): bytes([letter]) for letter, plain in CONTROLS.items()}
# At the end of a value nobody knows whether these escape what follows.
_OPEN = rb"\%&"
# Around a value of n bytes its escaped form is looked for in so many times n, and some more: mostly
# it is found in the first.
_REACHES = (4, 24)
_MORE = 24


@dataclass(frozen=True, slots=True)
class Anchor:
    """The longest run of letters and digits in a value that has other characters, too.

    Every escaped form of the value has that run as it is, so that whatever is escaped in whichever
    way, once or several times, is found by searching for the run and undoing the escapes around.
    `is_free` says that the value counts anywhere, not only as a whole word; `value` is what is left
    of it when every escape is undone. Where `is_bare`, the run is too short to be searched for, or
    empty.
    """

    run: bytes
    is_free: bool
    value: bytes
    _offset: int
    _previous: bytes
    _next: bytes
    _others: tuple[bytes, ...]

    @classmethod
    def of(cls, text: str, *, is_free: bool) -> Anchor:
        """The anchor of a value."""
        view = Unescaped.of(encode(text))
        value = view.data.rstrip(_OPEN)
        # What the value itself holds escaped, it is not searched for by.
        runs = list(_RUN.finditer(view.literally()[: len(value)]))
        longest = max(runs, key=lambda run: len(run[0]), default=None)
        if longest is None:
            return cls(b"", is_free, value, 0, b"", b"", ())
        before = value[max(0, longest.start() - 1) : longest.start()]
        after = value[longest.end() : longest.end() + 1]
        previous = before + _ENDS + _ENDS_OF.get(before, b"") if before else b""
        following = after + _BEGINS + _BEGINS_OF.get(after, b"") if after else b""
        others = tuple({run[0] for run in runs} - {longest[0]})
        return cls(longest[0], is_free, value, longest.start(), previous, following, others)

    @property
    def is_bare(self) -> bool:
        """Whether all of a text has to be unescaped to find the value."""
        return len(self.run) < _LEAST

    def spans(self, data: bytes, start: int, end: int) -> Iterator[Span]:
        """Where escaped forms of the value stand around its run at `data[start:end]`."""
        if self._next and data[end : end + 1] not in self._next:
            return
        if self._previous and data[max(0, start - 1) : start] not in self._previous:
            return
        left, right = self._around(start, end, _REACHES[-1])
        if any(data.find(run, left, right) < 0 for run in self._others):
            return
        if SIGNS.search(data, left, right) is None:
            return
        for reach in _REACHES:
            if spans := list(self._unescaped(data, *self._around(start, end, reach))):
                yield from spans
                return

    def _around(self, start: int, end: int, reach: int) -> Span:
        before = self._offset
        after = len(self.value) - before - len(self.run)
        left = max(0, start - before * reach - _MORE) if before else start
        return left, end + after * reach + _MORE

    def _unescaped(self, data: bytes, left: int, right: int) -> Iterator[Span]:
        # Two backslashes are one character: they are not parted.
        left = len(data[max(0, left - _MORE) : left].rstrip(b"\\")) + max(0, left - _MORE)
        view = Unescaped.of(data[left:right])
        place = view.data.find(self.value)
        while place >= 0:
            begin, stop = view.original(place, place + len(self.value))
            yield left + begin, left + stop
            place = view.data.find(self.value, place + 1)
