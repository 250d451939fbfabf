"""`Index`: any number of needles that can be added to at once, and searched without preparation."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterator, Mapping
from typing import Literal

from bw_magics.notebook.guard.needle import Match, Needle

# The pieces of a text that are looked up: eight bytes, four for needles that are shorter.
LONG = 8
SHORT = 4
_CODES: dict[int, Literal["Q", "I"]] = {LONG: "Q", SHORT: "I"}

# Where a needle has a piece of its own is looked for at so many places at most.
_MOST_TRIES = 32

Place = tuple[Needle, int]


class Index:
    """Every needle by one piece of it, as rare among the others as can be.

    Adding costs the same however many there are; searching costs some 50 ns a byte.
    """

    def __init__(self) -> None:
        self._places: dict[int, dict[int, list[Place]]] = {LONG: {}, SHORT: {}}

    def add(self, needle: Needle) -> None:
        """Finds a needle from now on."""
        data = needle.data
        size = LONG if len(data) >= LONG else SHORT
        places = self._places[size]
        fewest: list[Place] = []
        offset = 0
        # From its end: what values have in common is mostly how they begin.
        last = len(data) - size
        for start in range(last, max(-1, last - _MOST_TRIES), -1):
            there = places.setdefault(number(data[start : start + size]), [])
            if start == last or len(there) < len(fewest):
                fewest, offset = there, start
            if not fewest:
                break
        fewest.append((needle, offset))

    def matches(self, data: bytes) -> Iterator[Match]:
        """Every place where a needle stands, also where they overlap."""
        for size, places in self._places.items():
            for position, piece in pieces(data, size, places):
                for needle, offset in places[piece]:
                    start = position - offset
                    if start >= 0 and data.startswith(needle.data, start):
                        yield start, start + len(needle.data), needle


def number(piece: bytes) -> int:
    """A piece as it is looked up."""
    return int.from_bytes(piece, sys.byteorder)


def pieces(
    data: bytes, size: int, wanted: Mapping[int, Collection[object]]
) -> Iterator[tuple[int, int]]:
    """Where pieces of that size stand that are wanted, and which, in no order."""
    if not wanted:
        return
    view, keys = memoryview(data), wanted.keys()
    for shift in range(size):
        count = (len(data) - shift) // size
        if count <= 0:
            return
        found = view[shift : shift + count * size].cast(_CODES[size])
        # Nearly always this is all, and no Python runs for each piece.
        if keys.isdisjoint(found):
            continue
        for index, piece in enumerate(found):
            if piece in wanted:
                yield shift + index * size, piece
