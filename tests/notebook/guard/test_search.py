"""Both ways to search for many needles find exactly what a search for each by itself finds."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bw_magics.notebook.guard.automaton import FEW, LONG, Automaton
from bw_magics.notebook.guard.index import Index
from bw_magics.notebook.guard.needle import Span

SHORTEST = 6

# Few letters, so that needles repeat, overlap and stand in one another.
letters = st.sampled_from([b"a", b"b", b"\xc3"])
words = st.lists(letters, min_size=SHORTEST, max_size=30).map(b"".join)
long_words = st.lists(letters, min_size=LONG, max_size=30).map(b"".join)
# So many of one length that they are searched for in every third byte.
CROWD = [f"{number:>016}".encode() for number in range(FEW + 1)]


def indexed(needles: Sequence[bytes]) -> Index:
    index = Index()
    for needle in needles:
        index.add(needle)
    return index


def one_by_one(needles: Sequence[bytes], data: bytes) -> set[Span]:
    return {
        (start, start + len(needle))
        for needle in needles
        for start in range(len(data))
        if data.startswith(needle, start)
    }


@settings(max_examples=200)
@given(st.sets(words, min_size=1, max_size=8), st.lists(words, max_size=4), st.data())
def test_an_index_finds_every_place(
    known: set[bytes], between: list[bytes], data: st.DataObject
) -> None:
    needles = list(known)
    parts = data.draw(st.lists(st.sampled_from([*known, *between]), max_size=6))
    text = b"".join(parts)

    assert sorted(indexed(needles).spans(text)) == sorted(one_by_one(needles, text))


@settings(max_examples=200)
@given(
    st.sets(long_words, max_size=8),
    st.sets(words, max_size=4),
    st.lists(words, max_size=4),
    st.booleans(),
    st.data(),
)
def test_an_automaton_finds_every_place(
    long: set[bytes], other: set[bytes], between: list[bytes], is_crowded: bool, data: st.DataObject
) -> None:
    needles = [*(long | other), *(CROWD if is_crowded else [])]
    parts = data.draw(st.lists(st.sampled_from([b"-", *needles, *between]), max_size=6))
    text = b"".join(parts)

    automaton = Automaton(needles)

    assert sorted(automaton.spans(text)) == sorted(one_by_one(needles, text))
    assert automaton.hits(text) == bool(one_by_one(needles, text))
    for part in (b'"' + text + b'"', b" " * 2000 + text):
        assert automaton.hits(part) == bool(one_by_one(needles, part))


@pytest.mark.parametrize("needle", [b"with a blank in it", b'with"a"quote', b"one-word-only"])
@pytest.mark.parametrize("before", [b"", b'{"x": "', b"short words "])
def test_whether_anything_stands_there_is_told_as_well(needle: bytes, before: bytes) -> None:
    automaton = Automaton([*CROWD, needle])

    assert automaton.hits(before + needle)
    assert not automaton.hits(before + needle[:-1])
    assert not automaton.hits(before)


@pytest.mark.parametrize("before", range(7))
@pytest.mark.parametrize("after", range(4))
def test_at_any_distance_from_either_end(before: int, after: int) -> None:
    needles = [*CROWD, b"shorty", b"exactly-twelve"[:LONG]]
    searches: list[Index | Automaton] = [indexed(needles), Automaton(needles)]

    for needle in needles:
        text = b"." * before + needle + b"." * after
        for search in searches:
            assert list(search.spans(text)) == [(before, before + len(needle))]
        for part in (text[: before + len(needle) - 1], text[before + 1 :]):
            assert not any(list(search.spans(part)) for search in searches)


def test_needles_that_are_alike_in_every_third_byte_are_not_compared_one_after_the_other() -> None:
    numbered = [f"{number:022}".encode() for number in range(1, 1000)]
    lettered = [bytes([65 + number // 9, 66 + number % 9]) * 9 for number in range(100)]
    ended_alike = [f"{number * 7919:07}-at-db.example.org".encode() for number in range(500)]

    assert not Automaton(numbered)._sparse
    assert list(Automaton(numbered).spans(b"0" * 24 + b"1")) == [(3, 25)]
    assert Automaton(lettered)._sparse == lettered
    assert Automaton(ended_alike)._sparse == ended_alike
    for known in (lettered, ended_alike):
        assert list(Automaton(known).spans(b"-" + known[-1])) == [(1, 1 + len(known[-1]))]


@pytest.mark.parametrize("form", ["{:06}", "ab{:04}", "common-to-all-{:04}-and-this-as-well"])
def test_needles_with_much_in_common_are_told_apart(form: str) -> None:
    """An index would compare all of them wherever the common part stands."""
    known = [form.format(number).encode() for number in range(2000)]
    index = indexed(known)

    places = [there for pieces in index._places.values() for there in pieces.values()]

    assert sum(len(there) for there in places) == len(known)
    assert max(len(there) for there in places) <= 20
