"""The text read from a packed message contains all of the message's strings."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bw_magics.matching.encodings.markup import INLINE_TAGS
from bw_magics.notebook.guard.hooks import packed as module
from bw_magics.notebook.guard.hooks.packed import readable

PACKERS: dict[str, Callable[[Any], bytes]] = {
    "as a kernel does": lambda content: json.dumps(content, ensure_ascii=False).encode(),
    "in ASCII": lambda content: json.dumps(content).encode(),
    "without spaces": lambda content: json.dumps(content, separators=(",", ":")).encode(),
    "slashes escaped": lambda content: json.dumps(content).replace("/", r"\/").encode(),
    "tags by numbers": lambda content: (
        json.dumps(content).replace("<", r"\u003c").replace(">", r"\u003E").encode()
    ),
}
PIECES = [
    *"""<>/\\ "'\n\t\r\f\v\x1b[:,{}nrtu03cé""",
    *("<b>", "</b>", "<B\n", "<span ", "</span >", "<wbr>", "<br>", "<td>", "\\u003c", 'class="x"'),
    *("secret", "word"),
]
texts = st.lists(st.sampled_from(PIECES), max_size=12).map("".join)


def _as_large(packed: bytes) -> bytes | None:
    """What is read of the message if it counts as a large one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_LARGE", 0)
        return readable(packed)


@pytest.mark.parametrize("packer", PACKERS)
@given(strings=st.lists(texts, min_size=1, max_size=4))
@example(strings=["<b>row</b> 1"])
@example(strings=["<IPython.core.display.HTML object>", 'a <i class="x">sec</i>ret\nline'])
@example(strings=["an open tag <b ", "sec>ret</b>"])
@example(strings=['pw<b"c>x<i>yz'])
@example(strings=["C:\\new\\table", "sec<wbr>ret"])
def test_it_contains_every_string_with_its_tags_and_without(
    packer: str, strings: list[str]
) -> None:
    packed = PACKERS[packer]({"data": {f"text/{n}": text for n, text in enumerate(strings)}})

    text = readable(packed)
    assert _as_large(packed) == text

    if text is None:
        assert rb"\u0" in packed
        return
    for string in strings:
        assert string.encode() in text
        assert INLINE_TAGS.sub(b"", string.encode()) in text


@pytest.mark.parametrize(
    ("packed", "read"),
    [
        (b'{"text": "nothing"}', b'{"text": "nothing"}'),
        (
            rb'{"text": "two\nlines, \"quoted\",\ttabbed"}',
            b'{"text": "two\nlines, "quoted",\ttabbed"}',
        ),
        (rb'{"text": "C:\\new\n"}', b'{"text": "C:\\new\n"}'),
        (rb'{"text": "\\\\new\\\n\/\r\b\f"}', b'{"text": "\\\\new\\\n/\r\b\f"}'),
        (b'{"text": "a < b"}', b'{"text": "a < b"}'),
        (b'{"text": "<b>a</b> b"}', b'{"text": "<b>a</b> b"} {"text": "a b"}'),
        (b'{"text": "c <i>\\"d</i>"}', b'{"text": "c <i>"d</i>"} {"text": "c "d"}'),
        (rb'{"text": "\u001b[31mred"}', None),
        (rb'{"text": "\u003cb>"}', None),
        (rb'{"text": "\u4e16"}', None),
    ],
)
def test_what_is_read_of_it(packed: bytes, read: bytes | None) -> None:
    assert readable(packed) == read
