"""`ShortRuns`: values with no word in them, found in what is left when escapes are undone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bw_magics.matching.encodings.anchor import Anchor
from bw_magics.matching.encodings.beginnings import beginnings
from bw_magics.matching.encodings.escapes import Unescaped, unescaped
from bw_magics.matching.search.automaton import has_any
from bw_magics.matching.search.needle import Span, joined
from bw_magics.matching.search.patterns import Patterns

# So many values are found by the beginnings of their escaped forms.
_MOST = 16
# Of more values, larger texts are not unescaped as a whole.
LARGE = 1 << 16
# So many backslashes before a part may belong to an escape in it.
_BACKSLASHES = 64


class ShortRuns:
    """The unescaped values whose anchor is bare: its run is too short to be searched for.

    A few are found near their `beginnings`, which are searched for beside the runs of other values.
    Of more, each text with one of their runs is unescaped. `longest` is how far an escaped form
    reaches.
    """

    def __init__(self) -> None:
        self.longest = 0
        self._are_free: dict[bytes, bool] = {}
        self._values = Patterns()
        # A text with one of the values contains one of these bytes.
        self._runs: set[bytes] = set()
        self._taken: set[tuple[bytes, bool]] = set()

    def __bool__(self) -> bool:
        return bool(self._are_free)

    @property
    def are_few(self) -> bool:
        """Whether they are found by their beginnings."""
        return len(self._are_free) <= _MOST

    def take(self, anchor: Anchor) -> Iterator[bytes]:
        """Takes in a value; yields the texts to search for, which tell where it may be."""
        value = anchor.value
        if (value, anchor.is_plain) not in self._taken and len(self._are_free) < _MOST:
            yield from beginnings(value, is_plain=anchor.is_plain)
            self._taken.add((value, anchor.is_plain))
        self._runs.add(anchor.run)
        self.longest = max(self.longest, anchor.longest)
        if value not in self._are_free:
            self._values.add(value)
            self._are_free[value] = anchor.is_free

    def parts(self, data: bytes, begun: Sequence[Span], near: Sequence[Span] | None) -> list[Span]:
        """Returns the parts of a text that have to be unescaped: those around what was `begun`; or
        of those `near` escapes the ones that may hold a value.
        """
        if not self.are_few:
            whole = [(0, len(data))] if near is None else near
            return [
                (start, end)
                for start, end in whole
                if end - start <= LARGE and self.may_be_in(data[start:end])
            ]
        return joined(self._around(data, span) for span in sorted(begun))

    def _around(self, data: bytes, begun: Span) -> Span:
        start, end = max(0, begun[0] - self.longest), begun[1] + self.longest
        # Two backslashes are one character and stay together.
        before = data[max(0, start - _BACKSLASHES) : start]
        return start - (len(before) - len(before.rstrip(b"\\"))), end

    def places(self, data: bytes) -> Iterator[tuple[int, int, bool, bytes]]:
        """Yields the spans of escaped forms, whether each counts anywhere, and its value."""
        if self._values.hits(unescaped(data)):
            view = Unescaped.of(data)
            for start, end in self._values.spans(view.data):
                value = view.data[start:end]
                if (is_free := self._are_free.get(value)) is not None:
                    yield *view.original(start, end), is_free, value

    def may_be_in(self, data: bytes) -> bool:
        """Returns whether a text has a run of a value."""
        # Another thread may be adding to them; every text has an empty one.
        runs = tuple(self._runs)
        return bool(runs) and (b"" in runs or has_any(data, *sorted(runs)))
