from __future__ import annotations

import copy
import hashlib
import hmac
import pickle
from typing import Any
from unittest import mock

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import given
from hypothesis import strategies as st

from bw_magics.crypto import (
    AttachmentKey,
    EncString,
    ItemKey,
    MasterKey,
    OrganizationKey,
    PrivateKey,
    StretchedMasterKey,
    SymmetricKey,
    UserKey,
    keys,
)
from bw_magics.errors import (
    AuthenticationFailed,
    CryptographyError,
    EncryptionUnsupported,
    EncStringMalformed,
    UsageMistake,
)

KEY = UserKey(bytes(range(64)))
KEYS = [MasterKey, StretchedMasterKey, UserKey, OrganizationKey, ItemKey, AttachmentKey]


def encrypt_unpadded(key: SymmetricKey, padded: bytes, iv: bytes = b"i" * 16) -> EncString:
    """Encrypts bytes as they are, padded or not, with a right MAC."""
    encryptor = Cipher(algorithms.AES(key.material[:32]), modes.CBC(iv)).encryptor()
    data = encryptor.update(padded) + encryptor.finalize()
    mac = hmac.digest(key.material[32:], iv + data, hashlib.sha256)
    return EncString(2, data, iv, mac)


@given(st.binary(max_size=200))
def test_bytes_decrypt_to_what_was_encrypted(data: bytes) -> None:
    assert KEY.decrypt(KEY.encrypt(data)) == data


@given(st.text(max_size=100))
def test_text_decrypts_to_what_was_encrypted(text: str) -> None:
    assert KEY.decrypt_text(KEY.encrypt_text(text)) == text


@given(st.binary(max_size=64), st.data())
def test_any_changed_byte_is_noticed(data: bytes, draw: st.DataObject) -> None:
    value = KEY.encrypt(data)
    part = draw.draw(st.sampled_from(["iv", "data", "mac"]))
    changed = bytearray(getattr(value, part))
    changed[draw.draw(st.integers(0, len(changed) - 1))] ^= draw.draw(st.integers(1, 255))
    parts: dict[str, Any] = {"iv": value.iv, "data": value.data, "mac": value.mac}
    parts[part] = bytes(changed)

    with pytest.raises(AuthenticationFailed):
        KEY.decrypt(EncString(2, **parts))


def test_blocks_cannot_move_between_vector_and_data() -> None:
    value = KEY.encrypt(b"x" * 40)
    moved = EncString(2, value.data[16:], value.data[:16], value.mac)

    with pytest.raises(AuthenticationFailed):
        KEY.decrypt(moved)


def test_another_key_does_not_open_a_value() -> None:
    with pytest.raises(AuthenticationFailed):
        UserKey.generate().decrypt(KEY.encrypt(b"secret"))


@pytest.mark.parametrize("mac", [b"", b"\0" * 32, b"\0" * 16])
def test_a_cut_off_mac_never_fits(mac: bytes) -> None:
    value = KEY.encrypt(b"secret")

    with pytest.raises(AuthenticationFailed):
        KEY.decrypt(EncString(2, value.data, value.iv, mac))


def test_nothing_is_decrypted_before_the_mac_fits() -> None:
    value = KEY.encrypt(b"secret")
    wrong = EncString(2, value.data, value.iv, b"\0" * 32)

    with mock.patch.object(keys, "Cipher") as cipher, pytest.raises(AuthenticationFailed):
        KEY.decrypt(wrong)

    cipher.assert_not_called()


def test_macs_and_keys_are_compared_in_constant_time() -> None:
    value = KEY.encrypt(b"secret")

    with mock.patch.object(hmac, "compare_digest", wraps=hmac.compare_digest) as compare:
        KEY.decrypt(value)
        assert compare.call_count == 1
        assert UserKey(KEY.material) == KEY
        assert compare.call_count == 2


def test_every_encryption_has_its_own_vector() -> None:
    assert len({KEY.encrypt(b"same").iv for _ in range(100)}) == 100


@pytest.mark.parametrize(
    "padded",
    [
        b"x" * 15 + b"\x00",
        b"x" * 15 + b"\x11",
        b"x" * 14 + b"\x01\x02",
        b"x" * 16,
        b"\x10" * 15 + b"\x0f",
    ],
)
def test_padding_has_to_be_exact(padded: bytes) -> None:
    with pytest.raises(AuthenticationFailed):
        KEY.decrypt(encrypt_unpadded(KEY, padded))


def test_a_full_block_of_padding_is_an_empty_value() -> None:
    assert KEY.decrypt(encrypt_unpadded(KEY, b"\x10" * 16)) == b""


@pytest.mark.parametrize("type", [0, 3, 4, 7])
def test_only_authenticated_types_are_decrypted(type: int) -> None:
    value = KEY.encrypt(b"secret")

    with pytest.raises(EncryptionUnsupported):
        KEY.decrypt(EncString(type, value.data, value.iv, value.mac))


def test_text_has_to_be_utf8_and_the_error_does_not_carry_it() -> None:
    plain = b"hunter2\xff"

    with pytest.raises(EncStringMalformed) as caught:
        KEY.decrypt_text(str(KEY.encrypt(plain)))

    assert caught.value.__context__ is None
    assert caught.value.__cause__ is None


def test_text_without_utf8_is_not_stored_and_the_error_does_not_carry_it() -> None:
    with pytest.raises(UsageMistake) as caught:
        KEY.encrypt_text("hunter2\ud800")

    assert caught.value.__context__ is None
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("kind", KEYS)
class TestEveryKey:
    def test_has_its_exact_length(self, kind: type[keys.Key]) -> None:
        for length in (0, 16, 31, 33, 63, 65, 32 if kind.LENGTH == 64 else 64):
            with pytest.raises(EncStringMalformed):
                kind(bytes(length))

    def test_is_random_when_generated(self, kind: type[keys.Key]) -> None:
        assert kind.generate() != kind.generate()

    def test_shows_no_bytes(self, kind: type[keys.Key]) -> None:
        key = kind.generate()
        for shown in (repr(key), str(key), f"{key}", repr([key])):
            assert kind.__name__ in shown
            assert repr(key.material) not in shown
            assert key.material.hex() not in shown

    def test_is_never_pickled_or_copied(self, kind: type[keys.Key]) -> None:
        key = kind.generate()
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
            with pytest.raises(TypeError, match="not pickled"):
                pickle.dumps(key, protocol)
        for spread in (copy.copy, copy.deepcopy):
            with pytest.raises(TypeError, match="not pickled"):
                spread(key)
        with pytest.raises(TypeError, match="not pickled"):
            key.__getstate__()

    def test_has_no_dict_and_no_hash(self, kind: type[keys.Key]) -> None:
        key = kind.generate()
        assert not hasattr(key, "__dict__")
        with pytest.raises(TypeError):
            hash(key)

    def test_equals_only_its_own_kind(self, kind: type[keys.Key]) -> None:
        key = kind.generate()
        assert key == kind(key.material)
        assert all(
            key != other(key.material)
            for other in KEYS
            if other.LENGTH == kind.LENGTH and other is not kind
        )
        assert key != key.material


def test_a_private_key_is_never_shown_pickled_or_copied(private_key: PrivateKey) -> None:
    assert repr(private_key) == "<PrivateKey>"
    for spread in (pickle.dumps, copy.copy, copy.deepcopy, PrivateKey.__getstate__):
        with pytest.raises(TypeError, match="not pickled"):
            spread(private_key)


def test_the_password_hash_takes_what_the_derivation_takes() -> None:
    broken = "pass\udc80wort"

    assert MasterKey(bytes(32)).password_hash(password=broken)


def test_errors_of_this_layer_are_one_family() -> None:
    for error in (AuthenticationFailed, EncStringMalformed, EncryptionUnsupported):
        assert issubclass(error, CryptographyError)
