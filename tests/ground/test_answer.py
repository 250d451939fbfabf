"""A JSON object is read leniently: both spellings, and never an error."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bw_magics.answer import Answer

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize("name", ["kdfIterations", "KdfIterations"])
def test_a_member_is_found_in_either_spelling(name: str) -> None:
    assert Answer({name: 5}).get("kdfIterations") == 5


def test_a_null_in_one_spelling_gives_way_to_the_other() -> None:
    assert Answer({"key": None, "Key": "2.x"}).text("key") == "2.x"
    assert Answer({"key": "2.y", "Key": "2.x"}).text("key") == "2.y"


@pytest.mark.parametrize(
    ("value", "integer"),
    [
        (5, 5),
        (-5, -5),
        ("600000", 600000),
        (5.0, 5),
        (5.5, None),
        (True, None),
        ("-5", None),
        ("٣", None),
        ("9" * 20, None),
        ("", None),
        (None, None),
        (float("inf"), None),
        (float("nan"), None),
        ([5], None),
    ],
)
def test_a_whole_number_may_come_as_text(value: object, integer: int | None) -> None:
    assert Answer({"count": value}).integer("count") == integer


@pytest.mark.parametrize(
    ("value", "text"), [("x", "x"), ("", None), (5, None), (None, None), (["x"], None)]
)
def test_an_empty_text_is_missing(value: object, text: str | None) -> None:
    assert Answer({"name": value}).text("name") == text


@pytest.mark.parametrize("value", [1, "true", None, [True], False])
def test_only_true_is_true(value: object) -> None:
    assert Answer({"flag": value}).truth("flag") is False
    assert Answer({"flag": True}).truth("flag") is True


def test_lists_give_what_fits_and_pass_over_the_rest() -> None:
    answer = Answer({"Parts": [{"id": 1}, None, "text", {"Id": 2}, 5]})
    assert [part.integer("id") for part in answer.objects("parts")] == [1, 2]
    assert answer.texts("parts") == ("text",)


@given(JSON, st.text(min_size=1))
def test_any_json_can_be_asked_for_anything(value: Any, name: str) -> None:
    for answer in (Answer(value), Answer({name: value})):
        text, integer = answer.text(name), answer.integer(name)
        assert text is None or (isinstance(text, str) and text)
        assert integer is None or type(integer) is int
        assert isinstance(answer.truth(name), bool)
        assert isinstance(answer.object(name), Answer)
        assert all(isinstance(part, Answer) for part in answer.objects(name))
        assert all(isinstance(part, str) for part in answer.texts(name))


def test_its_repr_shows_names_and_no_values() -> None:
    assert repr(Answer({"Key": "canary", "Kdf": 0})) == "Answer(Kdf, Key)"
    assert not Answer(None)
    assert not Answer(["canary"])
