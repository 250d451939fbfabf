"""Access tokens: what is read, and what is refused with the part that is wrong."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bw_magics.client.access_token import AccessToken
from bw_magics.errors import AccessTokenInvalid, BitwardenError, CredentialsMissing

ID = "ec2c1d46-6a4b-4751-a310-af9601317f2d"
SECRET = "madeUpSecretOfNobody0123456789"
SEED = base64.b64encode(bytes(range(16))).decode()
TOKEN = f"0.{ID}.{SECRET}:{SEED}"


@pytest.mark.parametrize(
    "written",
    [
        TOKEN,
        f"  {TOKEN}\n",
        f'"{TOKEN}"',
        f"'{TOKEN}'",
        f"“{TOKEN}”",
        f"\ufeff{TOKEN}",
        f" \ufeff '{TOKEN}' \r\n",
        TOKEN.rstrip("="),
        f"0.{ID.upper()}.{SECRET}:{SEED}",
    ],
)
def test_a_token_is_read_as_people_copy_it(written: str) -> None:
    token = AccessToken.parse(written)

    assert (token.id, str(token.client_secret), token.seed) == (ID, SECRET, bytes(range(16)))


WRONG = {
    "another version": (f"1.{ID}.{SECRET}:{SEED}", "another version than 0"),
    "no version": (f"{ID}.{SECRET}:{SEED}", "three parts"),
    "a part too many": (f"0.{ID}.{SECRET}.x:{SEED}", "three parts"),
    "a dot for the colon": (f"0.{ID}.{SECRET}.{SEED}", "no colon"),
    "cut off at the colon": (f"0.{ID}.{SECRET}", "no colon"),
    "cut off behind the colon": (f"0.{ID}.{SECRET}:", "key of 0 bytes"),
    "cut off in the key": (f"0.{ID}.{SECRET}:{SEED[:12]}", "key of 9 bytes"),
    "a key that is too long": (
        f"0.{ID}.{SECRET}:{base64.b64encode(bytes(17)).decode()}",
        "key of 17 bytes",
    ),
    "a key that is not base64": (f"0.{ID}.{SECRET}:X8vb!A0bduihIDe/qrzIQQ==", "not base64"),
    "a key in another alphabet": (f"0.{ID}.{SECRET}:X8vbvA0bduih-De_qrzIQQ==", "not base64"),
    "a wrong id": (f"0.ec2c1d46.{SECRET}:{SEED}", "an id in its second part"),
    "a letter too many in the id": (f"0.{ID}0.{SECRET}:{SEED}", "an id in its second part"),
    "no secret": (f"0.{ID}.:{SEED}", "no client secret"),
    "a line break inside": (f"0.{ID}.{SECRET[:9]}\n{SECRET[9:]}:{SEED}", "a line break inside"),
    "a blank inside": (f"0.{ID}.{SECRET}: {SEED}", "blank"),
    "an API key": (f"user.{ID}", "client_id of an API key"),
    "an organisation's API key": (f"organization.{ID}", "client_id of an API key"),
    "a password": ("correct horse battery staple", "blank"),
    "far too long": ("0." + "x" * 5000, "too long"),
}


@pytest.mark.parametrize(("text", "why"), WRONG.values(), ids=WRONG)
def test_another_text_is_refused_with_the_part_that_is_wrong(text: str, why: str) -> None:
    with pytest.raises(AccessTokenInvalid, match=why) as caught:
        AccessToken.parse(text)
    assert SECRET[:8] not in str(caught.value)
    assert ID not in str(caught.value)
    assert SEED[:8] not in str(caught.value)


@pytest.mark.parametrize("text", ["", "  ", "''", "\ufeff", "\n"])
def test_an_empty_token_is_missing(text: str) -> None:
    with pytest.raises(CredentialsMissing):
        AccessToken.parse(text)


@given(st.text(max_size=120) | st.text("0.:-abcdef9=/ \n", max_size=120))
def test_any_text_is_a_token_or_one_error(text: str) -> None:
    said = ""
    try:
        AccessToken.parse(text)
    except BitwardenError as error:
        said = str(error)
    assert len(text) < 12 or text not in said


@given(st.binary(min_size=16, max_size=16), st.from_regex(r"[A-Za-z0-9]{1,60}", fullmatch=True))
def test_every_token_that_a_server_can_make_is_read(seed: bytes, secret: str) -> None:
    token = AccessToken.parse(f"0.{ID}.{secret}:{base64.b64encode(seed).decode()}")

    assert (token.seed, str(token.client_secret)) == (seed, secret)
    assert repr(token) == "<AccessToken>"
