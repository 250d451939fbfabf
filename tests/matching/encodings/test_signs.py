"""What a text needs to have anything escaped in it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bw_magics.matching.encodings.escapes import BLANKS, FOLD, QUOTES
from bw_magics.matching.encodings.markup import has_joints
from bw_magics.matching.encodings.signs import NOT_PLAIN, Signs

# A value for which every sign counts.
VALUE = b'it\'s "one" of\nmany words'
PARTS = [*BLANKS, *QUOTES, FOLD, *(bytes([byte]) for byte in b"\\%&+\r\0\n '\"<ax0u1")]


@given(st.lists(st.sampled_from(PARTS), max_size=8).map(b"".join))
def test_a_plain_text_has_no_escape_and_no_joint(text: bytes) -> None:
    signs = Signs()
    signs.learn(VALUE)

    if signs.are_in(text) or has_joints(text):
        assert NOT_PLAIN.search(text)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{'row': 12}",
        b"<b>row</b> 12",
        b"\"a\" + 'b'",
        b"a\n b",
        b"1,234.5",
        "größer".encode(),
    ],
)
def test_most_texts_are_plain(text: bytes) -> None:
    assert NOT_PLAIN.search(text) is None
