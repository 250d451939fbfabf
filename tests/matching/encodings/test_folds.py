"""A text with a fold in each line is told apart from one in which a value is folded."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bw_magics.matching.encodings.escapes import FOLD, Unescaped
from bw_magics.matching.encodings.folds import Folds
from bw_magics.matching.matcher import Matcher

np = pytest.importorskip("numpy")

WORDS = ["a", "ab", "1,", "2", "x1", "2024-01", "'a'", "10:00", "<b>"]
BLANKS = [" ", "\n", "  ", "\t", " \n", "+"]
FOLDS = ["\n  ", "\r\n  ", " \n   ", "+\n  ", "\t\n  ", "\n\n  ", "\n  \n  ", "\n" + " " * 90]
values = st.lists(st.tuples(st.sampled_from(WORDS), st.sampled_from(BLANKS)), min_size=2).map(
    lambda pairs: "".join(map("".join, pairs)).strip()
)
others = st.lists(st.sampled_from([*WORDS, *BLANKS, *FOLDS, ""])).map("".join)


def folds_of(value: bytes) -> Folds:
    folds = Folds()
    folds.learn(Unescaped.of(value).data)
    return folds


@given(values, others, others, st.data())
def test_a_folded_value_is_never_passed_over(
    value: str, before: str, behind: str, data: st.DataObject
) -> None:
    folded = "".join(
        data.draw(st.sampled_from([each, *FOLDS])) if each in " \n\t" else each for each in value
    )
    text = (before + folded + behind).encode()
    view = Unescaped.of(text)
    plain = Unescaped.of(value.encode()).data
    place = view.data.find(plain)
    begin, end = view.original(place, place + len(plain)) if place >= 0 else (0, 0)

    # Behind the last word of a value a fold hides nothing: its bytes are there as they are.
    if FOLD in text[begin:end].strip(b" \t\r\n+"):
        assert folds_of(value.encode()).are_in(text)


@pytest.mark.parametrize("lines", [3, 100, 1000])
@pytest.mark.parametrize(
    ("value", "line"),
    [
        (b"1, 2, 3, 4, 5", b"0.%d1, 0.2,\n       "),
        (b"2024-01-15 10:00x", b"'2024-01-%d 10:00:07',\n       "),
        (b'"name": "value"', b'"name": %d,\n    "value": 1,\n    '),
        (b"row 12 12.34", b"row 11 12.34 %d\n   12 "),
        (b"a b c d e", b"a b c%d d e\n  "),
    ],
)
def test_the_words_on_either_side_of_a_fold_count(value: bytes, line: bytes, lines: int) -> None:
    text = b"[" + b"".join(line.replace(b"%d", str(n).encode()) for n in range(lines)) + b"]"
    blank = value.index(b" ")
    folded = value[:blank] + b"\n     " + value[blank + 1 :]

    assert not folds_of(value).are_in(text)
    assert folds_of(value).are_in(text + b" " + folded + b" " + text)


@pytest.mark.parametrize("size", [100, 1 << 17])
def test_a_folded_value_is_masked_in_texts_of_any_size(size: int) -> None:
    matcher = Matcher()
    matcher.learn("1, 2, 3, 4, 5")
    rows = b"0.51, 0.52,\n       " * (size // 19)

    assert not matcher.spans(rows)
    assert [end - start for start, end in matcher.spans(rows + b"1, 2,\n   3, 4, 5" + rows)] == [16]
