"""Values with no word in them: found however they are escaped, and no text is unescaped in vain."""

from __future__ import annotations

import json

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bw_magics.matching.encodings import short_runs
from bw_magics.matching.encodings.anchor import Anchor
from bw_magics.matching.encodings.escapes import unescaped
from bw_magics.matching.matcher import Matcher
from bw_magics.matching.search.needle import encode
from tests.matching.encodings.test_escapes import ESCAPES, LAYERS, knowing, knowing_only

VALUES = (
    "1,2,3,4,5,6,7",
    "a b c d e f",
    "12 34 56 78 90",
    "!?§$%&/()=`*~'#<>|\"",
    "密码密码密码",
    "1+1+1+1=4",
    "-1/2 <3> \"4\" '5'",
    "🔑🔑 🔑🔑",
    "x\ny\nz\nw",
)

# What cells print, with escapes in each line.
ORDINARY = {
    "links": "".join(f"https://example.org/a?b={n}&c=%20{n * 7}&d=x+y\n" for n in range(800)),
    "JSON": json.dumps([{"line": f'say "{n}"\n', "path": f"C:\\{n}"} for n in range(900)]),
    "JSON in JSON": json.dumps(json.dumps([{"say": f'"{n}"', "at": f"{n}/1"} for n in range(700)])),
    "HTML": "<tr>\n      <td>98 76&nbsp;</td><td>1&amp;2 a b c d</td></tr>\n" * 500,
    "dates": "".join(f"'2024-01-{n % 28 + 1:02} 10:{n % 60:02}', \r\n" for n in range(2000)),
    "base64": "aB3+dE5gH7/jK9mN1pQ3+rS5tU7vW9xY==" * 900,
}


def noted(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """The texts that are unescaped from now on, for values with no word."""
    undone: list[bytes] = []

    def note(data: bytes) -> bytes:
        undone.append(data)
        return unescaped(data)

    monkeypatch.setattr(short_runs, "unescaped", note)
    return undone


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("escape", ESCAPES)
@pytest.mark.parametrize("value", VALUES)
def test_a_value_with_no_word_is_found_however_it_was_escaped(
    value: str, escape: str, layer: str
) -> None:
    text = encode(f"before {LAYERS[layer](ESCAPES[escape](value))} after")
    is_undone = Anchor.of(value, is_free=True).value in unescaped(text)
    assert knowing_only(value).hits(text) or not is_undone


@pytest.mark.parametrize(
    ("value", "layers"),
    [
        ("11:11;", ["html by numbers", "Pygments for LaTeX"]),
        ("11<11:11", ["Markdown", "Pygments for LaTeX"]),
        ("1\\<11:1é", ["Pygments for LaTeX"]),
        ("11\t11:11", ["folded YAML"]),
    ],
)
def test_an_escape_behind_two_characters_is_found(value: str, layers: list[str]) -> None:
    text = value
    for layer in layers:
        text = ESCAPES[layer](text)

    assert knowing(value).hits(encode(f"<{text}>"))


# What is not promised (docs/guard.md): a fold, an escape of an escape, or a value that
# reads as escapes itself, within the first characters of a value with no word.
LAYER = sorted(set(ESCAPES) - {"folded YAML"})
signs = st.text(st.sampled_from("abc12 ,;.-_+/%&\"'<>#:é密🔑"), min_size=6, max_size=20)


@given(signs, st.sampled_from(LAYER))
def test_what_unescaping_a_whole_text_finds_is_found_by_its_beginning(
    value: str, layer: str
) -> None:
    assume(unescaped(encode(value)) == encode(value))
    anchor = Anchor.of(value, is_free=True)
    assume(anchor.is_bare and len(anchor.value) >= 6 and len(set(value)) > 2)
    data = encode(f"<{ESCAPES[layer](value)}>")
    assume(anchor.value in unescaped(data))

    assert knowing(value).hits(data), (value, data)


@pytest.mark.parametrize("text", ORDINARY.values(), ids=ORDINARY)
@pytest.mark.parametrize("value", VALUES)
def test_an_ordinary_text_is_not_unescaped_for_a_value(
    monkeypatch: pytest.MonkeyPatch, value: str, text: str
) -> None:
    undone: list[int] = []

    def count(data: bytes) -> bytes:
        undone.append(len(data))
        return unescaped(data)

    monkeypatch.setattr(short_runs, "unescaped", count)
    matcher = knowing(value)
    assert not matcher.hits(encode(text))
    assert sum(undone) < len(text) / 20


def test_more_values_than_can_be_told_by_beginnings_are_found_too() -> None:
    values = [f"{n % 10},{n // 10},7,8,9" for n in range(60)]
    matcher = knowing(*values)
    for value in values:
        assert matcher.hits(encode(json.dumps(value.replace(",", "%2c"))))


def test_a_value_is_found_in_a_text_too_large_to_be_unescaped() -> None:
    text = ORDINARY["links"] * 4 + "1%2C2%2C3%2c4%2C5%2C6%2C7" + ORDINARY["links"]
    assert knowing("1,2,3,4,5,6,7").mask(text).count("[REDACTED") == 1


@pytest.mark.parametrize(
    ("value", "line"),
    [("50 % of it", "50 % done of C:\\x, 50 % left\n")],
)
def test_a_sign_that_is_not_an_escape_of_itself_has_no_text_unescaped(
    monkeypatch: pytest.MonkeyPatch, value: str, line: str
) -> None:
    undone = noted(monkeypatch)
    matcher = knowing(value)

    assert not matcher.hits(encode(line * 200))
    assert not undone
    for escape in ("url", "html", "json"):
        assert matcher.hits(encode(json.dumps(ESCAPES[escape](value))))


@pytest.mark.parametrize(
    "value", ["1, 2, 3, 4, 5", "a+b+c+d+e+f", "12 34 56", "'1', '2'", "!?!?!? ab", "a=1&b=2"]
)
@pytest.mark.parametrize(
    "line", ["a log & 5 % of 'it'\\n\n", "<td>1, 2</td>&nbsp;\n", "?a=1&b=%202&c=3\n"]
)
def test_forms_are_found_the_same_in_small_and_large_texts(value: str, line: str) -> None:
    """In large texts covers of the value are searched for, in small ones its beginnings."""
    matcher = Matcher()
    matcher.learn(value)
    around = (line * 4).encode(), (line * 4000).encode()
    for escape in ESCAPES.values():
        form = f" {escape(value)} ".encode()
        small, large = (
            [
                (start - len(each), end - len(each))
                for start, end in matcher.spans(each + form + each)
            ]
            for each in around
        )
        assert large == small
