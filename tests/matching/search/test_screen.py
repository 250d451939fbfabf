"""A screen finds every place where a needle stands; patterns find the same."""

from __future__ import annotations

import random
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bw_magics.matching.search import patterns as module
from bw_magics.matching.search import screen as screen_module
from bw_magics.matching.search.compiled import FEW
from bw_magics.matching.search.index import Index
from bw_magics.matching.search.needle import Span
from bw_magics.matching.search.patterns import Patterns
from bw_magics.matching.search.screen import LARGE, Screen

pytest.importorskip("numpy")


def indexed(needles: list[bytes], data: bytes) -> set[Span]:
    index = Index()
    for needle in needles:
        index.add(needle)
    return set(index.spans(data))


def screened(needles: list[bytes], data: bytes) -> set[Span]:
    spans = list(Screen(needles).spans(data))
    assert len(spans) == len(set(spans))
    return set(spans)


few_letters = st.sampled_from(b"ab\xff\0").map(lambda byte: bytes([byte]))
needles = st.lists(st.lists(few_letters, min_size=2, max_size=24).map(b"".join), max_size=8)


@given(needles, st.lists(few_letters, max_size=300).map(b"".join), st.data())
def test_a_screen_finds_every_place(known: list[bytes], text: bytes, data: st.DataObject) -> None:
    known = list(dict.fromkeys(known))
    between = data.draw(st.lists(st.sampled_from([text, *known]), max_size=6))
    whole = b"".join(between)
    assert screened(known, whole) == indexed(known, whole)


@pytest.mark.parametrize("length", range(2, 40))
@pytest.mark.parametrize("at_once", [64, 1 << 17])
def test_a_needle_is_found_at_every_place(
    monkeypatch: pytest.MonkeyPatch, length: int, at_once: int
) -> None:
    monkeypatch.setattr(screen_module, "_AT_ONCE", at_once)
    chance = random.Random(length)
    needle = chance.randbytes(length)
    text = b"." * 300
    for place in range(len(text) - length + 1):
        whole = text[:place] + needle + text[place + length :]
        assert (place, place + length) in screened([needle], whole)


@pytest.mark.parametrize(
    "needles",
    [
        [b"https://example.org/%05d" % number for number in range(300)],
        [b"%05d@mail.example.org" % number for number in range(300)],
        [b"2024-01-%02d 10:%02d:%02d" % (n % 28, n % 60, n % 7) for n in range(300)],
        [b"a" * length + b"b" for length in range(11, 60)],
        [b"customer,2024-01-15," * 50 + b"%d" % number for number in range(100, 140)],
    ],
    ids=["alike at the beginning", "alike at the end", "dates", "one letter", "rows"],
)
def test_needles_that_are_alike_are_found_among_texts_like_them(needles: list[bytes]) -> None:
    around = [
        "".join(f"https://example.org/{n} and {n:05}@example.org; " for n in range(40)).encode(),
        b"2024-01-15 10:00:07, 2024-02-16 11:01:08\n" * 30,
        b"customer,2024-01-15,71," * 30 + b"a" * 90,
    ]
    texts = [text + needle for needle in (*needles[::37], *needles[-2:]) for text in around]
    whole = b"".join([*texts, *around])

    assert screened(needles, whole) == indexed(needles, whole)


def test_what_is_only_alike_is_not_compared_one_by_one() -> None:
    """A table looks at a needle only where the beginning and the end of it are."""
    screen = Screen([b"ada%05d@mail.example.org" % number for number in range(100)])
    (table,) = screen._parts.tables
    asked: list[int] = []

    class Needles(list[bytes]):
        def __getitem__(self, index: Any) -> Any:
            asked.append(index)
            return super().__getitem__(index)

    table._needles = Needles(table._needles)
    links = b"".join(b"https://mail.example.org/%d, " % number for number in range(3000))

    assert list(screen.spans(links)) == []
    assert not asked
    needle = b"ada00007@mail.example.org"
    assert list(screen.spans(links + needle)) == [(len(links), len(links) + len(needle))]
    assert set(asked) == {7}


@pytest.mark.parametrize("has_numpy", [True, False])
@pytest.mark.parametrize("count", [FEW // 2, 5 * FEW])
def test_patterns_find_the_same_with_numpy_and_without(
    monkeypatch: pytest.MonkeyPatch, has_numpy: bool, count: int
) -> None:
    monkeypatch.setattr(module, "has_numpy", lambda: has_numpy)
    chance = random.Random(count)
    known = Patterns()
    needles: list[bytes] = []
    data = bytearray(chance.choices(b"abcdefgh", k=LARGE + 1000))
    for number in range(count):
        needle = bytes(chance.choices(b"abcdefgh", k=chance.randint(3, 30)))
        if needle in needles:
            continue
        needles.append(needle)
        known.add(needle)
        place = chance.randrange(LARGE)
        data[place : place + len(needle)] = needle
        if number % 40 == 0:  # more is learnt between two searches
            text = bytes(data)
            assert known.hits(text)
            assert set(known.spans(text)) == indexed(needles, text)
    text = bytes(data)
    assert set(known.spans(text)) == indexed(needles, text)
    assert not known.hits(b"." * (LARGE + 1))


def test_a_search_does_not_load_numpy_and_uses_it_when_it_is_loaded() -> None:
    program = """
import sys
from bw_magics.matching.matcher import Matcher
from bw_magics.matching.search.screen import load
matcher = Matcher()
for number in range(200):
    matcher.learn(f"value-{number}-Xy9")
text = b"." * 1_000_000 + b"value-7-Xy9"
assert matcher.spans(text)
assert "numpy" not in sys.modules
assert not matcher._needles._screens
assert load()
assert matcher.spans(text)
assert matcher._needles._screens
"""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=120)


@pytest.mark.parametrize(
    "value", [b"aaaaaaaaaaab", b"aa,aa,aa,aa,ab", b"ababababab", b"a, a, a, a, b"]
)
def test_a_text_like_a_monotonous_needle_is_soon_not_compared_at_each_place(value: bytes) -> None:
    others = [f"other-needle-{number * 7919}".encode() for number in range(300)]
    screen = Screen([value, *others])
    text = value[:-1] * 4000 + value

    for _ in range(8):
        assert [text[start:end] for start, end in screen.spans(text)] == [value]
    assert [needle for table in screen._parts.tables for needle in table._needles] == others


def test_other_bytes_are_looked_up_where_a_text_is_full_of_those_of_needles() -> None:
    rows = [
        f"2024-{n % 12 + 1:02}-15,job {n * 7919},{n % 7} on 2024-{n % 12 + 1:02}-15"
        for n in range(12)
    ]
    needles = [row.encode() for row in rows]
    screen = Screen([*needles, *(f"other-needle-{n * 7919}".encode() for n in range(300))])
    text = b"".join(b"on 2024-%02d-15\n" % (n % 12 + 1) for n in range(6000))
    before = screen._parts

    for _ in range(40):
        assert not list(screen.spans(text))
        for row in needles[::5]:
            assert [(text + row)[start:end] for start, end in screen.spans(text + row)] == [row]

    looked_up = [
        sum(
            table.among(*found)[0].size
            for found in parts.firsts.candidates(text)
            for table in parts.tables
        )
        for parts in (before, screen._parts)
        if parts.firsts is not None
    ]
    assert looked_up[1] < looked_up[0] // 10
    assert 0 < screen._moves <= screen_module._MOST_MOVES
