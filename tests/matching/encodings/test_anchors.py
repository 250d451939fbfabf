"""Words that a text is full of: looked at in vain a few times, and every escaped form is found."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bw_magics.matching.encodings.anchor import Anchor
from bw_magics.matching.encodings.covers import covers_of
from bw_magics.matching.encodings.escapes import unescaped
from bw_magics.matching.matcher import Matcher
from bw_magics.matching.search.needle import Span, encode
from tests.matching.encodings.test_escapes import ESCAPES, LAYERS
from tests.matching.encodings.test_short_runs import noted

LINES = {
    "links": "https://example.org/a?b={n}&c=%20{n}\n",
    "a log": "2024-01-15 10:00 line {n}: 50 % done & more, C:\\data\\x{n} 'name' \"value\"\n",
    "indented JSON": '  {{\n    "name": "customer {n}",\n    "value": {n}\n  }},\n',
    "a traceback": '  File "/home/ada/data/x{n}.py", line {n}\n    return say("{n}", "\\n")\n',
    "settings": "mail=ada{n}@example.org tel=+49 30 {n} \\u00e9\n",
}
# A value with a word of each line, and the text.
CROWDED = [
    ("ada@example.org", "links"),
    ("https://u:p@x.example", "links"),
    ("ada@example.org", "settings"),
    ("C:\\data\\x.csv", "a log"),
    ("'2024-01-15 10:00:07'", "a log"),
    ('"name": "value"', "a log"),
    ('"name": "value"', "indented JSON"),
    ("/home/ada/data/x.csv", "a traceback"),
    ('say "17"', "a traceback"),
]
TEXTS = {what: "".join(line.format(n=n) for n in range(600)) for what, line in LINES.items()}


class Counted:
    """How often the text around a word is compared."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.looks = 0
        spans = Anchor.spans

        def counted(anchor: Anchor, data: bytes, start: int, end: int) -> Iterator[Span]:
            self.looks += 1
            return spans(anchor, data, start, end)

        monkeypatch.setattr(Anchor, "spans", counted)


def used_to(value: str, text: str) -> Matcher:
    """A matcher that has searched such a text often."""
    matcher = Matcher()
    matcher.learn(value)
    for _ in range(4):
        assert matcher.spans(encode(text)) == []
    return matcher


@pytest.mark.parametrize(("value", "what"), CROWDED)
def test_a_word_in_each_line_is_soon_not_looked_at_any_more(
    value: str, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = Counted(monkeypatch)
    matcher = used_to(value, TEXTS[what])
    assert counted.looks >= 400
    counted.looks = 0
    matcher.spans(encode(TEXTS[what]))
    assert counted.looks <= 30


@pytest.mark.parametrize(
    ("value", "line"),
    [
        ("50 % of it", "      <td>12.34&nbsp;%</td>\n"),
        ("<td>12.34</td>", "      <td>12.34&nbsp;%</td>\n"),
        ("a+b+c+d+e+f", "      <td>12.34&nbsp;%</td>\n"),
        ("1, 2, 3, 4, 5", "       2.31, 0.21,\n"),
    ],
)
def test_a_beginning_in_each_line_is_soon_not_looked_at_any_more(
    value: str, line: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    undone = noted(monkeypatch)
    matcher, text = Matcher(), encode(line * 800)
    matcher.learn(value)
    for _ in range(9):
        undone.clear()
        matcher.spans(text)
    assert sum(map(len, undone)) <= len(text) // 10
    for escape in ESCAPES.values():
        form = encode(f"before {escape(value)} after\n")
        is_undone = Anchor.of(value, is_free=True).value in unescaped(form)
        assert matcher.spans(text + form + text) or not is_undone


@pytest.mark.parametrize(("value", "what"), CROWDED)
@pytest.mark.parametrize("escape", ESCAPES)
def test_every_escaped_form_is_found_among_such_words(escape: str, value: str, what: str) -> None:
    matcher = used_to(value, TEXTS[what])
    for layer in LAYERS.values():
        form = layer(f"before {ESCAPES[escape](value)} after")
        is_undone = Anchor.of(value, is_free=True).value in unescaped(encode(form))
        assert matcher.spans(encode(f"{TEXTS[what]}{form}\n{TEXTS[what]}")) or not is_undone


@pytest.mark.parametrize("texts", [["links", "settings"], ["a log", "indented JSON"]])
def test_texts_in_turns_end_with_few_looks(
    texts: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    matcher = Matcher()
    for value, _ in CROWDED:
        matcher.learn(value)
    counted = Counted(monkeypatch)
    for _ in range(8):
        counted.looks = 0
        for what in texts:
            matcher.spans(encode(TEXTS[what]))
    assert counted.looks <= 100


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("ab'-longword", "x = 'ab''-longword'"),
        ('ab"-longword', '1,"ab""-longword",2'),
        ("it's'&sales", "'it''s''&sales'"),
        ("https://u:p@x.example", "https%3A%2F%2Fu%3Ap%40x%5C.example"),
    ],
)
def test_an_escape_that_ends_like_its_character_is_found(value: str, text: str) -> None:
    matcher = Matcher()
    matcher.learn(value)
    assert matcher.spans(encode(text))


AROUND = st.text(alphabet="\"'\\%&+ \n\t;}ae9:.,/é", max_size=14)


@given(AROUND, AROUND, AROUND, AROUND)
def test_a_cover_has_each_form_that_its_word_has(
    left: str, right: str, before: str, behind: str
) -> None:
    anchor = Anchor.of(f"{left}word{right}", is_free=True)
    for text in (f"{before}word{behind}", json.dumps(f"{before}{left}word{right}{behind}")):
        data = encode(text)
        found = [
            (begin, span)
            for begin in range(len(data))
            if data.startswith(anchor.run, begin)
            for span in anchor.spans(data, begin, begin + len(anchor.run))
        ]
        for at, cover in covers_of(anchor, b""):
            if at == anchor:
                assert all(
                    any(data.startswith(each, begin - of) for each, of in cover.items())
                    for begin, _ in found
                )
