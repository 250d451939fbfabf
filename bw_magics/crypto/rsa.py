"""The account's RSA key pair, which decrypts organisation keys."""

from __future__ import annotations

from typing import Self

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from bw_magics.crypto.enc_string import (
    RSA_OAEP_SHA1,
    RSA_OAEP_SHA1_HMAC,
    RSA_OAEP_SHA256,
    RSA_OAEP_SHA256_HMAC,
    EncString,
)
from bw_magics.errors import AuthenticationFailed, EncryptionUnsupported, EncStringMalformed
from bw_magics.secret import Unpicklable

# OAEP-SHA1 (type 4) is what organisation keys use; OAEP does not need collision resistance.
_HASHES: dict[int, hashes.HashAlgorithm] = {
    RSA_OAEP_SHA256: hashes.SHA256(),
    RSA_OAEP_SHA1: hashes.SHA1(),  # noqa: S303 - see above
}
# Types that are read and never written: their MAC is left unread.
_READ_AS = {RSA_OAEP_SHA256_HMAC: RSA_OAEP_SHA256, RSA_OAEP_SHA1_HMAC: RSA_OAEP_SHA1}

# In bits; Bitwarden's keys have 2,048.
_LONGEST = 16_384


class PrivateKey(Unpicklable):
    """An RSA private key; its repr hides the numbers."""

    __slots__ = ("_key",)

    def __init__(self, key: rsa.RSAPrivateKey) -> None:
        self._key = key

    def __repr__(self) -> str:
        return "<PrivateKey>"

    @classmethod
    def generate(cls) -> Self:
        """Makes a new 2048-bit key pair."""
        return cls(rsa.generate_private_key(public_exponent=65537, key_size=2048))

    @classmethod
    def from_pkcs8(cls, der: bytes) -> Self:
        """Parses PKCS#8 DER; raises `EncStringMalformed` for anything else.

        The bytes must come from an authenticated value. This checks that the numbers belong
        together, but not that the primes are prime: only the key derivation would take longer.
        """
        try:
            key = serialization.load_der_private_key(
                der, password=None, unsafe_skip_rsa_key_validation=True
            )
        except (ValueError, TypeError, UnsupportedAlgorithm):
            key = None
        if not isinstance(key, rsa.RSAPrivateKey) or not _fits(key.private_numbers()):
            raise EncStringMalformed("The account's private key is not an RSA key.")
        return cls(key)

    @property
    def pkcs8(self) -> bytes:
        """The private key as PKCS#8 DER, for wrapping it under the user key."""
        return self._key.private_bytes(
            serialization.Encoding.DER,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )

    @property
    def spki(self) -> bytes:
        """The public key as SubjectPublicKeyInfo DER."""
        return self._key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )

    def unwrap(self, wrapped: EncString) -> bytes:
        """Decrypts a key that was wrapped for this key pair (types 3 to 6).

        Raises `AuthenticationFailed` if it was wrapped for another key pair.
        """
        try:
            scheme = _oaep(_READ_AS.get(wrapped.type, wrapped.type))
            return self._key.decrypt(wrapped.data, scheme)
        except ValueError:
            raise AuthenticationFailed("The key was wrapped for another key pair.") from None
        except UnsupportedAlgorithm:
            raise EncryptionUnsupported(
                f"Encryption type {wrapped.type} is switched off in this machine's OpenSSL."
            ) from None

    def wrap(self, material: bytes, type: int = RSA_OAEP_SHA1) -> EncString:
        """Encrypts a key's bytes for the owner of this key pair."""
        return EncString(type, self._key.public_key().encrypt(material, _oaep(type)))


def _fits(numbers: rsa.RSAPrivateNumbers) -> bool:
    """Returns True if a key's numbers belong together; OpenSSL relies on it when decrypting."""
    p, q, d = numbers.p, numbers.q, numbers.d
    n, e = numbers.public_numbers.n, numbers.public_numbers.e
    return (
        min(p, q) > 2
        and n % 2 == 1
        and n.bit_length() <= _LONGEST
        and p * q == n
        and e * d % (p - 1) == e * d % (q - 1) == 1
        and numbers.dmp1 == d % (p - 1)
        and numbers.dmq1 == d % (q - 1)
        and numbers.iqmp * q % p == 1
    )


def _oaep(type: int) -> padding.OAEP:
    algorithm = _HASHES.get(type)
    if algorithm is None:
        raise EncryptionUnsupported(f"Encryption type {type} does not wrap keys for a key pair.")
    return padding.OAEP(padding.MGF1(algorithm), algorithm, None)
