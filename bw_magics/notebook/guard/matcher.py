"""`Matcher`: all secrets that are known, and where they stand in a text."""

from __future__ import annotations

import os
import threading
import time
from bisect import bisect_right, insort
from collections.abc import Iterator

from bw_magics.notebook.guard.automaton import Automaton, is_available
from bw_magics.notebook.guard.boundary import stands_alone
from bw_magics.notebook.guard.forms import needles_of
from bw_magics.notebook.guard.index import SHORT, Index, number, pieces
from bw_magics.notebook.guard.markup import ANSI, INLINE_TAGS, View
from bw_magics.notebook.guard.needle import Span, decode, encode

MASK = "[REDACTED]"

# From this size on, HTML is not searched without its tags.
HUGE = 1 << 20
# To compile a needle costs about as much as to search so many bytes with the index.
_BYTES = 100
# And to search nothing at all, as much as so many bytes.
_CALL = 200
# Fewer bytes at the end of a text are not taken for the beginning of a secret.
_LEAST_PREFIX = SHORT
_MASK = MASK.encode()


class Matcher:
    """Knows secrets and finds them.

    Learning only notes the value; its forms are made at the next search, and are then searched for
    with an `Index`. They are compiled when so much was searched that compiling would have paid;
    that doubles the cost of a search at most, whatever is learnt and searched in turn. There are
    two `Automaton`s: all that was known at one time, and what came since, until that is as many.
    """

    def __init__(self) -> None:
        self._known: set[str] = set()
        self._new: list[str] = []
        self._passing: dict[str, float] = {}
        self._is_free: dict[bytes, bool] = {}
        self._index = Index()
        self._pending: list[bytes] = []
        self._automata: tuple[Automaton, ...] = ()
        self._searched = 0
        self._prefixes: dict[int, list[bytes]] = {}
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
        """Whether it is searched for already, or will be at the next search."""
        return value in self._known

    def learn(self, value: str) -> None:
        """Searches for a value from now on."""
        if value not in self._known:
            # In this order: another thread that finds it known may search at once.
            self._new.append(value)
            self._known.add(value)

    def learn_for(self, value: str, seconds: float) -> None:
        """Searches for a value for a while, as a whole word."""
        self._passing[value] = time.monotonic() + seconds

    def hits(self, data: bytes) -> bool:
        """Whether anything may be found in there: quick, and never a false no."""
        return any(True for _ in self._places(data))

    def spans(self, data: bytes, *, is_html: bool = False) -> list[Span]:
        """Where secrets stand, in order, none overlapping another.

        Colour codes and, in HTML, inline tags inside a value do not hide it.
        """
        found = self._find(data)
        for view in self._views(data, is_html):
            found += [part for span in self._find(view.data) for part in view.original(span)]
        found.sort()
        merged: list[Span] = []
        for start, end in found:
            if merged and start < merged[-1][1]:
                merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
            else:
                merged.append((start, end))
        return merged

    def mask(self, text: str, *, is_html: bool = False) -> str:
        """The text with every secret masked; the very same object where there is none."""
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
        """How many bytes at the end may be the beginning of a secret that goes on."""
        self._update()
        tail = data[-(self._longest - 1) :] if self._longest > 1 else b""
        for start, piece in sorted(pieces(tail, _LEAST_PREFIX, self._prefixes)):
            rest, needles = tail[start:], self._prefixes[piece]
            # Those that go on after `rest` are the next in order.
            after = bisect_right(needles, rest)
            if after < len(needles) and needles[after].startswith(rest):
                return len(rest)
        return 0

    # Inside.

    def _find(self, data: bytes) -> list[Span]:
        return [
            (start, end)
            for start, end in self._places(data)
            if self._is_free.get(data[start:end]) or stands_alone(data, start, end)
        ]

    def _places(self, data: bytes) -> Iterator[Span]:
        self._update(len(data))
        # In this order: another thread sets the automata first.
        is_pending, automata = bool(self._pending), self._automata
        if is_pending:
            yield from self._index.spans(data)
        else:
            for automaton in automata:
                yield from automaton.spans(data)
        for code in self._current():
            yield from _every(encode(code), data)

    def _views(self, data: bytes, is_html: bool) -> Iterator[View]:
        if b"\x1b" in data:
            yield View(data, ANSI)
        if is_html and len(data) <= HUGE and b"<" in data:
            view = View(data, INLINE_TAGS)
            if view.is_shorter:
                yield view

    def _current(self) -> list[str]:
        """The values that pass and have not passed yet."""
        if not self._passing:
            return []
        now = time.monotonic()
        for value, end in list(self._passing.items()):
            if end < now:
                self._passing.pop(value, None)
        return list(self._passing)

    def _update(self, size: int | None = None) -> None:
        """Takes in what is new, for a text of that size if one is searched now."""
        if not (self._new or self._pending):
            return
        if self._process != os.getpid():
            # A fork may have left the lock held by a thread that is not here.
            self._process, self._lock = os.getpid(), threading.Lock()
        with self._lock:
            self._take_new()
            if size is not None and self._pending and is_available():
                self._searched += size + _CALL
                self._compile()

    def _take_new(self) -> None:
        count = len(self._new)
        for value in self._new[:count]:
            for needle, is_free in needles_of(value).items():
                is_known = needle in self._is_free
                self._is_free[needle] = is_free or self._is_free.get(needle, False)
                if not is_known:
                    self._index.add(needle)
                    prefix = number(needle[:_LEAST_PREFIX])
                    insort(self._prefixes.setdefault(prefix, []), needle)
                    self._longest = max(self._longest, len(needle))
                    self._pending.append(needle)
        del self._new[:count]

    def _compile(self) -> None:
        """Compiles what is pending, if it pays by now."""
        old, young = (*(automaton.needles for automaton in self._automata), (), ())[:2]
        if self._searched < _BYTES * (len(young) + len(self._pending)):
            return
        young = (*young, *self._pending)
        if len(young) < len(old):
            self._automata = (self._automata[0], Automaton(young))
        else:
            self._automata = (Automaton((*old, *young)),)
        self._searched, self._pending = 0, []


def _every(needle: bytes, data: bytes) -> Iterator[Span]:
    start = data.find(needle)
    while start >= 0:
        yield start, start + len(needle)
        start = data.find(needle, start + 1)
