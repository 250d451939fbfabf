"""Needles in every byte of a text: a few finds cost no search of all of it."""

from __future__ import annotations

import random

import pytest

from bw_magics.matching.search.compiled import FEW, SOME
from bw_magics.matching.search.dense import Dense
from bw_magics.matching.search.needle import Span

# Few letters, so that needles overlap and contain one another.
ALPHABETS = [b"ab", b"1, ", b"2024-:", b"/ab.", b"\n ax"]


def one_by_one(needles: list[bytes], data: bytes) -> list[Span]:
    return sorted(
        (start, start + len(needle))
        for needle in needles
        for start in range(len(data))
        if data.startswith(needle, start)
    )


@pytest.mark.parametrize("count", [1, 3, FEW + 1, SOME, SOME + 1])
@pytest.mark.parametrize("letters", ALPHABETS)
def test_all_finds_are_told_however_they_overlap(letters: bytes, count: int) -> None:
    chance = random.Random(count)
    all_needles = {bytes(chance.choices(letters, k=chance.randint(2, 7))) for _ in range(4 * count)}
    needles = sorted(all_needles)[:count]
    dense = Dense(needles)

    for finds in (0, 1, 2, 30):
        text = bytearray(chance.choices(b"wxyz", k=3000))
        for _ in range(finds):
            at = chance.randrange(len(text) - 12)
            text[at : at + 12] = chance.choices(letters, k=12)
        data = bytes(text)
        expected = one_by_one(needles, data)
        assert sorted(dense.spans(data)) == expected
        assert dense.hits(data) == bool(expected)


def test_only_what_is_around_finds_is_searched_for_all() -> None:
    dense = Dense([b"abab", b"babab", b"b17"])

    parts = dense._parts(b"." * 5000 + b"ababab17" + b"." * 5000)

    assert parts == [(4996, 5012)]
    assert dense._parts(b"." * 5000) == []
    assert dense._parts(b"ababab17" * 100) == [(0, 800)]
