"""Key ids: what a server compares to see which key something was encrypted with (protocol 4.5)."""

from __future__ import annotations

import hashlib

from bw_magics.crypto.cose import cbor
from bw_magics.crypto.keys import SymmetricKey
from bw_magics.crypto.wrapping import EitherKey

_KIND, _SYMMETRIC, _SECRET = 1, 4, -1
_LENGTH = 16


def thumbprint(key: EitherKey) -> bytes:
    """The SHA-256 thumbprint of a key (RFC 9679)."""
    return hashlib.sha256(cbor.encode({_KIND: _SYMMETRIC, _SECRET: key.material})).digest()


def key_id(key: EitherKey) -> str:
    """`userKeyId`, `encryptedByKeyId`: a COSE key's own id, else the thumbprint's first half."""
    if isinstance(key, SymmetricKey):
        return thumbprint(key)[:_LENGTH].hex()
    return key.id.hex()
