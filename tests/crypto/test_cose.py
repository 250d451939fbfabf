"""COSE keys and messages against an independent writer, and every refusal."""

from __future__ import annotations

import base64
import contextlib
import copy
import os
import pickle
from collections.abc import Callable
from unittest import mock

import pytest
from cryptography.exceptions import UnsupportedAlgorithm
from hypothesis import given
from hypothesis import strategies as st
from nacl import bindings

from bw_magics.crypto import ItemKey, UserKey, decrypt_file
from bw_magics.crypto.content_type import COSE_KEY, LEGACY_KEY, OCTETS, PADDED_TEXT, PKCS8
from bw_magics.crypto.cose import aead as ciphers
from bw_magics.crypto.cose import cbor
from bw_magics.crypto.cose.aead import AES_256_GCM, XAES_256_GCM, XCHACHA20_POLY1305, Aead
from bw_magics.crypto.cose.cose_key import ContentKey, CoseKey, ItemKeyV2, UserKeyV2
from bw_magics.crypto.cose.encrypt0 import Encrypt0
from bw_magics.crypto.cose.envelope import (
    VAULT_ITEM,
    make_data_envelope,
    open_data_envelope,
)
from bw_magics.crypto.cose.padding import pad_key, pad_text, unpad
from bw_magics.crypto.enc_string import EncString
from bw_magics.crypto.key_id import key_id
from bw_magics.crypto.wrapping import (
    unwrap_attachment_key,
    unwrap_content_key,
    unwrap_item_key,
    unwrap_private_key,
    wrap_key,
)
from bw_magics.errors import (
    AuthenticationFailed,
    CoseMalformed,
    CryptographyError,
    EncryptionUnsupported,
    EncStringMalformed,
)
from tests import account_v2 as writer

AEADS = [XCHACHA20_POLY1305, XAES_256_GCM]
NUMBERS = [writer.XCHACHA, writer.XAES]


def ours(key: writer.CoseKey) -> UserKeyV2:
    return UserKeyV2.parse_padded(key.padded)


def theirs(key: CoseKey) -> writer.CoseKey:
    return writer.CoseKey(key.aead.number, key.material, key.id)


@pytest.mark.parametrize("number", NUMBERS)
@given(text=st.text(max_size=100))
def test_text_of_another_writer_reads(number: int, text: str) -> None:
    key = writer.CoseKey(number)

    assert ours(key).decrypt_text(key.text(text)) == text


@pytest.mark.parametrize("aead", AEADS)
@given(text=st.text(max_size=100))
def test_text_decrypts_to_what_was_encrypted(aead: Aead, text: str) -> None:
    key = UserKeyV2.generate(aead)

    assert key.decrypt_text(key.encrypt_text(text)) == text


@given(st.binary(max_size=300), st.binary(max_size=50))
def test_xchacha20_is_libsodiums(data: bytes, associated: bytes) -> None:
    key, nonce = os.urandom(32), os.urandom(24)
    sealed = XCHACHA20_POLY1305.encrypt(key=key, nonce=nonce, data=data, associated=associated)

    assert sealed == bindings.crypto_aead_xchacha20poly1305_ietf_encrypt(
        data, associated, nonce, key
    )


@given(st.binary(min_size=32, max_size=32), st.binary(min_size=12, max_size=12))
def test_the_key_of_xaes_is_that_of_its_specification(key: bytes, nonce: bytes) -> None:
    assert ciphers.xaes_key(key, nonce) == writer.xaes_subkey(key, nonce)


@pytest.mark.parametrize("length", [0, 1, 31, 32, 63, 64, 1000])
def test_texts_are_padded_to_the_next_multiple_of_32(length: int) -> None:
    padded = pad_text(b"x" * length)

    assert len(padded) == (length // 32 + 1) * 32
    assert padded == writer.pad(b"x" * length, 32)
    assert unpad(padded) == b"x" * length


@pytest.mark.parametrize("length", [1, 63, 64, 65, 100])
def test_keys_are_padded_beyond_64_bytes(length: int) -> None:
    padded = pad_key(b"x" * length)

    assert len(padded) >= 65
    assert len(padded) > length
    assert unpad(padded) == b"x" * length


@pytest.mark.parametrize("padded", [b"", b"\x00", b"x\x03", b"x\x01\x02", b"x" * 10 + b"\x0b\x0b"])
def test_padding_has_to_be_exact(padded: bytes) -> None:
    with pytest.raises(CoseMalformed):
        unpad(padded)


class TestKeys:
    @pytest.mark.parametrize("aead", [*AEADS, AES_256_GCM])
    def test_a_key_reads_as_it_was_written(self, aead: Aead) -> None:
        key = CoseKey.generate(aead)

        assert CoseKey.parse(key.encoded) == key
        assert CoseKey.parse_padded(key.padded) == key
        assert CoseKey.parse(theirs(key).encoded) == key
        assert key.encoded == theirs(key).encoded

    def test_a_key_without_operations_is_for_everything(self) -> None:
        key = CoseKey.parse(writer.CoseKey(operations=None).encoded)

        assert sorted(key.operations) == [3, 4, 5, 6]

    @pytest.mark.parametrize(
        ("change", "error"),
        [
            ({1: 1}, CoseMalformed),
            ({2: b"short"}, CoseMalformed),
            ({2: None}, CoseMalformed),
            ({3: 1}, EncryptionUnsupported),
            ({3: "text"}, EncryptionUnsupported),
            ({3: None}, EncryptionUnsupported),
            ({4: 3}, CoseMalformed),
            ({-1: bytes(31)}, CoseMalformed),
            ({-1: None}, CoseMalformed),
        ],
    )
    def test_what_is_not_a_key_is_refused(
        self, change: dict[int, object], error: type[CryptographyError]
    ) -> None:
        members = {1: 4, 2: bytes(16), 3: writer.XCHACHA, 4: [3, 4], -1: bytes(32)} | change
        with pytest.raises(error):
            CoseKey.parse(writer.cbor({k: v for k, v in members.items() if v is not None}))

    def test_a_content_cipher_makes_no_user_key(self) -> None:
        with pytest.raises(EncryptionUnsupported):
            UserKeyV2.parse(writer.CoseKey(writer.GCM).encoded)

    @pytest.mark.parametrize("kind", [UserKeyV2, ItemKeyV2, ContentKey])
    def test_a_key_is_never_shown_pickled_or_taken_for_another(self, kind: type[CoseKey]) -> None:
        key = kind.generate()

        assert repr(key) == f"<{kind.__name__}>"
        assert not hasattr(key, "__dict__")
        for spread in (pickle.dumps, copy.copy, copy.deepcopy):
            with pytest.raises(TypeError, match="not pickled"):
                spread(key)
        with pytest.raises(TypeError):
            hash(key)
        assert key == kind.parse(key.encoded)
        assert key != CoseKey.parse(key.encoded)
        assert key != kind.generate()

    def test_key_ids(self) -> None:
        key = UserKeyV2.generate()

        assert key_id(key) == key.id.hex()
        assert len(key_id(UserKey.generate())) == 32

    @given(st.binary(max_size=120))
    def test_any_bytes_are_a_key_or_a_typed_refusal(self, data: bytes) -> None:
        for parse in (CoseKey.parse, CoseKey.parse_padded):
            with contextlib.suppress(CryptographyError):
                parse(data)


KEY = writer.CoseKey()
OTHER = writer.CoseKey()
SAME_ID = writer.CoseKey(id=KEY.id)


def indefinite(message: bytes) -> bytes:
    """Rewrites a message as an array of indefinite length."""
    return b"\x9f" + message[1:] + b"\xff"


def tampered(message: bytes) -> bytes:
    return message[:-1] + bytes([message[-1] ^ 1])


PADDED = writer.pad(b"secret", 32)


@pytest.mark.parametrize(
    ("what", "message", "error"),
    [
        ("a tampered tag", tampered(KEY.encrypt(PADDED, PADDED_TEXT)), AuthenticationFailed),
        ("another key's id", OTHER.encrypt(PADDED, PADDED_TEXT), AuthenticationFailed),
        ("another key with its id", SAME_ID.encrypt(PADDED, PADDED_TEXT), AuthenticationFailed),
        ("no key id", KEY.encrypt(PADDED, PADDED_TEXT, without=[4]), AuthenticationFailed),
        (
            "a key id that is text",
            KEY.encrypt(PADDED, PADDED_TEXT, protected={4: "id"}),
            AuthenticationFailed,
        ),
        (
            "another cipher",
            KEY.encrypt(PADDED, PADDED_TEXT, protected={1: writer.XAES}),
            EncryptionUnsupported,
        ),
        ("no cipher", KEY.encrypt(PADDED, PADDED_TEXT, without=[1]), EncryptionUnsupported),
        ("another content type", KEY.encrypt(PADDED, OCTETS), CoseMalformed),
        ("no content type", KEY.encrypt(PADDED, PADDED_TEXT, without=[3]), CoseMalformed),
        (
            "a content type that is a list",
            KEY.encrypt(PADDED, PADDED_TEXT, protected={3: [PADDED_TEXT]}),
            CoseMalformed,
        ),
        (
            "critical headers",
            KEY.encrypt(PADDED, PADDED_TEXT, protected={2: [99]}),
            EncryptionUnsupported,
        ),
        (
            "critical headers outside",
            KEY.encrypt(PADDED, PADDED_TEXT, unprotected={2: [99], 5: bytes(24)}),
            EncryptionUnsupported,
        ),
        ("no nonce", KEY.encrypt(PADDED, PADDED_TEXT, unprotected={}), CoseMalformed),
        (
            "a nonce of another length",
            KEY.encrypt(PADDED, PADDED_TEXT, unprotected={5: bytes(12)}),
            CoseMalformed,
        ),
        (
            "another nonce",
            KEY.encrypt(PADDED, PADDED_TEXT, unprotected={5: bytes(24)}),
            AuthenticationFailed,
        ),
        ("an indefinite length", indefinite(KEY.encrypt(PADDED, PADDED_TEXT)), CoseMalformed),
        ("a tagged message", b"\xd0" + KEY.encrypt(PADDED, PADDED_TEXT), CoseMalformed),
        ("a cut message", KEY.encrypt(PADDED, PADDED_TEXT)[:-20], CoseMalformed),
        ("bytes after it", KEY.encrypt(PADDED, PADDED_TEXT) + b"\x00", CoseMalformed),
        ("a huge claim", b"\x83\x5b" + b"\xff" * 8, CoseMalformed),
        ("no message", writer.cbor({1: 2}), CoseMalformed),
        ("too few parts", writer.cbor([b"", {}]), CoseMalformed),
        ("other parts", writer.cbor(["", [], None]), CoseMalformed),
        ("a header that is not a map", writer.cbor([b"\x80", {5: bytes(24)}, b""]), CoseMalformed),
        ("no padding", KEY.encrypt(b"secret", PADDED_TEXT), CoseMalformed),
        ("no UTF-8", KEY.encrypt(writer.pad(b"\xff", 32), PADDED_TEXT), EncStringMalformed),
    ],
)
def test_a_text_is_refused_for(what: str, message: bytes, error: type[CryptographyError]) -> None:
    text = "7." + base64.b64encode(message).decode()

    with pytest.raises(error) as caught:
        ours(KEY).decrypt_text(text)

    assert "secret" not in repr(caught.value)
    assert caught.value.__cause__ is None


def test_nothing_is_decrypted_before_the_headers_fit() -> None:
    key = ours(KEY)
    wrong = OTHER.text("x"), KEY.value(PADDED, OCTETS)

    with mock.patch.object(ciphers, "Cipher") as cipher:
        for text in wrong:
            with pytest.raises(CryptographyError):
                key.decrypt_text(text)

    cipher.assert_not_called()


def test_type_2_is_refused_under_a_key_of_version_2() -> None:
    with pytest.raises(EncryptionUnsupported, match="type 2 is refused"):
        ours(KEY).decrypt_text(writer.LegacyKey().text("x"))


def test_type_7_is_refused_under_a_key_of_version_1() -> None:
    with pytest.raises(EncryptionUnsupported, match="type 7 is refused"):
        UserKey.generate().decrypt_text(KEY.text("x"))


@pytest.mark.parametrize("type", [LEGACY_KEY, PKCS8, PADDED_TEXT, OCTETS, COSE_KEY])
def test_each_content_type_opens_only_where_it_belongs(type: int | str) -> None:
    key = ours(KEY)
    value = EncString.parse(KEY.value(bytes(64), type))
    uses: dict[object, Callable[[], object]] = {
        LEGACY_KEY: lambda: unwrap_attachment_key(value, under=key),
        PKCS8: lambda: unwrap_private_key(value, under=key),
        OCTETS: lambda: decrypt_file(key, b"\x07" + value.data),
        COSE_KEY: lambda: unwrap_content_key(value, under=key),
        PADDED_TEXT: lambda: key.decrypt_text(str(value)),
    }

    for expected, use in uses.items():
        if expected != type:
            with pytest.raises(CoseMalformed, match="another kind of contents"):
                use()


@pytest.mark.parametrize(
    ("operations", "can_encrypt", "can_decrypt", "can_wrap", "can_unwrap"),
    [
        ([3, 4, 5, 6], True, True, True, True),
        ([4], False, True, False, True),
        ([3], True, False, True, False),
        ([6], False, False, False, True),
        ([5], False, False, True, False),
        ([], False, False, False, False),
    ],
)
def test_what_a_key_is_not_for_it_does_not_do(
    operations: list[int],
    can_encrypt: bool,
    can_decrypt: bool,
    can_wrap: bool,
    can_unwrap: bool,
) -> None:
    written = writer.CoseKey(operations=operations)
    key, item = ours(written), ItemKey.generate()
    wrapped = EncString.parse(written.wrap(writer.LegacyKey(item.material)))
    text = written.text("x")

    for allowed, use in (
        (can_encrypt, lambda: key.encrypt_text("x")),
        (can_decrypt, lambda: key.decrypt_text(text)),
        (can_wrap, lambda: wrap_key(item, under=key)),
        (can_unwrap, lambda: unwrap_item_key(wrapped, under=key)),
    ):
        if allowed:
            assert use()
        else:
            with pytest.raises(EncryptionUnsupported, match="not for this use"):
                use()


def test_a_cipher_that_is_switched_off_is_named() -> None:
    text = KEY.text("x")

    with (
        mock.patch.object(ciphers, "hchacha20", side_effect=UnsupportedAlgorithm("off")),
        pytest.raises(EncryptionUnsupported, match="XChaCha20-Poly1305 is switched off"),
    ):
        ours(KEY).decrypt_text(text)


def test_files() -> None:
    key = ours(KEY)

    assert decrypt_file(key, b"\x07" + KEY.encrypt(b"data", OCTETS)) == b"data"
    for error, file in (
        (EncStringMalformed, b""),
        (EncryptionUnsupported, b"\x02" + bytes(80)),
        (CoseMalformed, b"\x07"),
        (AuthenticationFailed, b"\x07" + tampered(KEY.encrypt(b"data", OCTETS))),
    ):
        with pytest.raises(error):
            decrypt_file(key, file)
    with pytest.raises(EncryptionUnsupported):
        decrypt_file(UserKey.generate(), b"\x07" + KEY.encrypt(b"data", OCTETS))


def test_a_file_may_be_longer_than_any_other_message() -> None:
    data = bytes(cbor.LONGEST + 1)

    assert decrypt_file(ours(KEY), b"\x07" + KEY.encrypt(data, OCTETS)) == data


class TestEnvelopes:
    KEY = writer.CoseKey(writer.GCM, operations=[4])

    def read(self, **protected: int) -> object:
        headers = {-80002: 2, -80001: 1} | {int(k[1:]) * -1: v for k, v in protected.items()}
        message = self.KEY.encrypt(
            writer.pad(writer.cbor({"a": 1}), 64),
            writer.ENVELOPE,
            protected={label: value for label, value in headers.items() if value},
        )
        key = ContentKey.parse(self.KEY.encoded)
        return open_data_envelope(key, message, content=VAULT_ITEM)

    def test_it_opens(self) -> None:
        assert self.read() == {"a": 1}

    def test_a_missing_namespace_is_tolerated(self) -> None:
        assert self.read(_80002=0) == self.read(_80001=0) == {"a": 1}

    @pytest.mark.parametrize("label", ["_80001", "_80002"])
    def test_a_wrong_namespace_is_refused(self, label: str) -> None:
        with pytest.raises(CoseMalformed, match="something else"):
            self.read(**{label: 3})

    def test_what_we_seal_opens(self) -> None:
        key = ContentKey.generate()

        message = make_data_envelope(key, {"a": [1]}, content=VAULT_ITEM)

        assert open_data_envelope(key, message, content=VAULT_ITEM) == {"a": [1]}
        assert Encrypt0.parse(message).headers[-80001] == VAULT_ITEM


@given(st.binary(max_size=200), st.sampled_from([b"", b"\x83", b"\x84"]))
def test_any_bytes_are_a_message_or_a_typed_refusal(data: bytes, start: bytes) -> None:
    key = ours(KEY)
    for use in (
        lambda: Encrypt0.parse(start + data),
        lambda: key.decrypt_text("7." + base64.b64encode(start + data + b"x").decode()),
    ):
        with contextlib.suppress(CryptographyError):
            use()
