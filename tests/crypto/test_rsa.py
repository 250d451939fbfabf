from __future__ import annotations

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
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


@pytest.mark.parametrize(("type", "written_as"), [(5, 3), (6, 4)])
@pytest.mark.parametrize("mac", [b"m" * 32, b"\0" * 32, b"any length"])
def test_the_old_types_with_a_mac_are_read_as_official_clients_do(
    private_key: PrivateKey, type: int, written_as: int, mac: bytes
) -> None:
    """Nothing holds a key for the MAC, so nothing checks it."""
    wrapped = private_key.wrap(b"k" * 64, written_as)
    text = str(EncString(type, wrapped.data, mac=mac))
    assert private_key.unwrap(EncString.parse(text)) == b"k" * 64


@pytest.mark.parametrize(("type", "other"), [(5, 4), (6, 3)])
def test_the_old_types_have_their_own_hash(private_key: PrivateKey, type: int, other: int) -> None:
    wrapped = private_key.wrap(bytes(64), other)
    with pytest.raises(AuthenticationFailed):
        private_key.unwrap(EncString(type, wrapped.data, mac=bytes(32)))


@pytest.mark.parametrize("text", ["5.AAAA", "6.AAAA", "5.AAAA|", "6.|AAAA", "6.AAAA|AAAA|AAAA"])
def test_the_old_types_have_two_parts(text: str) -> None:
    with pytest.raises(EncStringMalformed):
        EncString.parse(text)


@pytest.mark.parametrize("type", [0, 2, 5, 6, 7])
def test_types_that_do_not_wrap_for_key_pairs_are_refused(
    private_key: PrivateKey, type: int
) -> None:
    if type not in (5, 6):  # these are read, and not written
        with pytest.raises(EncryptionUnsupported):
            private_key.unwrap(EncString(type, b"d" * 256))
    with pytest.raises(EncryptionUnsupported):
        private_key.wrap(bytes(64), type)


def test_a_key_pair_survives_being_stored(private_key: PrivateKey) -> None:
    restored = PrivateKey.from_pkcs8(private_key.pkcs8)

    assert restored.spki == private_key.spki
    assert restored.unwrap(private_key.wrap(bytes(64))) == bytes(64)


@given(st.binary(max_size=64))
def test_bytes_that_are_not_a_key_are_a_typed_error(data: bytes) -> None:
    with pytest.raises(EncStringMalformed):
        PrivateKey.from_pkcs8(data)


def _der(numbers: rsa.RSAPrivateNumbers) -> bytes:
    """Encodes any numbers as PKCS#8, consistent or not."""

    def element(tag: int, content: bytes) -> bytes:
        size = len(content)
        width = 0 if size < 128 else (size.bit_length() + 7) // 8
        length = size.to_bytes(width or 1, "big")
        return bytes([tag, *([0x80 | width] if width else []), *length]) + content

    public = numbers.public_numbers
    parts = (
        *(0, public.n, public.e, numbers.d, numbers.p, numbers.q),
        *(numbers.dmp1, numbers.dmq1, numbers.iqmp),
    )
    integers = (element(2, part.to_bytes(part.bit_length() // 8 + 1, "big")) for part in parts)
    algorithm = element(0x30, bytes.fromhex("06092a864886f70d010101") + element(5, b""))
    key = element(4, element(0x30, b"".join(integers)))
    return element(0x30, element(2, b"\0") + algorithm + key)


def numbers_of(key: PrivateKey) -> rsa.RSAPrivateNumbers:
    restored = serialization.load_der_private_key(key.pkcs8, password=None)
    assert isinstance(restored, rsa.RSAPrivateKey)
    return restored.private_numbers()


def _changed(numbers: rsa.RSAPrivateNumbers, **changes: int) -> rsa.RSAPrivateNumbers:
    members = {name: getattr(numbers, name) for name in ("p", "q", "d", "dmp1", "dmq1", "iqmp")}
    public = numbers.public_numbers
    n, e = changes.pop("n", public.n), changes.pop("e", public.e)
    return rsa.RSAPrivateNumbers(
        **{**members, **changes}, public_numbers=rsa.RSAPublicNumbers(e=e, n=n)
    )


def test_numbers_that_fit_are_a_key(private_key: PrivateKey) -> None:
    restored = PrivateKey.from_pkcs8(_der(numbers_of(private_key)))

    assert restored.spki == private_key.spki


@pytest.mark.parametrize("name", ["p", "q", "d", "dmp1", "dmq1", "iqmp", "n", "e"])
@pytest.mark.parametrize("change", [-1, 1, 2])
def test_numbers_that_do_not_fit_are_not_a_key(
    private_key: PrivateKey, name: str, change: int
) -> None:
    numbers = numbers_of(private_key)
    holder = numbers.public_numbers if name in "ne" else numbers

    with pytest.raises(EncStringMalformed):
        PrivateKey.from_pkcs8(_der(_changed(numbers, **{name: getattr(holder, name) + change})))


@pytest.mark.parametrize("number", [0, 1, 2])
@pytest.mark.parametrize("name", ["p", "q", "n"])
def test_numbers_too_small_are_not_a_key(private_key: PrivateKey, name: str, number: int) -> None:
    with pytest.raises(EncStringMalformed):
        PrivateKey.from_pkcs8(_der(_changed(numbers_of(private_key), **{name: number})))


def test_an_even_modulus_is_not_a_key(private_key: PrivateKey) -> None:
    numbers = numbers_of(private_key)
    q, e = numbers.q, numbers.public_numbers.e
    p = numbers.p + 1  # fits by every other rule
    d = pow(e, -1, (p - 1) * (q - 1))
    even = _changed(
        numbers, p=p, d=d, n=p * q, dmp1=d % (p - 1), dmq1=d % (q - 1), iqmp=pow(q, -1, p)
    )

    with pytest.raises(EncStringMalformed):
        PrivateKey.from_pkcs8(_der(even))


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
