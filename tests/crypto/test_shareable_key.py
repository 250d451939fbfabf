"""The key of an access token, against the official SDK's known answers where they are."""

from __future__ import annotations

import base64
import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bw_magics.client.access_token import AccessToken
from bw_magics.client.claims import read_claims
from bw_magics.crypto import EncString
from bw_magics.crypto.shareable_key import payload_key, shareable_key
from bw_magics.errors import AccessTokenInvalid, AuthenticationFailed

BESIDE = Path(__file__).parents[3] / "shared" / "vectors-writing.json"
VECTORS = Path(os.environ.get("BW_MAGICS_WRITING_VECTORS") or BESIDE)


def published(category: str) -> dict[str, dict[str, Any]]:
    found = json.loads(VECTORS.read_text())["vectors"]
    return {each["id"]: each for each in found if each["category"] == category}


needs_vectors = pytest.mark.skipif(
    not VECTORS.exists(), reason="no published vectors beside the checkout"
)


@given(st.binary(min_size=16, max_size=16))
def test_a_payload_opens_with_the_key_of_its_own_token_only(seed: bytes) -> None:
    sealed = payload_key(seed).encrypt_text("the key of an organisation")

    assert payload_key(seed).decrypt_text(sealed) == "the key of an organisation"
    other = bytes([seed[0] ^ 1, *seed[1:]])
    with pytest.raises(AuthenticationFailed):
        payload_key(other).decrypt_text(sealed)


@given(st.binary(max_size=40).filter(lambda seed: len(seed) != 16))
def test_a_secret_of_another_length_is_refused(seed: bytes) -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        shareable_key(seed, name="accesstoken")


@pytest.mark.vectors
@needs_vectors
def test_shareable_keys_as_published() -> None:
    vectors = published("hkdf-share-key")
    assert len(vectors) == 2
    for vector in vectors.values():
        given = vector["inputs"]
        key = shareable_key(given["secret_ascii"].encode(), name=given["name"], info=given["info"])
        assert base64.b64encode(key).decode() == vector["expected"]["key_b64"], vector["id"]


@pytest.mark.vectors
@needs_vectors
def test_access_tokens_as_published() -> None:
    vectors = published("secrets-manager")
    expected = vectors["sm.token"]["expected"]
    token = AccessToken.parse(vectors["sm.token"]["inputs"]["access_token"])
    key = base64.b64encode(payload_key(token.seed).material).decode()
    assert (token.id, str(token.client_secret)) == (expected["id"], expected["client_secret"])
    assert key == expected["payload_key_b64"]

    malformed = vectors["sm.token.malformed"]
    for text, valid in zip(
        malformed["inputs"]["tokens"], malformed["expected"]["valid"], strict=True
    ):
        if valid:
            AccessToken.parse(text)
            continue
        with pytest.raises(AccessTokenInvalid):
            AccessToken.parse(text)


@pytest.mark.vectors
@needs_vectors
def test_a_payload_as_published() -> None:
    vector = published("secrets-manager")["sm.payload"]
    token = AccessToken.parse(vector["inputs"]["access_token"])
    plain = payload_key(token.seed).decrypt(EncString.parse(vector["inputs"]["encrypted_payload"]))
    payload = json.loads(plain)
    assert [*payload] == vector["expected"]["payload_members"]
    assert len(base64.b64decode(payload["encryptionKey"])) == vector["expected"]["key_length"]
    claims = read_claims(vector["inputs"]["jwt"])
    assert claims.text("organization") == vector["expected"]["organization"]
