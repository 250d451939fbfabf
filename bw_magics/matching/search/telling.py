"""`telling`: which bytes of needles are looked up in a text: such as few of them share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from bw_magics.matching.search.compiled import FEW

# The bytes of a number; the first of them is its least.
NUMBER, LITTLE = 8, "<u8"
# Bytes are looked up at every fourth place of a text.
STRIDE = 4
# Of the bytes that are looked up from a place on, the first and the last are counted.
_ENDS = (0, STRIDE - 1)
# Of needles that have eight bytes in common with more than so many others, other bytes are looked
# up: tried are so many places, so far apart.
_FEW_ALIKE, _TRIES, _STEP = 4, 8, 6
# An automaton has needles that have them in common with more than so many.
_MOST_ALIKE = 128


class Kind(NamedTuple):
    """Needles from a length on, by so many bytes of them."""

    least: int
    gram: int


def telling(joined: Any, starts: Any, lengths: Any, kind: Kind, crowded: Any) -> tuple[Any, Any]:
    """Returns where each needle has the bytes that are looked up, and whether too many have the
    same, or some text is full of them.

    They are its last, or others that fewer have: dates and addresses differ less at their
    beginning. Of a short needle they are the first.
    """
    import numpy as np

    where = lengths - kind.least if kind.gram == NUMBER else np.zeros_like(lengths)
    counts = _alike(joined, starts + where, _ENDS if kind.gram == NUMBER else _ENDS[:1])
    if kind.gram == NUMBER:
        counts += _crowding(joined, starts + where, kind, crowded)
    if kind.gram == NUMBER and (some := np.flatnonzero(counts > _FEW_ALIKE)).size:
        steps = np.arange(0, _STEP * _TRIES, _STEP)
        tried = np.maximum(0, where[some, None] - steps)
        places = (starts[some, None] + tried).ravel()
        found = _alike(joined, places, _ENDS) + _crowding(joined, places, kind, crowded)
        found = found.reshape(tried.shape)
        rarest = np.argmin(found, axis=1)[:, None]
        where[some] = np.take_along_axis(tried, rarest, 1)[:, 0]
        counts[some] = np.take_along_axis(found, rarest, 1)[:, 0]
    is_alike = counts > _MOST_ALIKE
    # What repeats itself, such as `aaaaaaaa`, has no other bytes.
    is_crowded = _crowding(joined, starts + where, kind, crowded) > 0
    if np.count_nonzero(is_crowded) <= FEW:
        is_alike |= is_crowded
    return where, is_alike


def _crowding(joined: Any, places: Any, kind: Kind, crowded: Any) -> Any:
    """Returns so many for places whose bytes some text is full of that others are looked up."""
    import numpy as np

    found = np.zeros(len(places), np.int64)
    padded = np.append(joined, np.zeros(NUMBER, np.uint8)) if crowded.size else joined
    mask = np.uint64((1 << 8 * kind.gram) - 1)
    for step in range(STRIDE if crowded.size else 0):
        found += np.isin(numbers_at(padded, places + step) & mask, crowded) * (_FEW_ALIKE + 1)
    return found


def _alike(joined: Any, places: Any, steps: Sequence[int]) -> Any:
    """Returns how many of the places have the same bytes as each, at the commonest of the steps."""
    import numpy as np

    most = np.zeros(len(places), np.int64)
    for step in steps:
        _, which, counts = np.unique(
            numbers_at(joined, places + step), return_inverse=True, return_counts=True
        )
        most = np.maximum(most, counts[which])
    return most


def numbers_at(data: Any, places: Any) -> Any:
    """Returns the numbers that eight bytes at each place are."""
    import numpy as np

    # One number at each byte: they overlap.
    return np.ndarray((len(data) - NUMBER + 1,), LITTLE, data, 0, (1,))[places]
