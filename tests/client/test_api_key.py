"""Which API keys are taken, which are not, and that none is ever repeated."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bw_magics.client import ApiKey
from bw_magics.errors import (
    ClientIdInvalid,
    CredentialsError,
    CredentialsMissing,
    OrganizationApiKey,
)
from tests.client.conftest import CLIENT_ID, CLIENT_SECRET, USER_ID, assert_silent


@pytest.mark.parametrize(
    ("client_id", "client_secret"),
    [
        pytest.param(CLIENT_ID, CLIENT_SECRET, id="plain"),
        pytest.param(f"  {CLIENT_ID}\n", f"\t{CLIENT_SECRET} ", id="white space"),
        pytest.param(f'"{CLIENT_ID}"', f"'{CLIENT_SECRET}'", id="quotes"),
        pytest.param(f" “{CLIENT_ID}” ", f" “ {CLIENT_SECRET} ” ", id="typographic quotes"),
        pytest.param(f"USER.{USER_ID}", CLIENT_SECRET, id="upper-case prefix"),
    ],
)
def test_white_space_and_quotes_do_no_harm(client_id: str, client_secret: str) -> None:
    key = ApiKey.parse(client_id=client_id, client_secret=client_secret)
    assert (key.client_id, key.client_secret) == (CLIENT_ID, CLIENT_SECRET)
    assert key.user_id == USER_ID
    assert CLIENT_SECRET not in repr(key.client_secret)


@pytest.mark.parametrize(
    ("client_id", "kind", "words"),
    [
        pytest.param(
            f"organization.{USER_ID}", OrganizationApiKey, "begins with user.", id="organisation"
        ),
        pytest.param(
            f"Organization.{USER_ID}", OrganizationApiKey, "cannot read a vault", id="Organisation"
        ),
        pytest.param(USER_ID, ClientIdInvalid, "user.xxxx", id="no prefix"),
        pytest.param(f"user {USER_ID}", ClientIdInvalid, "user.xxxx", id="space for the dot"),
        pytest.param(CLIENT_ID[:-3], ClientIdInvalid, "user.xxxx", id="cut off"),
        pytest.param(CLIENT_ID + "x", ClientIdInvalid, "user.xxxx", id="too long"),
        pytest.param(CLIENT_SECRET, ClientIdInvalid, "user.xxxx", id="the secret"),
        pytest.param("someone@example.org", ClientIdInvalid, "user.xxxx", id="e-mail"),
        pytest.param('""', CredentialsMissing, "client_id is empty", id="empty quotes"),
    ],
)
def test_other_ids_are_refused_with_what_a_right_one_looks_like(
    client_id: str, kind: type[CredentialsError], words: str
) -> None:
    with pytest.raises(CredentialsError) as caught:
        ApiKey.parse(client_id=client_id, client_secret=CLIENT_SECRET)
    assert type(caught.value) is kind
    assert words in str(caught.value)
    assert "Settings → Security → Keys" in str(caught.value)
    assert client_id == '""' or client_id not in str(caught.value)


def test_an_empty_secret_is_missing() -> None:
    with pytest.raises(CredentialsMissing, match="client_secret is empty"):
        ApiKey.parse(client_id=CLIENT_ID, client_secret=" '' ")


@given(st.text() | st.text().map(lambda t: f"user.{t}"), st.text(min_size=1))
def test_any_text_is_a_key_or_one_error(client_id: str, client_secret: str) -> None:
    problem: CredentialsError | None = None
    try:
        key = ApiKey.parse(client_id=client_id, client_secret=client_secret)
    except CredentialsError as error:
        problem = error
    if problem is None:
        assert key.client_id.lower() in client_id.lower()
        return
    assert_silent(problem)
    for typed in (client_id, client_secret):
        assert len(typed) < 8 or typed not in str(problem)
