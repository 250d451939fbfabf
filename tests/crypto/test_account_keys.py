"""The signed state of an account: decrypted, verified, and refused for every defect."""

from __future__ import annotations

import contextlib
import copy
import pickle
from collections.abc import Callable
from unittest import mock

import cbor2
import pytest
from cryptography.exceptions import UnsupportedAlgorithm
from hypothesis import example, given
from hypothesis import strategies as st

from bw_magics.answer import Answer
from bw_magics.crypto import AccountKeys
from bw_magics.crypto.cose import signing_key as signing
from bw_magics.crypto.cose.cose_key import UserKeyV2
from bw_magics.crypto.cose.sign1 import SECURITY_STATE, Sign1
from bw_magics.crypto.cose.signing_key import ED25519, ML_DSA_44, SigningKey, VerifyingKey
from bw_magics.errors import (
    CoseMalformed,
    CryptographyError,
    EncryptionUnsupported,
    SecurityStateRefused,
)
from tests import account_v2 as writer

HAS_ML_DSA = signing._ml_dsa() is not None
SIGNATURES = [
    pytest.param(ED25519, id="Ed25519"),
    pytest.param(
        ML_DSA_44,
        id="ML-DSA-44",
        marks=pytest.mark.skipif(not HAS_ML_DSA, reason="this cryptography has no ML-DSA"),
    ),
]


def user_key(account: writer.Account) -> UserKeyV2:
    assert isinstance(account.user_key, writer.CoseKey)
    return UserKeyV2.parse_padded(account.user_key.padded)


def keys(account: writer.Account) -> AccountKeys:
    return AccountKeys.read(Answer({"accountKeys": account.account_keys}))


@pytest.mark.parametrize("algorithm", [writer.XCHACHA, writer.XAES])
@pytest.mark.parametrize("signature", SIGNATURES)
def test_an_account_of_another_writer_opens(algorithm: int, signature: int) -> None:
    account = writer.Account(algorithm, signature)

    opened = keys(account).open(user_key(account))

    assert opened.private_key.spki == writer.spki()
    assert opened.security_version == 2
    assert opened.is_verified
    assert "2" in repr(opened)
    for spread in (pickle.dumps, copy.copy):
        with pytest.raises(TypeError, match="not pickled"):
            spread(opened)


def test_a_missing_signed_public_key_is_tolerated() -> None:
    account = writer.Account()
    account.changes = {"publicKeyEncryptionKeyPair.signedPublicKey": None}

    assert keys(account).open(user_key(account)).security_version == 2


def test_later_versions_are_read() -> None:
    account = writer.Account()
    account.version = 7

    assert keys(account).open(user_key(account)).security_version == 7


def changed(message: bytes, at: int = -1) -> str:
    data = bytearray(message)
    data[at] ^= 1
    return writer.b64(bytes(data))


STATE = "securityState.securityState"
SIGNED = "publicKeyEncryptionKeyPair.signedPublicKey"
PRIVATE = "publicKeyEncryptionKeyPair.wrappedPrivateKey"
SIGNING = "signatureKeyPair.wrappedSigningKey"
OTHER = writer.Signer()

Change = Callable[[writer.Account], object]


def sealed(account: writer.Account, data: bytes, type: int | str) -> str:
    assert isinstance(account.user_key, writer.CoseKey)
    return account.user_key.value(data, type)


@pytest.mark.parametrize(
    ("what", "path", "change"),
    [
        ("a tampered signature", STATE, lambda a: changed(a.state)),
        ("a truncated signature", STATE, lambda a: writer.b64(a.state[:-1])),
        (
            "a signature that is too short",
            STATE,
            lambda a: writer.b64(writer.cbor([*cbor2.loads(a.state)[:3], bytes(63)])),
        ),
        (
            "no signature",
            STATE,
            lambda a: writer.b64(writer.cbor([*cbor2.loads(a.state)[:3], b""])),
        ),
        ("another signer", STATE, lambda a: writer.b64(OTHER.sign({"version": 2}, 2))),
        (
            "another signer with its id",
            STATE,
            lambda a: writer.b64(OTHER.sign({"version": 2}, 2, headers={4: a.signer.id})),
        ),
        ("another namespace", STATE, lambda a: writer.b64(a.signer.sign({"version": 2}, 1))),
        (
            "another payload",
            STATE,
            lambda a: writer.b64(
                a.signer.sign({"version": 2}, 2, body=writer.cbor({"version": 3}))
            ),
        ),
        (
            "another algorithm",
            STATE,
            lambda a: writer.b64(a.signer.sign({"version": 2}, 2, headers={1: -7})),
        ),
        (
            "another content",
            STATE,
            lambda a: writer.b64(a.signer.sign({"version": 2}, 2, headers={3: 42})),
        ),
        (
            "critical headers",
            STATE,
            lambda a: writer.b64(a.signer.sign({"version": 2}, 2, headers={2: [9]})),
        ),
        ("no payload", STATE, lambda a: writer.b64(a.signer.sign({}, 2, body=None))),
        ("version 1", STATE, lambda a: writer.b64(a.signer.sign({"version": 1}, 2))),
        ("no version", STATE, lambda a: writer.b64(a.signer.sign({}, 2))),
        (
            "a version that is true",
            STATE,
            lambda a: writer.b64(a.signer.sign({"version": True}, 2)),
        ),
        ("a version in text", STATE, lambda a: writer.b64(a.signer.sign({"version": "2"}, 2))),
        ("a state that is not a map", STATE, lambda a: writer.b64(a.signer.sign([2], 2))),
        ("no message", STATE, lambda a: writer.b64(b"\x80")),
        ("no base64", STATE, lambda a: "!"),
        ("no state", STATE, lambda a: None),
        ("no block of the state", "securityState", lambda a: None),
        ("no signing key", SIGNING, lambda a: None),
        ("no block of the signing key", "signatureKeyPair", lambda a: None),
        ("another's signing key", SIGNING, lambda a: sealed(a, OTHER.encoded, 101)),
        ("a signing key of another type", SIGNING, lambda a: sealed(a, a.signer.encoded, 284)),
        ("a signing key of another user", SIGNING, lambda a: writer.CoseKey().value(b"x", 101)),
        ("a signing key that is none", SIGNING, lambda a: sealed(a, writer.CoseKey().encoded, 101)),
        ("a signing key of type 2", SIGNING, lambda a: writer.LegacyKey().value(b"x")),
        ("no private key", PRIVATE, lambda a: None),
        ("a private key of type 2", PRIVATE, lambda a: writer.LegacyKey().value(writer.pkcs8())),
        ("a private key of another type", PRIVATE, lambda a: sealed(a, writer.pkcs8(), 42)),
        ("a private key that is none", PRIVATE, lambda a: sealed(a, b"x", 284)),
        ("a tampered public key", SIGNED, lambda a: changed(a.signed_public_key)),
        (
            "another public key",
            SIGNED,
            lambda a: writer.b64(a.signer.sign({"publicKey": writer.spki() + b"x"}, 1)),
        ),
        ("no public key in it", SIGNED, lambda a: writer.b64(a.signer.sign({}, 1))),
        ("the state as public key", SIGNED, lambda a: writer.b64(a.state)),
    ],
)
def test_an_account_is_refused_for(what: str, path: str, change: Change) -> None:
    account = writer.Account()
    account.changes = {path: change(account)}

    with pytest.raises(SecurityStateRefused) as caught:
        keys(account).open(user_key(account))

    assert caught.value.fact.startswith("The account's signed keys cannot be used")
    assert caught.value.remedy


ACCOUNT = writer.Account()
ACCOUNT_KEY = user_key(ACCOUNT)


@given(st.sampled_from([STATE, SIGNED, PRIVATE, SIGNING]), st.text(min_size=1, max_size=60))
@example(STATE, "ä")
@example(PRIVATE, "7.gA==")
def test_any_text_in_place_of_a_key_is_the_same_refusal(path: str, text: str) -> None:
    ACCOUNT.changes = {path: text}

    with pytest.raises(SecurityStateRefused):
        keys(ACCOUNT).open(ACCOUNT_KEY)


def test_an_ed25519_that_is_switched_off_is_named() -> None:
    account = writer.Account()
    block = keys(account)

    off = mock.Mock(from_private_bytes=mock.Mock(side_effect=UnsupportedAlgorithm("off")))
    with (
        mock.patch.object(signing, "Ed25519PrivateKey", off),
        pytest.raises(SecurityStateRefused, match="of the kind Ed25519"),
    ):
        block.open(user_key(account))


def test_another_user_key_opens_nothing() -> None:
    with pytest.raises(SecurityStateRefused):
        keys(writer.Account()).open(UserKeyV2.generate())


@pytest.mark.skipif(not HAS_ML_DSA, reason="this cryptography has no ML-DSA")
class TestWithoutMlDsa:
    def test_the_account_opens_and_says_that_it_was_not_verified(self) -> None:
        account = writer.Account(signature=ML_DSA_44)
        account.changes = {STATE: changed(account.state)}
        block = keys(account)

        with mock.patch.object(signing, "_ml_dsa", return_value=None):
            opened = block.open(user_key(account))

        assert opened.security_version == 2
        assert not opened.is_verified

    def test_everything_but_the_signature_is_still_checked(self) -> None:
        account = writer.Account(signature=ML_DSA_44)
        account.changes = {STATE: writer.b64(account.signer.sign({"version": 2}, 1))}
        block = keys(account)

        with (
            mock.patch.object(signing, "_ml_dsa", return_value=None),
            pytest.raises(SecurityStateRefused, match="another purpose"),
        ):
            block.open(user_key(account))

    def test_signatures_are_refused_not_believed(self) -> None:
        account = writer.Account(signature=ML_DSA_44)
        key = SigningKey.parse(account.signer.encoded)

        with mock.patch.object(signing, "_ml_dsa", return_value=None):
            assert not key.verifying_key.can_verify
            with pytest.raises(EncryptionUnsupported, match="ML-DSA-44"):
                Sign1.parse(account.state).verify(key.verifying_key, namespace=2)
            with pytest.raises(EncryptionUnsupported, match="ML-DSA-44"):
                key.sign(b"")

    def test_both_halves_have_to_belong_together(self) -> None:
        one, other = writer.Signer(ML_DSA_44), writer.Signer(ML_DSA_44)
        members = cbor2.loads(one.encoded)
        members[-1] = cbor2.loads(other.encoded)[-1]

        with pytest.raises(CoseMalformed, match="do not belong together"):
            SigningKey.parse(writer.cbor(members))


@pytest.mark.parametrize("algorithm", SIGNATURES)
def test_what_we_sign_verifies_and_reads_back(algorithm: int) -> None:
    key = SigningKey.generate(algorithm)
    message = Sign1.sign(key, writer.cbor({"version": 2}), namespace=SECURITY_STATE)

    parsed = Sign1.parse(bytes(message))

    verifying_key = VerifyingKey.parse(key.verifying_key.encoded)
    assert verifying_key == SigningKey.parse(key.encoded).verifying_key
    assert parsed.verify(verifying_key, namespace=SECURITY_STATE) == message.payload
    assert repr(key) == "<SigningKey>"
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(key)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({1: 4}, CoseMalformed),
        ({2: b"short"}, CoseMalformed),
        ({3: -7}, EncryptionUnsupported),
        ({4: [2]}, EncryptionUnsupported),
        ({4: 1}, EncryptionUnsupported),
        ({-1: 1}, CoseMalformed),
        ({-4: bytes(31)}, CoseMalformed),
        ({-4: None}, CoseMalformed),
        ({-2: bytes(32)}, CoseMalformed),
    ],
)
def test_what_is_not_a_signing_key_is_refused(
    change: dict[int, object], error: type[CryptographyError]
) -> None:
    members = {1: 1, 2: bytes(16), 3: -8, 4: [1], -1: 6, -4: bytes(32)} | change

    with pytest.raises(error):
        SigningKey.parse(writer.cbor({k: v for k, v in members.items() if v is not None}))


@given(st.binary(max_size=200), st.sampled_from([b"", b"\x84", b"\xa6"]))
def test_any_bytes_are_a_typed_refusal(data: bytes, start: bytes) -> None:
    for parse in (Sign1.parse, SigningKey.parse, VerifyingKey.parse):
        with contextlib.suppress(CryptographyError):
            parse(start + data)
