"""Published known answers, from the official SDK's own tests.

The file lies beside the checkout, as `../shared/vectors.json`, or where BW_MAGICS_VECTORS says.
Where it is absent these tests are skipped with the reason; it is not copied into the project.
"""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization

from bw_magics.crypto import (
    Argon2id,
    AttachmentKey,
    EncString,
    ItemKey,
    Kdf,
    MasterKey,
    MasterPasswordUnlock,
    OrganizationKey,
    Pbkdf2,
    PrivateKey,
    StretchedMasterKey,
    UserKey,
    decrypt_file,
    encrypt_file,
)
from bw_magics.crypto.uri_checksum import uri_checksum, uri_fits
from bw_magics.errors import (
    AuthenticationFailed,
    BitwardenError,
    EncryptionUnsupported,
    EncStringMalformed,
    KdfRefused,
)

BESIDE = Path(__file__).parents[3] / "shared" / "vectors.json"
PATH = Path(os.environ.get("BW_MAGICS_VECTORS") or BESIDE)

# What version 1 of account encryption needs. The other categories belong to account encryption
# V2, Send, fingerprints and TOTP, and are tried where those live.
CATEGORIES = (
    "kdf",
    "kdf-reject",
    "stretch",
    "master-password-hash",
    "user-key",
    "account",
    "key-connector",
    "encstring",
    "encstring-reject",
    "rsa",
    "attachment",
    "cipher",
    "uri-checksum",
)

pytestmark = pytest.mark.vectors

Members = dict[str, Any]


def _read() -> dict[str, Members]:
    if not PATH.is_file():
        return {}
    vectors = json.loads(PATH.read_text(encoding="utf-8"))["vectors"]
    return {vector["id"]: vector for vector in vectors}


VECTORS = _read()


def of(category: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Runs a test once for each vector of a category; once, to skip, where there is no file."""
    chosen = [v for v in VECTORS.values() if v["category"] == category]
    absent = pytest.param(
        {},
        {},
        id="absent",
        marks=pytest.mark.skip(reason="vectors.json is not beside the checkout"),
    )
    return pytest.mark.parametrize(
        ("given", "expected"),
        [pytest.param(v["inputs"], v["expected"], id=v["id"]) for v in chosen] or [absent],
    )


def kdf(given: Members) -> Kdf:
    if given["kdf"] == "pbkdf2-sha256":
        return Pbkdf2(given["iterations"])
    assert given["kdf"] == "argon2id"
    return Argon2id(given["iterations"], given["memory_mib"], given["parallelism"])


def salt(given: Members) -> str:
    text = given.get("salt") or given.get("email") or given["email_as_typed"]
    assert isinstance(text, str)
    return text


def derive(given: Members) -> MasterKey:
    return kdf(given).derive(password=given["password"], salt=salt(given))


def b64(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


@of("kdf")
def test_the_master_key_is_the_published_one(given: Members, expected: Members) -> None:
    assert derive(given).material.hex() == expected["master_key_hex"]


@of("kdf-reject")
def test_a_derivation_that_official_clients_refuse_is_refused(
    given: Members, expected: Members
) -> None:
    with pytest.raises(KdfRefused):
        kdf(given).derive(password="p", salt="s")


@of("stretch")
def test_the_stretched_key_is_the_published_one(given: Members, expected: Members) -> None:
    stretched = MasterKey(bytes.fromhex(given["master_key_hex"])).stretch()

    assert isinstance(stretched, StretchedMasterKey)
    assert stretched.material.hex() == expected["enc_key_hex"] + expected["mac_key_hex"]


@of("master-password-hash")
def test_the_master_password_hash_is_the_published_one(given: Members, expected: Members) -> None:
    assert given["hash_iterations"] == 1
    assert derive(given).password_hash(password=given["password"]) == expected["hash_b64"]


@of("user-key")
def test_a_legacy_user_key_opens_with_the_unstretched_master_key(
    given: Members, expected: Members
) -> None:
    unlock = MasterPasswordUnlock(
        kdf(given), salt(given), EncString.parse(given["protected_user_key"])
    )

    user_key = unlock.open(unlock.derive(password=given["password"]))

    assert user_key.material.hex() == expected["enc_key_hex"] + expected["mac_key_hex"]


@of("account")
def test_an_account_opens_from_password_to_organization_key(
    given: Members, expected: Members
) -> None:
    unlock = MasterPasswordUnlock(
        kdf(given), salt(given), EncString.parse(given["protected_user_key"])
    )
    master_key = unlock.derive(password=given["password"])

    user_key = unlock.open(master_key)
    private_key = PrivateKey.from_pkcs8(
        user_key.decrypt(EncString.parse(given["protected_private_key"]))
    )
    organization_key = OrganizationKey(
        private_key.unwrap(EncString.parse(given["protected_org_key"]))
    )

    assert user_key == UserKey(b64(expected["user_key_b64"]))
    assert private_key.spki == b64(expected["public_key_spki_b64"])
    assert organization_key == OrganizationKey(b64(expected["org_key_b64"]))
    assert (
        master_key.password_hash(password=given["password"])
        == (expected["master_password_hash_b64"])
    )


@of("account")
def test_another_password_does_not_open_the_account(given: Members, expected: Members) -> None:
    unlock = MasterPasswordUnlock(
        kdf(given), salt(given), EncString.parse(given["protected_user_key"])
    )

    with pytest.raises(AuthenticationFailed):
        unlock.open(unlock.derive(password=given["password"] + " "))


@of("key-connector")
def test_a_key_connector_holds_the_master_key(given: Members, expected: Members) -> None:
    assert derive(given) == MasterKey(b64(expected["key_connector_key_b64"]))


@of("encstring")
def test_an_encrypted_string_reads_as_published(given: Members, expected: Members) -> None:
    value = EncString.parse(given["enc_string"])

    assert str(value) == given["enc_string"]
    if "buffer_hex" in expected:
        assert (b"\x02" + value.iv + value.mac + value.data).hex() == expected["buffer_hex"]
    else:
        key = UserKey(bytes.fromhex(given["key_hex"]))
        assert value.iv.hex() == given["iv_hex"]
        assert key.decrypt_text(given["enc_string"]) == expected["plaintext"]


@of("encstring-reject")
def test_an_encrypted_string_that_official_clients_refuse_is_refused(
    given: Members, expected: Members
) -> None:
    material = bytes.fromhex(given["key_hex"]) if "key_hex" in given else b64(given["key_b64"])
    refusal: type[BitwardenError] = {
        "wrong key type": EncryptionUnsupported,
        "not supported": EncStringMalformed,  # a 32-byte key cannot even be made
        "MAC mismatch": AuthenticationFailed,
    }[expected["error"]]

    with pytest.raises(refusal):
        UserKey(material).decrypt_text(given["enc_string"])


@of("rsa")
def test_a_key_wrapped_for_a_key_pair_unwraps_as_published(
    given: Members, expected: Members
) -> None:
    der = serialization.load_pem_private_key(
        given["private_key_pem"].encode(), password=None
    ).private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )

    material = PrivateKey.from_pkcs8(der).unwrap(EncString.parse(given["enc_string"]))

    assert material == b64(expected["symmetric_key_b64"])


@of("attachment")
def test_an_attachment_opens_from_user_key_to_contents(given: Members, expected: Members) -> None:
    user_key = UserKey(b64(given["user_key_b64"]))

    item_key = ItemKey(user_key.decrypt(EncString.parse(given["cipher_key"])))
    attachment_key = AttachmentKey(item_key.decrypt(EncString.parse(given["attachment_key"])))
    contents = decrypt_file(attachment_key, b64(given["file_b64"]))

    assert item_key == ItemKey(b64(expected["cipher_item_key_b64"]))
    assert attachment_key == AttachmentKey(b64(expected["attachment_key_b64"]))
    assert contents == b64(expected["contents_b64"])
    assert decrypt_file(attachment_key, encrypt_file(attachment_key, contents)) == contents


@of("cipher")
def test_the_fields_of_an_item_read_as_published(given: Members, expected: Members) -> None:
    key = ItemKey(b64(given.get("key_b64") or given["user_key_b64"]))
    encrypted = {
        "plaintext" if name == "enc_string" else name: value
        for name, value in given.items()
        if not name.endswith("key_b64")
    }

    assert {name: key.decrypt_text(value) for name, value in encrypted.items()} == expected


@of("uri-checksum")
def test_the_checksum_of_a_uri_is_the_published_one(given: Members, expected: Members) -> None:
    assert uri_checksum(given["uri"]) == expected["checksum_b64"]
    assert uri_fits(given["uri"], expected["checksum_b64"])


@pytest.mark.skipif(not VECTORS, reason="vectors.json is not beside the checkout")
def test_every_category_of_version_1_has_a_vector() -> None:
    assert set(CATEGORIES) <= {vector["category"] for vector in VECTORS.values()}
