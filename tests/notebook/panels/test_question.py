"""The typed answers, before they are used."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bw_magics.client.identity import ApiKey
from bw_magics.notebook.panels.question import (
    CLIENT_ID,
    CLIENT_SECRET,
    MASTER_PASSWORD,
    both_halves,
    tidied,
)
from bw_magics.secret import Secret

# The form's own rule is tested with the same texts.
PASTED = json.loads(Path(__file__).with_name("pasted_keys.json").read_text(encoding="utf-8"))
ID: str = PASTED["client_id"]
SECRET: str = PASTED["client_secret"]
ALL = (CLIENT_ID, CLIENT_SECRET, MASTER_PASSWORD)


def pasted(kind: str) -> list[str]:
    texts: list[str] = PASTED[kind]
    return [text.replace("<id>", ID).replace("<secret>", SECRET) for text in texts]


@pytest.mark.parametrize("text", pasted("both halves"))
@pytest.mark.parametrize("field", ["client_id", "client_secret"])
def test_both_halves_in_one_field(text: str, field: str) -> None:
    assert both_halves(text) == (ID, SECRET)
    assert tidied({field: text}, ALL)["client_id"] == ID
    assert tidied({field: text}, ALL)["client_secret"] == SECRET


@pytest.mark.parametrize("text", pasted("anything else"))
def test_anything_else_is_left_as_it_is(text: str) -> None:
    assert both_halves(text) is None
    assert tidied({"client_id": text, "client_secret": "s"}, ALL)["client_id"] == text


@given(st.text())
def test_a_master_password_is_taken_as_it_is(password: str) -> None:
    values = tidied({"client_id": " a ", "client_secret": "b\n", "master_password": password}, ALL)

    assert values == {"client_id": "a", "client_secret": "b", "master_password": password}
    assert all(isinstance(value, Secret) for value in values.values())
    assert repr(values["client_secret"]) == "•••••••• client_secret"


@given(st.text())
def test_no_text_is_too_strange(text: str) -> None:
    halves = both_halves(text)

    assert halves is None or all(halves)


@pytest.mark.parametrize("around", ["{}", " {} ", "'{}'", '"{}"', "“{}”", ' "{}" \n', "\t`{}`"])
def test_the_login_finds_nothing_to_clean_in_what_the_form_gives(around: str) -> None:
    typed = {"client_id": around.format(ID), "client_secret": around.format(SECRET)}

    answers = tidied(typed, (CLIENT_ID, CLIENT_SECRET))
    key = ApiKey.parse(client_id=answers["client_id"], client_secret=answers["client_secret"])

    assert (key.client_id, key.client_secret) == tuple(answers.values())
    assert key.client_secret == SECRET
