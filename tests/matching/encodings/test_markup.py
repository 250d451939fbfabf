"""Inline tags of a large text are found, and taken out."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bw_magics.matching.encodings.markup import INLINE_TAGS, tag_places, without_markup

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


def test_tags_of_tables_are_ruled_out_and_others_are_not() -> None:
    table = b"<table>" + b"<tr><td>1</td></TR>" * 20_000
    assert tag_places(table) == []
    for tag in (b"<span>", b"</Kbd>", b"<tt>", b"</tT>"):
        for place in range(1, 10_000, 997):
            text = table[:place].replace(b"<", b"(") + tag + table[place:]
            assert tag_places(text) == [place]


@pytest.mark.parametrize(
    ("data", "is_html", "plain"),
    [
        (b"<td>1</td>", True, []),
        (b"a<b>b</b>", True, [b"ab"]),
        (b"a<b>b</b>", False, []),
        (b"a\x1b[1mb<i>c", False, [b"ab<i>c"]),
        (b"a\x1b[1mb<i>c", True, [b"ab<i>c", b"a\x1b[1mbc"]),
    ],
)
def test_a_text_is_given_without_colours_and_without_tags(
    data: bytes, is_html: bool, plain: list[bytes]
) -> None:
    assert list(without_markup(data, is_html=is_html)) == plain
