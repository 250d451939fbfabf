"""`Patterns`: any number of byte strings, and where they stand in a text."""

from __future__ import annotations

from collections.abc import Iterator

from bw_magics.notebook.guard.automaton import Automaton, is_available
from bw_magics.notebook.guard.index import Index
from bw_magics.notebook.guard.needle import Span

# To compile a pattern costs about as much as to search so many bytes with the index.
_BYTES = 100
# And to search nothing at all, as much as so many bytes.
_CALL = 200


class Patterns:
    """What is searched for, of four bytes at least.

    What is new is searched for with an `Index`. It is compiled when so much was searched that
    compiling would have paid; that doubles the cost of a search at most, whatever is added and
    searched in turn. There are two `Automaton`s: all that was known at one time, and what came
    since, until that is as many.

    `pending` is what is not compiled yet. One thread at a time may add and `prepare`; any may
    search meanwhile.
    """

    def __init__(self) -> None:
        self._index = Index()
        self.pending: list[bytes] = []
        self._automata: tuple[Automaton, ...] = ()
        self._searched = 0

    def add(self, pattern: bytes) -> None:
        """Searches for it from now on; twice is once."""
        self._index.add(pattern)
        self.pending.append(pattern)

    def prepare(self, size: int) -> None:
        """Compiles what is pending, if it pays by now, where `size` bytes are searched next."""
        if not self.pending or not is_available():
            return
        self._searched += size + _CALL
        old, young = (*(automaton.needles for automaton in self._automata), (), ())[:2]
        if self._searched < _BYTES * (len(young) + len(self.pending)):
            return
        young = (*young, *self.pending)
        if len(young) < len(old):
            self._automata = (self._automata[0], Automaton(young))
        else:
            self._automata = (Automaton((*old, *young)),)
        self._searched, self.pending = 0, []

    def hits(self, data: bytes) -> bool:
        """Whether a pattern stands anywhere."""
        is_pending, automata = bool(self.pending), self._automata
        if is_pending:
            return any(True for _ in self._index.spans(data))
        return any(automaton.hits(data) for automaton in automata)

    def spans(self, data: bytes) -> Iterator[Span]:
        """Every place where a pattern stands, also where they overlap."""
        # In this order: another thread sets the automata first.
        is_pending, automata = bool(self.pending), self._automata
        if is_pending:
            yield from self._index.spans(data)
        else:
            for automaton in automata:
                yield from automaton.spans(data)
