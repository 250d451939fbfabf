"""A series of values under one key decrypts like each value alone."""

from __future__ import annotations

import hmac
import pickle

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import given
from hypothesis import strategies as st

from bw_magics.crypto import EncString, ItemKey, OrganizationKey, UserKey
from bw_magics.crypto.keys import Series, _hmac, decrypt_text_once
from bw_magics.crypto.wrapping import item_key, wrap_key
from bw_magics.errors import AuthenticationFailed, EncryptionUnsupported, EncStringMalformed

KEY = UserKey(bytes(range(64)))


@given(st.lists(st.binary(max_size=100), max_size=8))
def test_a_series_gives_what_the_key_gives(values: list[bytes]) -> None:
    encrypted = [KEY.encrypt(value) for value in values]
    series = KEY.series()

    assert [series.decrypt(value) for value in encrypted] == values


@given(st.text(max_size=50), st.binary(max_size=70), st.data())
def test_what_was_changed_is_noticed_and_costs_nothing_after_it(
    text: str, data: bytes, draw: st.DataObject
) -> None:
    value = KEY.encrypt(data)
    part = draw.draw(st.sampled_from(["iv", "data", "mac"]))
    parts = {"iv": value.iv, "data": value.data, "mac": value.mac}
    changed = bytearray(parts[part])
    changed[draw.draw(st.integers(0, len(changed) - 1))] ^= draw.draw(st.integers(1, 255))
    series = KEY.series()

    with pytest.raises(AuthenticationFailed):
        series.decrypt(EncString(2, **{**parts, part: bytes(changed)}))
    assert series.decrypt_text(KEY.encrypt_text(text)) == text


def test_bad_padding_costs_nothing_after_it() -> None:

    iv = b"i" * 16
    encryptor = Cipher(algorithms.AES(KEY.material[:32]), modes.CBC(iv)).encryptor()
    data = encryptor.update(b"\0" * 32) + encryptor.finalize()
    mac = hmac.digest(KEY.material[32:], iv + data, "sha256")
    series = KEY.series()

    with pytest.raises(AuthenticationFailed, match="Padding check failed"):
        series.decrypt(EncString(2, data, iv, mac))
    assert series.decrypt(KEY.encrypt(b"next")) == b"next"


@pytest.mark.parametrize("type", [0, 3, 4, 7])
def test_only_what_is_authenticated_is_read(type: int) -> None:
    with pytest.raises(EncryptionUnsupported):
        KEY.series().decrypt(EncString(type, bytes(32), bytes(16), bytes(32)))


def test_another_key_does_not_open_it() -> None:
    with pytest.raises(AuthenticationFailed):
        OrganizationKey.generate().series().decrypt(KEY.encrypt(b"value"))


def test_item_keys_are_unwrapped_as_the_key_does() -> None:
    series, own = KEY.series(), ItemKey.generate()

    assert item_key(series.decrypt_bytes(str(wrap_key(own, under=KEY)))) == own
    with pytest.raises(EncStringMalformed):
        item_key(series.decrypt_bytes(str(KEY.encrypt(b"no key"))))


def test_a_series_keeps_the_key_to_itself() -> None:
    series = KEY.series()

    assert repr(series) == "<Series>"
    assert not hasattr(series, "__dict__")
    with pytest.raises(TypeError):
        pickle.dumps(series)
    assert isinstance(series, Series)


@given(st.text(max_size=50))
def test_a_key_for_one_text_reads_what_the_key_object_reads(text: str) -> None:
    own = ItemKey.generate()

    assert decrypt_text_once(own.material, own.encrypt_text(text)) == text


@given(st.text(max_size=50), st.data())
def test_a_key_for_one_text_checks_the_mac_first(text: str, draw: st.DataObject) -> None:
    own = ItemKey.generate()
    value = own.encrypt(text.encode())
    parts = {"iv": value.iv, "data": value.data, "mac": value.mac}
    part = draw.draw(st.sampled_from(sorted(parts)))
    changed = bytearray(parts[part])
    changed[draw.draw(st.integers(0, len(changed) - 1))] ^= draw.draw(st.integers(1, 255))

    with pytest.raises(AuthenticationFailed, match="Integrity check failed"):
        decrypt_text_once(own.material, str(EncString(2, **{**parts, part: bytes(changed)})))
    with pytest.raises(AuthenticationFailed, match="Integrity check failed"):
        decrypt_text_once(ItemKey.generate().material, str(value))


@pytest.mark.parametrize("text", ["0.aaaa|bbbb", "7.aaaa", "", "no EncString"])
def test_a_key_for_one_text_reads_only_what_is_authenticated(text: str) -> None:
    with pytest.raises((EncryptionUnsupported, EncStringMalformed)):
        decrypt_text_once(bytes(64), text)


@given(st.binary(max_size=64), st.binary(max_size=300))
def test_the_mac_is_that_of_the_standard_library(key: bytes, message: bytes) -> None:
    assert _hmac(key, message) == hmac.digest(key, message, "sha256")
