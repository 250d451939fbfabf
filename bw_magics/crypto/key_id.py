"""Key ids, by which a server tells which key encrypted a value."""

from __future__ import annotations

import hashlib

from bw_magics.crypto.cose import cbor
from bw_magics.crypto.keys import SymmetricKey
from bw_magics.crypto.wrapping import EitherKey

_KIND, _SYMMETRIC, _SECRET = 1, 4, -1
_LENGTH = 16


def thumbprint(key: EitherKey) -> bytes:
    """Computes the SHA-256 thumbprint of a key (RFC 9679)."""
    return hashlib.sha256(cbor.encode({_KIND: _SYMMETRIC, _SECRET: key.material})).digest()


def key_id(key: EitherKey) -> str:
    """Returns a COSE key's own id, or the first half of a V1 key's thumbprint, in hex.

    The protocol calls it `userKeyId` or `encryptedByKeyId`.
    """
    if isinstance(key, SymmetricKey):
        return thumbprint(key)[:_LENGTH].hex()
    return key.id.hex()
