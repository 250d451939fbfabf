"""`Folds`: whether a large text may have a value that is folded: wrapped at a blank, and indented.

Lists, tables and markup have a fold in each line. A text whose only escapes are folds has all
else of a value as it is: the words on either side of the blank. numpy compares the last bytes
before all folds at once.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

from bw_magics.lean_regex import regex

# So much of a word is compared, and so much of a text on either side of a fold looked at.
_COMPARED, _REACH = 12, 80
# What may be a blank or the end of a line, in a value and in a text: a plus and a return, too.
_BLANKS = b" \t\r\n+"
_BLANK = regex(rb"[%b]+" % re.escape(_BLANKS))
_ALIKE = bytes.maketrans(_BLANKS, b" " * len(_BLANKS))
# The end of a line, and what follows it in a fold.
_LINE, _INDENT = ord("\n"), int.from_bytes(b"  ")
# So many folds are compared one by one; before more than a few, the bytes behind so many blanks.
_MOST, _FEW, _INDENTED = 512, 64, 16
# A word before a blank, and the one behind.
_Pair = tuple[bytes, bytes]


class Folds:
    """The words on either side of the blanks of all values."""

    def __init__(self) -> None:
        # Words before and behind blanks; by the last two bytes of the one, or its only one, and
        # the first two of the other.
        self._words: dict[_Pair, tuple[_Pair, ...]] = {}
        self._lasts: set[bytes] = set()
        self._firsts: set[bytes] = set()
        # Which two bytes may be before a fold, and which behind, for so many known ones.
        self._tables: tuple[int, Any, Any] = (-1, None, None)

    def learn(self, value: bytes) -> None:
        """Counts the folds that a value can have; it has no escapes itself."""
        words = _BLANK.split(value)
        for index, (before, behind) in enumerate(pairwise(words)):
            if not behind:
                continue
            # Words in the middle of a value have a blank on their other side.
            outer = b" " if index else b"", b" " if index + 2 < len(words) else b""
            pair = (outer[0] + before)[-_COMPARED:], (behind + outer[1])[:_COMPARED]
            key = before[-2:], pair[1][:2]
            others = self._words.get(key, ())
            if pair not in others:
                self._words[key] = (*others, pair)
                self._lasts.add(before[-2:])
                self._firsts.add(key[1])

    def are_in(self, data: bytes) -> bool:
        """Returns whether a text may have a folded value; it has no other escapes."""
        import numpy as np

        # Two bytes more on either side: each line has them before and behind its end.
        padded = b"\0\0" + data + b"\0\0"
        text = np.frombuffer(padded, np.uint8)
        pairs = np.ndarray((len(padded) - 1,), ">u2", padded, 0, (1,))
        (lines,) = (text == _LINE).nonzero()
        ends, begins = self._possible()
        lines = lines[ends.take(pairs[lines - 2])]
        lines = lines[pairs[lines + 1] == _INDENT]
        if lines.size > _FEW:
            places = lines + 1
            for _ in range(_INDENTED):
                is_blank = text[places] == _INDENT & 0xFF
                if not is_blank.any():
                    break
                places += is_blank
            lines = lines[begins.take(pairs[places])]
        return lines.size > _MOST or any(
            self._is_between(padded, place) for place in lines.tolist()
        )

    def _possible(self) -> tuple[Any, Any]:
        """Returns which two bytes may be before a fold, and which behind, by their number."""
        lasts, firsts = tuple(self._lasts), tuple(self._firsts)
        # Another thread may be learning.
        count = len(lasts) + len(firsts)
        if self._tables[0] != count:
            import numpy as np

            ends, begins = np.zeros(1 << 16, bool), np.zeros(1 << 16, bool)
            blanks = [bytes([blank]) for blank in _BLANKS]
            # One byte may be beside any other, and blanks beside anything.
            for word in (*lasts, *blanks):
                ends[int.from_bytes(word) :: 1 << 8 * len(word)] = True
            for word in (*firsts, *blanks):
                first = int.from_bytes(word.ljust(2, b"\0"))
                begins[first : first + (1 << 8 * (2 - len(word)))] = True
            self._tables = count, ends, begins
        return self._tables[1:]

    def _is_between(self, data: bytes, place: int) -> bool:
        """Returns whether words of a value are on either side of a fold."""
        start, end = max(0, place - _REACH), place + _REACH
        before = data[start:place].translate(_ALIKE).rstrip(b" ")
        behind = data[place:end].translate(_ALIKE).lstrip(b" ")
        # So many blanks may be between any words.
        if (start and len(before) < _COMPARED) or (end < len(data) and len(behind) < _COMPARED):
            return True
        return any(
            before.endswith(word) and behind.startswith(next)
            for last in (before[-2:], before[-1:], b"")
            for first in (behind[:2], behind[:1])
            for word, next in self._words.get((last, first), ())
        )
