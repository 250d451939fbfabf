"""Signing keys: Ed25519, and ML-DSA-44 if the `cryptography` package has it."""

from __future__ import annotations

import hmac
import os
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from bw_magics.crypto.cose import cbor
from bw_magics.errors import AuthenticationFailed, CoseMalformed, EncryptionUnsupported
from bw_magics.secret import Unpicklable

if TYPE_CHECKING:
    from types import ModuleType

KIND, ID, ALGORITHM, OPERATIONS = range(1, 5)
SIGN, VERIFY = 1, 2
ID_LENGTH = 16

ED25519, ML_DSA_44 = -8, -48

# COSE key types: octet key pair, algorithm key pair.
_OKP, _AKP = 1, 7
_CURVE, _CURVE_ED25519 = -1, 6
_KINDS = {ED25519: _OKP, ML_DSA_44: _AKP}

# Labels and lengths in bytes of the public half and of the seed.
_PUBLIC = {ED25519: (-2, 32), ML_DSA_44: (-1, 1312)}
_SEED = {ED25519: (-4, 32), ML_DSA_44: (-2, 32)}


class VerifyingKey:
    """The public half of a signing key."""

    __slots__ = ("algorithm", "id", "public")

    def __init__(self, *, id: bytes, algorithm: int, public: bytes) -> None:
        self.id = id
        self.algorithm = algorithm
        self.public = public

    def __repr__(self) -> str:
        return f"<VerifyingKey, COSE algorithm {self.algorithm}>"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, VerifyingKey):
            return NotImplemented
        return (self.id, self.algorithm, self.public) == (other.id, other.algorithm, other.public)

    __hash__ = None  # type: ignore[assignment]

    @classmethod
    def parse(cls, encoded: bytes) -> VerifyingKey:
        """Parses a COSE_Key map; raises `CoseMalformed` and `EncryptionUnsupported`."""
        members, id, algorithm = _read(encoded, VERIFY)
        return cls(id=id, algorithm=algorithm, public=_bytes(members, _PUBLIC[algorithm]))

    @property
    def encoded(self) -> bytes:
        """The key as a COSE_Key map."""
        label, _ = _PUBLIC[self.algorithm]
        return cbor.encode(
            {**_common(self.id, self.algorithm), OPERATIONS: [VERIFY], label: self.public}
        )

    @property
    def can_verify(self) -> bool:
        """True if the installed `cryptography` package has this kind of signature."""
        return self.algorithm == ED25519 or _ml_dsa() is not None

    def verify(self, signature: bytes, data: bytes) -> None:
        """Raises `AuthenticationFailed` if the signature does not match the data."""
        try:
            if self.algorithm == ED25519:
                Ed25519PublicKey.from_public_bytes(self.public).verify(signature, data)
            else:
                _needed().MLDSA44PublicKey.from_public_bytes(self.public).verify(signature, data)
        except (InvalidSignature, ValueError):
            raise AuthenticationFailed("The signature is wrong.") from None
        except UnsupportedAlgorithm:
            raise _unsupported(self.algorithm) from None


class SigningKey(Unpicklable):
    """The secret half of a signing key; its repr hides the seed."""

    __slots__ = ("_seed", "algorithm", "id", "verifying_key")

    def __init__(
        self, seed: bytes, *, id: bytes, algorithm: int = ED25519, public: bytes | None = None
    ) -> None:
        self._seed = seed
        self.id = id
        self.algorithm = algorithm
        derived = self._derive()
        if derived is None and public is None:
            raise _unsupported()
        if derived is not None and public is not None and not hmac.compare_digest(derived, public):
            raise CoseMalformed("The halves of the signing key do not belong together.")
        self.verifying_key = VerifyingKey(
            id=id, algorithm=algorithm, public=derived or public or b""
        )

    def __repr__(self) -> str:
        return "<SigningKey>"

    @classmethod
    def generate(cls, algorithm: int = ED25519) -> SigningKey:
        """Makes a new random key."""
        return cls(os.urandom(_SEED[algorithm][1]), id=os.urandom(ID_LENGTH), algorithm=algorithm)

    @classmethod
    def parse(cls, encoded: bytes) -> SigningKey:
        """Parses a COSE_Key map; raises `CoseMalformed` and `EncryptionUnsupported`.

        Derives the public half from the seed and compares it with the map's, if that has one.
        Without ML-DSA in the backend, the map's is taken as it is.
        """
        members, id, algorithm = _read(encoded, SIGN)
        label, _ = _PUBLIC[algorithm]
        public = _bytes(members, _PUBLIC[algorithm]) if label in members else None
        return cls(_bytes(members, _SEED[algorithm]), id=id, algorithm=algorithm, public=public)

    @property
    def encoded(self) -> bytes:
        """The key as a COSE_Key map, for wrapping it under the user key."""
        members = _common(self.id, self.algorithm) | {OPERATIONS: [SIGN]}
        if self.algorithm == ML_DSA_44:
            members[_PUBLIC[ML_DSA_44][0]] = self.verifying_key.public
        return cbor.encode({**members, _SEED[self.algorithm][0]: self._seed})

    def sign(self, data: bytes) -> bytes:
        """Signs the data."""
        if self.algorithm == ED25519:
            return Ed25519PrivateKey.from_private_bytes(self._seed).sign(data)
        signature: bytes = _needed().MLDSA44PrivateKey.from_seed_bytes(self._seed).sign(data)
        return signature

    def _derive(self) -> bytes | None:
        if self.algorithm == ED25519:
            try:
                key = Ed25519PrivateKey.from_private_bytes(self._seed)
            except UnsupportedAlgorithm:
                raise _unsupported(ED25519) from None
            return key.public_key().public_bytes_raw()
        module = _ml_dsa()
        if module is None:
            return None
        public: bytes = (
            module.MLDSA44PrivateKey.from_seed_bytes(self._seed).public_key().public_bytes_raw()
        )
        return public


def _read(encoded: bytes, operation: int) -> tuple[cbor.Map, bytes, int]:
    members = cbor.decode_map(encoded)
    algorithm, id = members.get(ALGORITHM), members.get(ID)
    if not isinstance(algorithm, int) or algorithm not in _KINDS:
        raise EncryptionUnsupported("The signing key is of a kind that is not known here.")
    if members.get(KIND) != _KINDS[algorithm]:
        raise CoseMalformed("The kind and the algorithm of a signing key do not match.")
    if algorithm == ED25519 and members.get(_CURVE) != _CURVE_ED25519:
        raise CoseMalformed("The curve and the algorithm of a signing key do not match.")
    if not isinstance(id, bytes) or len(id) != ID_LENGTH:
        raise CoseMalformed("The signing key has no id of 16 bytes.")
    operations = members.get(OPERATIONS)
    if operations is not None and (not isinstance(operations, list) or operation not in operations):
        raise EncryptionUnsupported("The signing key is not for this use.")
    return members, id, algorithm


def _bytes(members: cbor.Map, place: tuple[int, int]) -> bytes:
    label, length = place
    value = members.get(label)
    if not isinstance(value, bytes) or len(value) != length:
        raise CoseMalformed("A part of the signing key is missing or has a wrong length.")
    return value


def _common(id: bytes, algorithm: int) -> cbor.Map:
    members: cbor.Map = {KIND: _KINDS[algorithm], ID: id, ALGORITHM: algorithm}
    return members | ({_CURVE: _CURVE_ED25519} if algorithm == ED25519 else {})


def _ml_dsa() -> ModuleType | None:
    """Returns the backend's ML-DSA; None if the package or its OpenSSL lacks it."""
    try:
        from cryptography.hazmat.primitives.asymmetric import mldsa

        mldsa.MLDSA44PrivateKey.from_seed_bytes(bytes(_SEED[ML_DSA_44][1]))
    except (ImportError, AttributeError, UnsupportedAlgorithm):
        return None
    return mldsa


def _needed() -> ModuleType:
    module = _ml_dsa()
    if module is None:
        raise _unsupported()
    return module


def _unsupported(algorithm: int = ML_DSA_44) -> EncryptionUnsupported:
    name = "Ed25519" if algorithm == ED25519 else "ML-DSA-44"
    return EncryptionUnsupported(
        f"This machine's cryptography package cannot check signatures of the kind {name}.",
        "Upgrade it: pip install -U cryptography.",
    )
