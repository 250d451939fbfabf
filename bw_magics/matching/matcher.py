"""`Matcher`: knows all secrets and finds them in a text."""

from __future__ import annotations

import os
import threading
import time
from bisect import bisect_right, insort
from collections.abc import Iterator, Sequence

from bw_magics.matching.encodings.anchor import Anchor
from bw_magics.matching.encodings.cut import Cut, cuts_of
from bw_magics.matching.encodings.escapes import (
    Unescaped,
    after_blanks,
    after_folds,
    may_be_escaped,
    unescaped,
)
from bw_magics.matching.encodings.forms import anchors_of, needles_of
from bw_magics.matching.encodings.markup import ANSI, INLINE_TAGS, View
from bw_magics.matching.search.automaton import has_any
from bw_magics.matching.search.boundary import stands_alone
from bw_magics.matching.search.index import SHORT, number, pieces
from bw_magics.matching.search.needle import Span, decode, encode
from bw_magics.matching.search.patterns import Patterns

MASK = "[REDACTED]"

# From this size on, HTML is not searched without its tags.
HUGE = 1 << 20
# Fewer bytes at the end of a text do not count as the beginning of a secret.
_LEAST_PREFIX = SHORT
# Needles with the same beginning, so many or more, get a list of their own.
_MANY_ALIKE = 16
_MASK = MASK.encode()
# The needles of so many values are made in about 10 ms.
_MOST_NEW = 128
# Larger texts are not unescaped as a whole.
_LARGE = 1 << 16


class Matcher:
    """The known secrets, and the search for them.

    Learning only notes the value; its needles are made at the next search, or when many wait: so
    no output waits long for them.
    """

    def __init__(self) -> None:
        self._known: set[str] = set()
        self._new: list[str] = []
        self._passing: dict[str, float] = {}
        self._is_free: dict[bytes, bool] = {}
        self._needles = Patterns()
        # Cuts by their stubs, which are searched for beside the needles.
        self._cuts: dict[bytes, tuple[Cut, ...]] = {}
        self._anchors: dict[bytes, tuple[Anchor, ...]] = {}
        self._runs = Patterns()
        # Words behind the blanks of values: a text may be folded there.
        self._words: set[bytes] = set()
        # The unescaped values whose anchor is bare.
        self._bare: dict[bytes, bool] = {}
        self._bare_values = Patterns()
        # A text with one of those values contains one of these bytes.
        self._bare_runs: set[bytes] = set()
        self._prefixes: dict[int, Sequence[bytes]] = {}
        self._longest = 0
        self._lock = threading.Lock()
        self._process = os.getpid()

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to find."""
        return not self._known and not self._passing

    @property
    def longest(self) -> int:
        """The length of the longest needle in bytes."""
        self._update()
        return self._longest

    def has_learnt(self, value: str) -> bool:
        """Returns whether the value is known, or will be at the next search."""
        return value in self._known

    def learn(self, value: str) -> None:
        """Searches for a value from now on."""
        if value not in self._known:
            # In this order: another thread that finds it known may search at once.
            self._new.append(value)
            self._known.add(value)
            if len(self._new) >= _MOST_NEW:
                self._update()

    def learn_for(self, value: str, seconds: float) -> None:
        """Searches for a value as a whole word, for so many seconds."""
        self._passing[value] = time.monotonic() + seconds

    def hits(self, data: bytes) -> bool:
        """Returns whether anything may be found in there, also inside of what is escaped in it:
        quick, and never a false no.
        """
        if self._new:
            self._update()
        if self._needles.hits(data):
            return True
        if self._has_escaped(data):
            # Larger texts are not unescaped as a whole, but smaller ones inside may be.
            if len(data) > _LARGE and self._has_bare_run(data):
                return True
            if any(True for _ in self._escaped(data)):
                return True
        return bool(self._passing) and any(True for _ in self._passing_places(data))

    def spans(self, data: bytes, *, is_html: bool = False, is_whole: bool = True) -> list[Span]:
        """Returns the spans of secrets, in order, none overlapping another; `is_whole` where
        nothing comes before or after the text.

        Colour codes and, in HTML, inline tags inside a value do not hide it.
        """
        found = self._find(data, is_whole)
        for view in self._views(data, is_html):
            found += [
                part for span in self._find(view.data, is_whole) for part in view.original(span)
            ]
        found.sort()
        merged: list[Span] = []
        for start, end in found:
            if merged and start < merged[-1][1]:
                merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
            else:
                merged.append((start, end))
        return merged

    def mask(self, text: str, *, is_html: bool = False) -> str:
        """Returns the text with every secret masked; the very same object where there is none."""
        data = encode(text)
        spans = self.spans(data, is_html=is_html)
        if not spans:
            return text
        parts: list[bytes] = []
        done = 0
        for start, end in spans:
            parts += (data[done:start], _MASK)
            done = end
        parts.append(data[done:])
        return decode(b"".join(parts))

    def begun(self, data: bytes) -> int:
        """Returns how many bytes at the end may be the beginning of a secret."""
        self._update()
        tail = data[-(self._longest - 1) :] if self._longest > 1 else b""
        for start, piece in sorted(pieces(tail, _LEAST_PREFIX, self._prefixes)):
            rest, needles = tail[start:], self._prefixes[piece]
            # The needles that continue `rest` are the next in order.
            after = bisect_right(needles, rest)
            if after < len(needles) and needles[after].startswith(rest):
                return len(rest)
        return 0

    # Inside.

    def _find(self, data: bytes, is_whole: bool) -> list[Span]:
        return [
            (start, end)
            for start, end, is_free in self._places(data, is_whole)
            if is_free or stands_alone(data, start, end)
        ]

    def _places(self, data: bytes, is_whole: bool) -> Iterator[tuple[int, int, bool]]:
        """Yields the spans of matches, each with whether it counts anywhere."""
        self._update()
        for start, end in self._needles.spans(data):
            # None while another thread is learning it.
            needle = data[start:end]
            if (is_free := self._is_free.get(needle)) is not None:
                yield start, end, is_free
            for cut in self._cuts.get(needle, ()):
                if span := cut.span(data, start, end, is_whole=is_whole):
                    yield *span, True
        if self._has_escaped(data):
            yield from self._escaped(data)
        if self._passing:
            yield from self._passing_places(data)

    def _has_escaped(self, data: bytes) -> bool:
        """Returns whether there may be something that no needle finds, because it is escaped."""
        if not (self._anchors or self._bare) or not may_be_escaped(data):
            return False
        # HTML has many apparent folds: they count only before a word of a value.
        return may_be_escaped(data, ignore_folds=True) or not self._words.isdisjoint(
            after_folds(data)
        )

    def _passing_places(self, data: bytes) -> Iterator[tuple[int, int, bool]]:
        now = time.monotonic()
        for value, last in list(self._passing.items()):
            if last < now:
                self._passing.pop(value, None)
                continue
            for start, end in _every(encode(value), data):
                yield start, end, False

    def _escaped(self, data: bytes) -> Iterator[tuple[int, int, bool]]:
        for start, end in self._runs.spans(data):
            for anchor in self._anchors.get(data[start:end], ()):
                for begin, stop in anchor.spans(data, start, end):
                    yield begin, stop, anchor.is_free
        if len(data) > _LARGE or not self._has_bare_run(data):
            return
        if self._bare_values.hits(unescaped(data)):
            view = Unescaped.of(data)
            for start, end in self._bare_values.spans(view.data):
                if (is_free := self._bare.get(view.data[start:end])) is not None:
                    yield *view.original(start, end), is_free

    def _has_bare_run(self, data: bytes) -> bool:
        # Another thread may be adding to them; every text has an empty one.
        runs = tuple(self._bare_runs)
        return bool(runs) and (b"" in runs or has_any(data, *sorted(runs)))

    def _views(self, data: bytes, is_html: bool) -> Iterator[View]:
        if b"\x1b" in data:
            yield View(data, ANSI)
        if is_html and len(data) <= HUGE and b"<" in data:
            view = View(data, INLINE_TAGS)
            if view.is_shorter:
                yield view

    def _update(self) -> None:
        """Makes the needles of new values."""
        if not self._new:
            return
        if self._process != os.getpid():
            # After a fork, a thread of the parent may hold the lock for ever.
            self._process, self._lock = os.getpid(), threading.Lock()
        with self._lock:
            self._take_new()

    def _take_new(self) -> None:
        # What says that it was done comes last: an interrupt may come between any two steps, and
        # what it left undone is done the next time.
        count = len(self._new)
        for value in self._new[:count]:
            for needle, is_free in needles_of(value).items():
                if needle not in self._is_free:
                    self._needles.add(needle)
                    self._take_prefix(needle)
                    self._longest = max(self._longest, len(needle))
                self._is_free[needle] = is_free or self._is_free.get(needle, False)
            for cut in cuts_of(value):
                others = self._cuts.get(cut.stub, ())
                if cut not in others:
                    self._cuts[cut.stub] = (*others, cut)
                if not others and cut.stub not in self._is_free:
                    self._needles.add(cut.stub)
            for anchor in anchors_of(value):
                if len(anchor.value) < SHORT:
                    continue
                self._words.update(after_blanks(anchor.value))
                if anchor.is_bare:
                    self._take_bare(anchor)
                    continue
                known = self._anchors.get(anchor.run, ())
                if anchor in known:
                    continue
                if not known:
                    self._runs.add(anchor.run)
                self._anchors[anchor.run] = (*known, anchor)
        del self._new[:count]

    def _take_prefix(self, needle: bytes) -> None:
        prefix = number(needle[:_LEAST_PREFIX])
        known = self._prefixes.get(prefix, ())
        if isinstance(known, list):
            insort(known, needle)
        else:
            # The garbage collector leaves tuples alone; to make many anew would take longer.
            known = sorted((*known, needle))
            self._prefixes[prefix] = tuple(known) if len(known) < _MANY_ALIKE else known

    def _take_bare(self, anchor: Anchor) -> None:
        self._bare_runs.add(anchor.run)
        if anchor.value not in self._bare:
            self._bare_values.add(anchor.value)
            self._bare[anchor.value] = anchor.is_free


def _every(needle: bytes, data: bytes) -> Iterator[Span]:
    start = data.find(needle)
    while start >= 0:
        yield start, start + len(needle)
        start = data.find(needle, start + 1)
