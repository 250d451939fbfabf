"""Published known answers of account encryption V2, from the official SDK's own tests.

The file is found as `test_vectors.py` tells; it is not copied into the project.
"""

from __future__ import annotations

import base64
import hashlib
import json

import pytest

from bw_magics.crypto import ItemKey, UserKey
from bw_magics.crypto.account_keys import AccountKeys
from bw_magics.crypto.content_type import COSE_KEY, OCTETS, PKCS8
from bw_magics.crypto.cose import cbor
from bw_magics.crypto.cose.aead import XAES_256_GCM, XCHACHA20_POLY1305
from bw_magics.crypto.cose.cose_key import ContentKey, CoseKey, UserKeyV2
from bw_magics.crypto.cose.encrypt0 import Encrypt0
from bw_magics.crypto.cose.envelope import VAULT_ITEM, open_data_envelope
from bw_magics.crypto.cose.sign1 import SECURITY_STATE, SIGNED_PUBLIC_KEY, Sign1
from bw_magics.crypto.cose.signing_key import ED25519, ML_DSA_44, SigningKey, VerifyingKey
from bw_magics.crypto.enc_string import EncString
from bw_magics.crypto.key_id import key_id, thumbprint
from bw_magics.crypto.wrapping import unwrap_content_key
from bw_magics.errors import AuthenticationFailed, CoseMalformed
from tests.crypto.test_vectors import VECTORS, Members, b64, of

CATEGORIES = (
    "account-v2",
    "cose",
    "xaes-256-gcm",
    "key-encoding",
    "key-id",
    "data-envelope",
    "cipher-blob",
    "key-envelope",
    "signature",
)

pytestmark = pytest.mark.vectors

NAMES = {"xchacha": -70000, "xaes": -70010, "a256gcm": 3}


@of("account-v2")
def test_an_account_opens_and_its_state_verifies(given: Members, expected: Members) -> None:
    state = b64(given["security_state_b64"])
    if "user_key_b64" not in given:
        verifying_key = VerifyingKey.parse(b64(given["verifying_key_cose_b64"]))
        payload = Sign1.parse(state).verify(verifying_key, namespace=given["namespace"])
        assert cbor.decode_map(payload)["version"] == expected["version"]
        return
    user_key = UserKeyV2.parse_padded(b64(given["user_key_b64"]))
    private, signing = given["wrapped_private_key"], given["wrapped_signing_key"]
    keys = AccountKeys(
        private_key=private,
        signing_key=signing,
        signed_public_key=given["signed_public_key_b64"],
        security_state=given["security_state_b64"],
    )

    opened = keys.open(user_key)

    assert user_key.aead is XAES_256_GCM
    assert user_key.material.hex() == expected["user_key_raw_hex"]
    assert key_id(user_key) == expected["user_key_id_hex"]
    assert content_type(private) == expected["private_key_content_format"] == PKCS8
    assert content_type(signing) == expected["signing_key_content_format"] == COSE_KEY
    assert opened.security_version == expected["security_state_version"]
    assert opened.is_verified
    digest = hashlib.sha256(opened.private_key.spki).hexdigest()
    assert digest == expected["public_key_spki_sha256_hex"]

    key = SigningKey.parse(user_key.decrypt(EncString.parse(signing), COSE_KEY))
    assert key.algorithm == expected["signing_key_alg"] == ED25519
    assert key.verifying_key.public.hex() == expected["verifying_key_ed25519_hex"]
    signed = Sign1.parse(b64(given["signed_public_key_b64"])).verify(
        key.verifying_key, namespace=SIGNED_PUBLIC_KEY
    )
    assert list(cbor.decode_map(signed)) == expected["signed_public_key_payload_keys"]
    assert str(user_key.decrypt(EncString.parse(private), PKCS8)) != ""
    assert base64.b64encode(bytes(Sign1.parse(state))).decode() == given["security_state_b64"]


def content_type(text: str) -> object:
    return Encrypt0.parse(EncString.parse(text).data).content_type


@of("account-v2")
def test_another_namespace_or_byte_is_refused(given: Members, expected: Members) -> None:
    state = Sign1.parse(b64(given["security_state_b64"]))
    if "user_key_b64" in given:
        user_key = UserKeyV2.parse_padded(b64(given["user_key_b64"]))
        wrapped = EncString.parse(given["wrapped_signing_key"])
        key = SigningKey.parse(user_key.decrypt(wrapped, COSE_KEY)).verifying_key
    else:
        key = VerifyingKey.parse(b64(given["verifying_key_cose_b64"]))
    payload = state.payload or b""
    changed = Sign1(state.protected, state.headers, payload[:-1] + b"\x03", state.signature)

    with pytest.raises(AuthenticationFailed):
        state.verify(key, namespace=SIGNED_PUBLIC_KEY)
    with pytest.raises(AuthenticationFailed):
        changed.verify(key, namespace=SECURITY_STATE)


@of("cose")
def test_a_cose_message_opens_as_published(given: Members, expected: Members) -> None:
    key = CoseKey(
        bytes.fromhex(given["key_hex"]),
        id=bytes.fromhex(given["key_id_hex"]),
        aead=XCHACHA20_POLY1305,
    )
    value = EncString.parse(given["enc_string"])

    assert value.data.hex() == given["cose_encrypt0_hex"]
    assert str(value) == given["enc_string"]
    assert bytes(Encrypt0.parse(value.data)) == value.data
    assert key.aead.number == given["alg"]
    assert expected["content_format"] == OCTETS
    assert key.decrypt(value, OCTETS) == expected["plaintext"].encode()


@of("xaes-256-gcm")
def test_xaes_is_that_of_the_specification(given: Members, expected: Members) -> None:
    key, nonce = bytes.fromhex(given["key_hex"]), given["nonce_ascii"].encode()
    data, associated = given["plaintext"].encode(), given["aad"].encode()

    sealed = XAES_256_GCM.encrypt(key=key, nonce=nonce, data=data, associated=associated)
    opened = XAES_256_GCM.decrypt(key=key, nonce=nonce, data=sealed, associated=associated)

    assert sealed.hex() == expected["ciphertext_and_tag_hex"]
    assert opened == data


@of("key-encoding")
def test_a_key_decodes_and_encodes_as_published(given: Members, expected: Members) -> None:
    encoded = b64(given["encoded_key_b64"])

    key = CoseKey.parse_padded(encoded)

    assert key.aead.number == NAMES[expected["alg"]]
    assert key.id.hex() == expected["key_id_hex"]
    assert key.material.hex() == expected["key_hex"]
    assert sorted(key.operations) == expected["key_ops"]
    assert key.padded == encoded
    if "rfc9679_thumbprint_hex" in expected:
        assert thumbprint(key).hex() == expected["rfc9679_thumbprint_hex"]


@of("key-id")
def test_the_id_of_a_key_of_version_1_is_the_published_one(
    given: Members, expected: Members
) -> None:
    key = UserKey(bytes.fromhex(given["key_hex"]))

    assert thumbprint(key).hex() == expected["rfc9679_thumbprint_hex"]
    assert key_id(key) == expected["key_id_hex"]


@of("data-envelope")
def test_a_data_envelope_opens_as_published(given: Members, expected: Members) -> None:
    key = ContentKey.parse_padded(b64(given["cek_b64"]))
    message = b64(given["envelope_b64"])

    value = open_data_envelope(key, message, content=expected["content_namespace"])

    assert value == expected["decoded"]
    assert Encrypt0.parse(message).content_type == expected["content_type"]
    with pytest.raises(CoseMalformed):
        open_data_envelope(key, message, content=VAULT_ITEM)


@of("cipher-blob")
def test_a_blob_opens_as_published(given: Members, expected: Members) -> None:
    if "data" in given:
        blob = json.loads(given["data"])
        item_key = ItemKey(b64(given["cipher_key_b64"]))
        key = unwrap_content_key(EncString.parse(blob["wrapped_cek"]), under=item_key)
        message = b64(blob["envelope"])
    else:
        key = ContentKey.parse_padded(b64(given["cek_b64"]))
        message = b64(given["envelope_b64"])

    assert open_data_envelope(key, message, content=VAULT_ITEM) == expected["decoded"]


@of("signature")
def test_a_signature_verifies_as_published(given: Members, expected: Members) -> None:
    key = VerifyingKey.parse(bytes.fromhex(given["verifying_key_cose_hex"]))
    if "cose_sign1_hex" in given:
        message = Sign1.parse(bytes.fromhex(given["cose_sign1_hex"]))
        payload = bytes.fromhex(given["payload_hex"])

        assert message.verify(key, namespace=given["namespace"], payload=payload) == payload
        with pytest.raises(AuthenticationFailed):
            message.verify(key, namespace=given["namespace"], payload=payload + b"\x00")
        with pytest.raises(CoseMalformed):
            message.verify(key, namespace=given["namespace"])
        return

    assert key.algorithm == expected["cose_alg"] == ML_DSA_44
    signing_key = SigningKey.parse(bytes.fromhex(given["signing_key_cose_hex"]))
    assert signing_key.verifying_key == key
    if not key.can_verify:
        pytest.skip("this cryptography package has no ML-DSA")
    message_bytes = given["message"].encode()
    key.verify(bytes.fromhex(given["raw_signature_hex"]), message_bytes)
    key.verify(signing_key.sign(message_bytes), message_bytes)
    with pytest.raises(AuthenticationFailed):
        key.verify(bytes.fromhex(given["raw_signature_hex"]), message_bytes + b"!")


@pytest.mark.skipif(not VECTORS, reason="vectors.json is not beside the checkout")
def test_every_category_of_version_2_has_a_vector() -> None:
    assert set(CATEGORIES) <= {vector["category"] for vector in VECTORS.values()}
