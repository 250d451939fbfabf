"""Both ways to search for many needles find exactly what a search for each by itself finds."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bw_magics.matching.encodings.escapes import SIGNS
from bw_magics.matching.encodings.signs import Signs
from bw_magics.matching.search import automaton as automaton_module
from bw_magics.matching.search import patterns as module
from bw_magics.matching.search.automaton import STRIDES, Automaton, has_any
from bw_magics.matching.search.compiled import FEW
from bw_magics.matching.search.index import Index
from bw_magics.matching.search.needle import Span
from bw_magics.matching.search.patterns import Patterns

SHORTEST = 2
LONG = STRIDES[0][0]

# Few letters, so that needles repeat, overlap and contain one another.
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


@given(st.sets(words, min_size=1, max_size=8), st.lists(words, max_size=4), st.data())
def test_an_index_finds_every_place(
    known: set[bytes], between: list[bytes], data: st.DataObject
) -> None:
    needles = list(known)
    parts = data.draw(st.lists(st.sampled_from([*known, *between]), max_size=6))
    text = b"".join(parts)

    assert sorted(indexed(needles).spans(text)) == sorted(one_by_one(needles, text))


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


@pytest.mark.parametrize("size", [b"", b"short words " * 100], ids=["short text", "long text"])
@pytest.mark.parametrize("before", [b"", b'{"x": "', b"short words "])
@pytest.mark.parametrize(
    "needle", [b"with a blank in it", b'with"a"quote', b"with.a.dot", b"one-word-only"]
)
@pytest.mark.parametrize("is_compiled", [True, False])
def test_a_text_is_searched_for_words_and_for_texts_of_several(
    monkeypatch: pytest.MonkeyPatch, is_compiled: bool, needle: bytes, before: bytes, size: bytes
) -> None:
    monkeypatch.setattr(module, "_BYTES", 0 if is_compiled else 1 << 30)
    known = Patterns()
    for each in (*CROWD, needle):
        known.add(each)
    before = size + before
    for text, is_found in ((before + needle, True), (before + needle[:-1], False), (before, False)):
        assert known.hits(text) == is_found
        assert list(known.spans(text)) == [(len(before), len(text))] * is_found


@given(
    st.lists(st.one_of(words, st.binary(min_size=SHORTEST, max_size=30)), min_size=1, max_size=8),
    st.integers(0, 4),
    st.lists(st.binary(max_size=20), max_size=4),
    st.data(),
)
def test_what_is_added_in_turn_is_found_like_what_was_compiled(
    needles: list[bytes], compiled: int, between: list[bytes], data: st.DataObject
) -> None:
    known = Patterns()
    for needle in needles[:compiled]:
        known.add(needle)
    list(known.spans(b"long-enough-to-compile-all" * 10_000))
    for needle in needles[compiled:]:
        known.add(needle)
    parts = data.draw(st.lists(st.sampled_from([b" ", *needles, *between]), max_size=6))
    text = b"".join(parts)

    # Until something is compiled again, the index finds what the automata know, too.
    assert set(known.spans(text)) == one_by_one(needles, text)
    assert known.hits(text) == bool(one_by_one(needles, text))


@given(st.lists(st.sampled_from([*"""\\%&\r\n\t<>.ab c"'""", "\n  "]), max_size=30).map("".join))
def test_a_text_may_be_escaped_where_it_has_a_sign_of_it(text: str) -> None:
    signs = Signs()
    signs.learn(b"a b")
    signs.learn(b"\"'\n ")
    # A fold counts before the word of a value.
    data = re.sub(rb"(?<=\n)  +(?! *b(?![abc]))", b"", text.encode())
    data = re.sub(rb"%(?![ab])|&(?![abc])", b".", data)

    assert signs.are_in(data) == (SIGNS.search(data) is not None)


SIGNS_OF = {
    "a blank": (
        b"correct horse",
        [b"\xc2\xa0", b"correct\n  horse"],
        [b"\r\n", b'""', b"''", b"+"],
    ),
    "a line": (b"one\ntwo", [b"\r\n", b"one\n  two"], [b'""', b"\xc2\xa0"]),
    "a double quote": (b'say"no', [b'""'], [b"''", b"'\"'", b"\r\n"]),
    "a single quote": (b"it's", [b"''", b"'\"'"], [b'""', b"\xe2\x80\x87"]),
    "another sign": (b"pa$$w0rd", [], [b'""', b"''", b"+", b"\n  w0rd", b"\r\n"]),
}


@pytest.mark.parametrize("size", [0, 1 << 17])
@pytest.mark.parametrize("name", SIGNS_OF)
def test_a_sign_counts_where_a_value_has_what_it_stands_for(name: str, size: int) -> None:
    value, counted, others = SIGNS_OF[name]
    signs = Signs()
    signs.learn(value)
    text = b" a text." * (size // 8)
    for sign in (b"\\", b"%20", b"%u00e4", b"&amp;", b"&#39;", *counted):
        assert signs.are_in(text + sign + text)
    for sign in (b"5 % of", b"100%", b"this & that", *others):
        assert not signs.are_in(text + sign + text)


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


@pytest.mark.parametrize("size", [10, 1 << 17])
@pytest.mark.parametrize("with_library", [True, False])
def test_a_few_short_texts_are_found_in_texts_of_any_size(
    monkeypatch: pytest.MonkeyPatch, with_library: bool, size: int
) -> None:
    if not with_library:
        monkeypatch.setattr(automaton_module, "is_available", lambda: False)
    text = b"a\"b'" * size

    assert not has_any(text, b'""', b"''")
    assert has_any(text + b'""', b'""', b"''")
    assert has_any(b"''" + text, b'""', b"''")


@pytest.mark.parametrize("length", range(4, 16))
def test_needles_of_every_length_are_found_among_many(length: int) -> None:
    chance = random.Random(length)
    needles = [chance.randbytes(length) for _ in range(5 * FEW)]
    automaton = Automaton(needles)

    strides = [stride for least, stride in STRIDES if length >= least]
    assert [each._stride for each in automaton._sampled] == strides[:1]
    for needle in needles:
        assert automaton.hits(b"--" + needle + b"-")
        assert (2, 2 + length) in automaton.spans(b"--" + needle + b"-")


def test_needles_that_are_alike_in_every_third_byte_are_not_compared_one_after_the_other() -> None:
    numbered = [f"{number:022}".encode() for number in range(1, 1000)]
    lettered = [bytes([65 + number // 20, 66 + number % 20]) * 9 for number in range(300)]
    ended_alike = [f"{number * 7919:07}-at-db.example.org".encode() for number in range(500)]

    assert not Automaton(numbered)._sampled
    assert list(Automaton(numbered).spans(b"0" * 24 + b"1")) == [(3, 25)]
    for known in (lettered, ended_alike):
        assert [list(each.needles) for each in Automaton(known)._sampled] == [known]
        assert list(Automaton(known).spans(b"-" + known[-1])) == [(1, 1 + len(known[-1]))]


@pytest.mark.parametrize("size", [100, 1000])
@pytest.mark.parametrize("count", [FEW - 1, FEW, FEW + 1, 3 * FEW, 4 * FEW, 4 * FEW + 1])
def test_some_short_needles_are_found_in_small_and_larger_texts(count: int, size: int) -> None:
    chance = random.Random(count)
    needles = [chance.randbytes(7) for _ in range(count)]
    automaton = Automaton(needles)

    assert not automaton.hits(b"-" * size)
    for needle in (needles[0], needles[-1]):
        text = needle.join([b"-" * size] * 3)
        assert automaton.hits(text)
        assert list(automaton.spans(text)) == [(size, size + 7), (2 * size + 7, 2 * size + 14)]


@pytest.mark.parametrize("form", ["{:06}", "ab{:04}", "common-to-all-{:04}-and-this-as-well"])
def test_needles_with_much_in_common_are_told_apart(form: str) -> None:
    """An index would compare all of them wherever the common part stands."""
    known = [form.format(number).encode() for number in range(2000)]
    index = indexed(known)

    places = [there for pieces in index._places.values() for there in pieces.values()]

    assert sum(len(there) for there in places) == len(known)
    assert max(len(there) for there in places) <= 20
