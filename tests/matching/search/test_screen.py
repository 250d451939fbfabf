"""A screen leaves every place where a needle stands, and little else; patterns find the same."""

from __future__ import annotations

import random
import subprocess
import sys

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
    """What a screen finds, and what is found in the parts that it leaves."""
    screen = Screen(needles)
    parts = screen.parts(data)
    assert parts == sorted(parts)
    return set(screen.spans(data)) | {
        (start + begin, start + stop)
        for start, end in parts
        for begin, stop in indexed(needles, data[start:end])
    }


few_letters = st.sampled_from(b"ab\xff\0").map(lambda byte: bytes([byte]))
needles = st.lists(st.lists(few_letters, min_size=2, max_size=24).map(b"".join), max_size=8)


@given(needles, st.lists(few_letters, max_size=300).map(b"".join), st.data())
def test_a_screen_leaves_every_place(known: list[bytes], text: bytes, data: st.DataObject) -> None:
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


def test_few_parts_are_left_of_a_text_without_needles() -> None:
    chance = random.Random(2026)
    many = [chance.randbytes(chance.randint(8, 30)).hex().encode() for _ in range(20_000)]
    text = b"".join(b"%.6f," % chance.random() for _ in range(100_000))
    assert Screen(many).parts(text) == []


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
