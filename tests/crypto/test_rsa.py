from __future__ import annotations

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from bw_magics.crypto import EncString, OrganizationKey, PrivateKey
from bw_magics.errors import AuthenticationFailed, EncryptionUnsupported, EncStringMalformed


@pytest.mark.parametrize("type", [3, 4])
def test_a_wrapped_key_unwraps_to_itself(private_key: PrivateKey, type: int) -> None:
    key = OrganizationKey.generate()

    wrapped = EncString.parse(str(private_key.wrap(key.material, type)))

    assert wrapped.type == type
    assert OrganizationKey(private_key.unwrap(wrapped)) == key


def test_keys_are_wrapped_as_official_clients_do_by_default(private_key: PrivateKey) -> None:
    assert private_key.wrap(bytes(64)).type == 4


@pytest.mark.parametrize("type", [3, 4])
def test_another_key_pair_does_not_open_it(
    private_key: PrivateKey, other_private_key: PrivateKey, type: int
) -> None:
    with pytest.raises(AuthenticationFailed):
        other_private_key.unwrap(private_key.wrap(bytes(64), type))


def test_one_type_does_not_pass_for_the_other(private_key: PrivateKey) -> None:
    wrapped = private_key.wrap(bytes(64), 4)

    with pytest.raises(AuthenticationFailed):
        private_key.unwrap(EncString(3, wrapped.data))


@pytest.mark.parametrize("length", [1, 255, 257, 512])
def test_data_of_another_length_is_refused(private_key: PrivateKey, length: int) -> None:
    with pytest.raises(AuthenticationFailed):
        private_key.unwrap(EncString(4, b"\x01" * length))


@pytest.mark.parametrize("type", [0, 2, 5, 6, 7])
def test_types_that_do_not_wrap_for_key_pairs_are_refused(
    private_key: PrivateKey, type: int
) -> None:
    with pytest.raises(EncryptionUnsupported):
        private_key.unwrap(EncString(type, b"d" * 256))
    with pytest.raises(EncryptionUnsupported):
        private_key.wrap(bytes(64), type)


def test_a_key_pair_survives_being_stored(private_key: PrivateKey) -> None:
    restored = PrivateKey.from_pkcs8(private_key.pkcs8)

    assert restored.spki == private_key.spki
    assert restored.unwrap(private_key.wrap(bytes(64))) == bytes(64)


@given(st.binary(max_size=64))
def test_bytes_that_are_no_key_are_a_typed_error(data: bytes) -> None:
    with pytest.raises(EncStringMalformed):
        PrivateKey.from_pkcs8(data)


def test_a_key_of_another_kind_is_a_typed_error() -> None:
    der = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )

    with pytest.raises(EncStringMalformed):
        PrivateKey.from_pkcs8(der)


def test_a_key_of_an_unknown_algorithm_is_a_typed_error() -> None:
    unknown = bytes.fromhex("300e020100300506032a0304050402aabb")

    with pytest.raises(EncStringMalformed):
        PrivateKey.from_pkcs8(unknown)
