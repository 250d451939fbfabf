"""What may come from the browser, read strictly."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bw_magics.notebook.panels.page_message import (
    LONGEST_VALUE,
    Cancelled,
    Loaded,
    Ready,
    Shown,
    Submitted,
    read_message,
    read_values,
)
from bw_magics.notebook.panels.sealing import to_base64

POINT, IV, NONCE = to_base64(b"p" * 65), to_base64(b"i" * 12), to_base64(b"n" * 16)
SEALED = {"key": POINT, "iv": IV, "data": to_base64(b"d" * 272)}

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)
members = st.fixed_dictionaries(
    {},
    optional={
        "t": st.sampled_from(["loaded", "ready", "cancel", "shown", "submit", "other"]) | anything,
        "nonce": st.just(NONCE) | anything,
        "sealed": st.just(SEALED)
        | st.fixed_dictionaries({"key": anything, "iv": st.just(IV), "data": anything})
        | anything,
        "clear": st.dictionaries(st.text(), anything) | anything,
        "key": st.just(POINT) | anything,
        "hidden": anything,
        "ok": anything,
    },
)


@given(anything | members)
def test_anything_is_a_message_or_none(content: Any) -> None:
    message = read_message(content)

    assert message is None or isinstance(message, Loaded | Ready | Cancelled | Shown | Submitted)
    if isinstance(message, Submitted):
        assert (message.sealed is None) != (message.clear is None)
        assert message.nonce == content["nonce"]
    if isinstance(message, Ready):
        assert message.key is None or len(message.key) == 65


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ({"t": "loaded"}, Loaded(False)),
        ({"t": "loaded", "hidden": True}, Loaded(True)),
        ({"t": "loaded", "hidden": "yes"}, Loaded(False)),
        ({"t": "ready"}, Ready()),
        ({"t": "ready", "key": POINT}, Ready(b"p" * 65)),
        ({"t": "ready", "key": IV}, Ready()),
        ({"t": "cancel"}, Cancelled()),
        ({"t": "shown", "ok": True}, Shown(True)),
        ({"t": "submit", "nonce": NONCE, "clear": {"a": "b"}}, Submitted(NONCE, clear={"a": "b"})),
        ({"t": "submit", "nonce": NONCE}, None),
        ({"t": "submit", "nonce": NONCE, "clear": {}, "sealed": SEALED}, None),
        ({"t": "submit", "nonce": 5, "sealed": SEALED}, None),
        ({"t": "submit", "nonce": "é", "sealed": SEALED}, None),
        ({"t": "submit", "nonce": NONCE, "sealed": {**SEALED, "iv": POINT}}, None),
        ({"t": "submit", "nonce": NONCE, "sealed": {**SEALED, "data": "?"}}, None),
        ({"t": ["submit"]}, None),
        ("submit", None),
    ],
)
def test_each_kind(content: object, expected: object) -> None:
    assert read_message(content) == expected


def test_no_repr_shows_the_typed_text() -> None:
    message = read_message({"t": "submit", "nonce": NONCE, "clear": {"master_password": "hunter2"}})

    assert "hunter2" not in repr(message)


@given(st.binary() | st.dictionaries(st.text(), anything))
def test_values_are_texts_or_refused(plain: Any) -> None:
    refusal: ValueError | None = None
    values: dict[str, str] = {}
    try:
        values = read_values(plain, ["a", "b"])
    except ValueError as refused:
        refusal = refused

    assert set(values) <= {"a", "b"}
    assert all(isinstance(value, str) and value for value in values.values())
    if refusal is not None:
        told = ("not JSON", "not an object", "not a text of reasonable length")
        assert str(refusal) in told
        assert refusal.__context__ is None


def test_only_the_asked_names_are_taken() -> None:
    plain = json.dumps({"a": "1", "b": "", "c": "3"}).encode() + b"   "

    assert read_values(plain, ["a", "b"]) == {"a": "1"}
    with pytest.raises(ValueError, match="length"):
        read_values({"a": "x" * (LONGEST_VALUE + 1)}, ["a"])
    with pytest.raises(ValueError, match="JSON"):
        read_values(b"[" * 100_000, ["a"])
