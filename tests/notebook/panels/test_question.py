"""What was typed, before it is used."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bw_magics.notebook.panels.question import (
    CLIENT_ID,
    CLIENT_SECRET,
    MASTER_PASSWORD,
    both_halves,
    tidied,
)
from bw_magics.secret import Secret

ID = "user.8f0b3c1e-5d52-4c1c-9f0d-4b1f7a3f2a10"
SECRET = "aB3dE6gH9jK2mN5pQ8sT1vW4xY7zA0"
ALL = (CLIENT_ID, CLIENT_SECRET, MASTER_PASSWORD)


@pytest.mark.parametrize(
    "text",
    [
        f"{ID} {SECRET}",
        f"{ID}\n{SECRET}\n",
        f"{SECRET} {ID}",
        f"{ID}{SECRET}",
        f"client_id: {ID}\nclient_secret: {SECRET}",
        f"client_id:{ID}client_secret:{SECRET}scope:apigrant_type:client_credentials",
        f"client_id\n{ID}\nclient_secret\n{SECRET}\nscope\napi\ngrant_type\nclient_credentials\n",
        f"BW_CLIENTID={ID}\nBW_CLIENTSECRET={SECRET}",
        f"BW_CLIENTID='{ID}' BW_CLIENTSECRET=\"{SECRET}\"",
        f'{{"client_id": "{ID}", "client_secret": "{SECRET}"}}',
        f"export BW_CLIENTID={ID}; export BW_CLIENTSECRET={SECRET}",
    ],
)
@pytest.mark.parametrize("field", ["client_id", "client_secret"])
def test_both_halves_in_one_field(text: str, field: str) -> None:
    assert both_halves(text) == (ID, SECRET)
    assert tidied({field: text}, ALL)["client_id"] == ID
    assert tidied({field: text}, ALL)["client_secret"] == SECRET


@pytest.mark.parametrize("text", ["", ID, SECRET, f"{ID} two words", f"user.1 {SECRET}"])
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
