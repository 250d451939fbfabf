"""Inline tags of a large text are found in the same places with numpy and without."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from bw_magics.matching.encodings import markup as module
from bw_magics.matching.encodings.markup import INLINE_TAGS, TAG_BEGINNINGS, tag_places
from bw_magics.matching.search.automaton import places_of_any

pieces = st.lists(
    st.sampled_from(["<", "</", "<T", "t", "tt", "b", ">", " ", "<td>", "</TR>", "<span>", "é"])
)


@given(pieces.map("".join).map(str.encode))
@example(b"<tt>a</TT>")
@example(b"<t<b<")
@example(b"</t</i")
def test_every_inline_tag_begins_at_one_of_the_places(data: bytes) -> None:
    places = tag_places(data)

    assert {found.start() for found in INLINE_TAGS.finditer(data)} <= set(places)
    assert set(places_of_any(data, *TAG_BEGINNINGS)) <= set(places)


def test_tags_of_tables_are_ruled_out_and_a_tag_at_an_edge_is_not() -> None:
    table = b"<table>" + b"<tr><td>1</td></TR>" * 20_000
    assert tag_places(table) == []
    for place in range(module._AT_ONCE - 8, module._AT_ONCE + 4):
        text = table[:place].replace(b"<", b"(") + b"<span>" + table[place:]
        assert tag_places(text) == [place]


def test_of_a_text_with_many_tags_all_are_looked_for_at_once() -> None:
    text = b"<p>" * 5_000 + b"<b>"

    assert tag_places(text) == [15_000]
