"""`Patterns`: finds any number of byte strings in a text."""

from __future__ import annotations

import threading
from collections.abc import Iterator

from bw_magics.matching.search.automaton import Automaton
from bw_magics.matching.search.compiled import SOME, is_available
from bw_magics.matching.search.index import Index
from bw_magics.matching.search.needle import Span
from bw_magics.matching.search.screen import LARGE, Screen
from bw_magics.matching.search.screen import is_available as has_numpy

# Compiling a pattern costs about as much as searching so many bytes with the index; a screen of it,
# as so few.
_BYTES, _SCREEN_BYTES = 100, 25
# So many take a third of a second and 20 MB to compile: where numpy is loaded, small texts are
# searched with the index.
_MANY = 1 << 14
# From this size on a screen is quicker than the index.
_LEAST = 1 << 10
# An empty search costs as much as so many bytes.
_CALL = 200


class Patterns:
    """Byte strings of two bytes at least. One thread at a time may add; any may search meanwhile.

    What is new is searched for with an `Index`. It is compiled when so much was searched that
    compiling would have paid; that doubles the cost of a search at most, in any
    order of additions and searches. There are two `Automaton`s: all that was known at one time, and
    what came since, until that is as many. `Screen`s find them in large texts where numpy is
    loaded, and many of them in all but small texts: then nothing is compiled for them. (A thread
    that compiles would not help: the library lets no other run.)
    """

    def __init__(self) -> None:
        self._index = Index()
        self._all: list[bytes] = []
        self._pending: list[bytes] = []
        self._automata: tuple[Automaton, ...] = ()
        self._screens: tuple[Screen, ...] = ()
        # From which size on the screens that are made are quicker.
        self._least = LARGE
        self._searched = 0
        # The same of texts that a screen had found more quickly.
        self._not_screened = 0
        # A thread that finds it held searches with the index; so does a forked child, for ever.
        self._compiling = threading.Lock()

    def __bool__(self) -> bool:
        return bool(self._all)

    def add(self, pattern: bytes) -> None:
        """Searches for it from now on."""
        self._index.add(pattern)
        self._pending.append(pattern)
        self._all.append(pattern)

    def hits(self, data: bytes) -> bool:
        """Returns whether the text contains a pattern."""
        size = len(data)
        # The quickest test first: most texts are small.
        if size >= _LEAST and self._is_screened(size):
            return any(True for _ in self._screened(data))
        if self._pending:
            self._searched += size + _CALL
            # Each call takes longer than to compare two numbers.
            if self._searched < _BYTES * len(self._pending) or self._is_behind():
                return self._index.hits(data)
        for automaton in self._automata:  # noqa: SIM110
            if automaton.hits(data):
                return True
        return False

    def spans(self, data: bytes) -> Iterator[Span]:
        """Yields the places of all patterns, also overlapping ones."""
        if len(data) >= _LEAST and self._is_screened(len(data)):
            yield from self._screened(data)
            return
        if self._pending:
            self._searched += len(data) + _CALL
            if self._is_behind():
                yield from self._index.spans(data)
                return
        for automaton in self._automata:
            yield from automaton.spans(data)

    def _is_screened(self, size: int) -> bool:
        """Returns whether a text of that size, which is not small, is searched with screens."""
        if size >= LARGE:
            return len(self._all) > SOME and has_numpy() and is_available()
        new = len(self._all) - sum(map(len, self._screens))
        if not new:
            return bool(self._pending) or size >= self._least
        if not self._is_left_to_screens:
            return False
        self._not_screened += size
        return self._not_screened >= _SCREEN_BYTES * new

    @property
    def _is_left_to_screens(self) -> bool:
        """Whether nothing more is compiled."""
        return len(self._all) >= _MANY and has_numpy() and is_available()

    def _screened(self, data: bytes) -> Iterator[Span]:
        for screen in self._screens_of_all():
            yield from screen.spans(data)

    def _screens_of_all(self) -> tuple[Screen, ...]:
        """Returns screens of every pattern: all that was known at one time, and what came since."""
        screens = self._screens
        count = sum(map(len, screens))
        if count < len(self._all):
            old = screens[0].needles if screens else ()
            young = tuple(self._all[len(old) :])
            if len(young) < len(old):
                screens = (screens[0], Screen(young))
            else:
                screens = (Screen((*old, *young)),)
            self._screens, self._not_screened = screens, 0
            self._least = max(screen.least for screen in screens)
        return screens

    def _is_behind(self) -> bool:
        """Returns whether something is not compiled, not even now, as so much was searched."""
        if self._searched < _BYTES * len(self._pending):
            return True
        if self._is_left_to_screens:
            self._searched = 0
        elif self._compiling.acquire(False):
            try:
                self._compile()
            finally:
                self._compiling.release()
        return bool(self._pending)

    def _compile(self) -> None:
        """Compiles what is pending, if it pays by now."""
        count = len(self._pending)
        old, young = (*(automaton.needles for automaton in self._automata), (), ())[:2]
        if self._searched < _BYTES * (len(young) + count) or not count or not is_available():
            return
        young = (*young, *self._pending[:count])
        if len(young) < len(old):
            self._automata = (self._automata[0], Automaton(young))
        else:
            self._automata = (Automaton((*old, *young)),)
        # In this order: a thread that finds nothing pending searches with the automata.
        self._searched = 0
        del self._pending[:count]
