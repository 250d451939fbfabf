"""`Index`: any number of needles; a new one is found at once, without preparation."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterator, Mapping
from typing import Literal

from bw_magics.matching.search.needle import Span

# The sizes of the pieces that are looked up: eight bytes; four or two for shorter needles.
LONG = 8
SHORT = 4
SHORTEST = 2
_CODES: dict[int, Literal["Q", "I", "H"]] = {LONG: "Q", SHORT: "I", SHORTEST: "H"}

# Bytes of a text that are cut into pieces at once.
_AT_ONCE = 1 << 14

# A needle tries at most so many places for a piece of its own.
_MOST_TRIES = 32


class Index:
    """Needles of two bytes at least, each by the piece of it that is rarest among all needles.

    Adding costs the same however many there are; searching costs some 50 ns a byte, and twice as
    much or more where a needle is shorter than four.
    """

    def __init__(self) -> None:
        # Tuples of bytes, which the garbage collector leaves alone.
        self._places: dict[int, dict[int, tuple[bytes, ...]]] = {size: {} for size in _CODES}

    def add(self, needle: bytes) -> None:
        """Finds a needle from now on."""
        size = next(size for size in _CODES if len(needle) >= size)
        places = self._places[size]
        # From its end: values differ less at their beginning.
        last = len(needle) - size
        rarest = number(needle[last:])
        for start in range(last - 1, max(-1, last - _MOST_TRIES), -1):
            if rarest not in places:
                break
            piece = number(needle[start : start + size])
            if len(places.get(piece, ())) < len(places[rarest]):
                rarest = piece
        places[rarest] = (*places.get(rarest, ()), needle)

    def hits(self, data: bytes) -> bool:
        """Returns whether the text contains a needle; quickest for a small one with none."""
        size = len(data)
        for length, places in self._places.items():
            # As in `pieces`; most displays end here, and each call takes longer than a comparison.
            if places and (
                size > _AT_ONCE
                or not places.keys().isdisjoint(
                    memoryview(data.ljust(size + (1 - size) % length, b"\0") * length).cast(
                        _CODES[length]
                    )
                )
            ):
                return any(True for _ in self.spans(data))
        return False

    def spans(self, data: bytes) -> Iterator[Span]:
        """Yields the places of all needles, also overlapping ones."""
        for size, places in self._places.items():
            for position, piece in pieces(data, size, places):
                for needle in places[piece]:
                    # The first place of the piece in the needle: the data has it at the same place.
                    start = position - needle.find(piece.to_bytes(size, sys.byteorder))
                    if start >= 0 and data.startswith(needle, start):
                        yield start, start + len(needle)


def number(piece: bytes) -> int:
    """Returns the number by which a piece is looked up."""
    return int.from_bytes(piece, sys.byteorder)


def pieces(
    data: bytes, size: int, wanted: Mapping[int, Collection[object]]
) -> Iterator[tuple[int, int]]:
    """Yields the places of wanted pieces of that size, and the pieces, in no order."""
    keys = wanted.keys()
    for begin in range(0, len(data) - size + 1 if wanted else 0, _AT_ONCE):
        part = data[begin : begin + _AT_ONCE + size - 1]
        # Repeated at a distance of one more than a multiple of the size, so that read in pieces it
        # is read from each of its bytes; a piece of two copies is none.
        distance = len(part) + (1 - len(part)) % size
        found = memoryview(part.ljust(distance, b"\0") * size).cast(_CODES[size])
        # Nearly always nothing is found here, and no Python runs for each piece.
        if keys.isdisjoint(found):
            continue
        for index, piece in enumerate(found):
            start = index * size % distance
            if piece in wanted and start + size <= len(part):
                yield begin + start, piece
