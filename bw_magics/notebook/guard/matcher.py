"""`Matcher`: all secrets that are known, and where they stand in a text."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator

from bw_magics.notebook.guard.automaton import Automaton, Match, find_plainly
from bw_magics.notebook.guard.boundary import stands_alone
from bw_magics.notebook.guard.forms import needles_of
from bw_magics.notebook.guard.markup import ANSI, INLINE_TAGS, View
from bw_magics.notebook.guard.needle import Needle, decode, encode

MASK = "[REDACTED]"

Span = tuple[int, int]

# So many needles are searched for one by one before they become an automaton.
_FEW = 96
# From this size on an automaton pays at once; of a text of this size, one is better than several.
_LARGE = 1 << 16
HUGE = 1 << 20
# Fewer bytes at the end of a text are not taken for the beginning of a secret.
_LEAST_PREFIX = 4
_MASK = MASK.encode()


class Matcher:
    """Knows secrets and finds them.

    Learning only notes the value; its forms are made at the next search. New needles are searched
    for one by one until there are some, then become an automaton; automata of similar size are
    merged, so that n values cost about n·log n, in whatever order they are learnt and searched.
    """

    def __init__(self) -> None:
        self._known: set[str] = set()
        self._new: list[str] = []
        self._passing: dict[str, float] = {}
        self._data: dict[bytes, bool] = {}
        self._recent: tuple[Needle, ...] = ()
        self._automata: tuple[Automaton, ...] = ()
        self._searches = 0
        self._prefixes: dict[bytes, list[bytes]] = {}
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
        self._refresh(0)
        return self._longest

    def has_learnt(self, value: str) -> bool:
        """Whether it is searched for already, or will be at the next search."""
        return value in self._known

    def learn(self, value: str) -> None:
        """Searches for a value from now on."""
        if value not in self._known:
            self._known.add(value)
            self._new.append(value)

    def learn_for(self, value: str, seconds: float) -> None:
        """Searches for a value for a while, as a whole word."""
        self._passing[value] = time.monotonic() + seconds

    def hits(self, data: bytes) -> bool:
        """Whether anything may be found in there: quick, and never a false no."""
        recent, automata = self._refresh(len(data))
        return (
            any(needle.data in data for needle in recent)
            or any(automaton.hits(data) for automaton in automata)
            or any(encode(value) in data for value in self._current())
        )

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
        self._refresh(0)
        if not self._prefixes:
            return 0
        tail = data[-(self._longest - 1) :] if self._longest > 1 else b""
        for start in range(len(tail) - _LEAST_PREFIX + 1):
            needles = self._prefixes.get(tail[start : start + _LEAST_PREFIX])
            if needles:
                rest = tail[start:]
                if any(len(data) > len(rest) and data.startswith(rest) for data in needles):
                    return len(rest)
        return 0

    # Inside.

    def _find(self, data: bytes) -> list[Span]:
        return [
            (start, end)
            for start, end, needle in self._matches(data)
            if needle.is_free or stands_alone(data, start, end)
        ]

    def _matches(self, data: bytes) -> Iterator[Match]:
        recent, automata = self._refresh(len(data))
        yield from find_plainly(recent, data)
        for automaton in automata:
            yield from automaton.matches(data)
        yield from find_plainly([Needle(encode(code), False) for code in self._current()], data)

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

    def _refresh(self, size: int) -> tuple[tuple[Needle, ...], tuple[Automaton, ...]]:
        """What to search with, brought up to date for a text of that size."""
        self._searches += 1
        is_worth_it = size >= _LARGE or self._searches > _FEW
        if self._new or (self._recent and is_worth_it) or (size >= HUGE and self._is_split):
            if self._process != os.getpid():
                # A fork may have left the lock held by a thread that is not here.
                self._process, self._lock = os.getpid(), threading.Lock()
            with self._lock:
                self._take_new()
                if len(self._recent) >= _FEW or (self._recent and is_worth_it):
                    self._automata = _merged((*self._automata, Automaton(self._recent)))
                    self._recent = ()
                if size >= HUGE and self._is_split:
                    self._automata = (_joined(self._automata),)
        return self._recent, self._automata

    @property
    def _is_split(self) -> bool:
        return len(self._automata) > 1

    def _take_new(self) -> None:
        if not self._new:
            return
        self._searches = 0
        count = len(self._new)
        needles = []
        for value in self._new[:count]:
            for needle in needles_of(value):
                is_free = self._data.get(needle.data)
                if is_free is None or (needle.is_free and not is_free):
                    self._data[needle.data] = needle.is_free
                    needles.append(needle)
                    prefix = needle.data[:_LEAST_PREFIX]
                    self._prefixes.setdefault(prefix, []).append(needle.data)
                    self._longest = max(self._longest, len(needle.data))
        self._recent = (*self._recent, *needles)
        del self._new[:count]


def _merged(automata: tuple[Automaton, ...]) -> tuple[Automaton, ...]:
    """The same needles in automata of which each is more than twice as large as the next."""
    while len(automata) > 1 and len(automata[-2].needles) <= 2 * len(automata[-1].needles):
        automata = (*automata[:-2], _joined(automata[-2:]))
    return automata


def _joined(automata: tuple[Automaton, ...]) -> Automaton:
    return Automaton([needle for automaton in automata for needle in automaton.needles])
