"""Encryption of the vault cache on this machine: AES-256-GCM, each block under its own key.

The keys are derived from the account's user key and used for nothing else
(docs/decisions/0015-sealed-index.md).
"""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF, HKDFExpand

from bw_magics.errors import AuthenticationFailed
from bw_magics.secret import Unpicklable

if TYPE_CHECKING:
    from bw_magics.crypto.wrapping import EitherUserKey

SALT = 32
# What sealing adds to a block: the nonce and the tag.
OVERHEAD = 28

_INFO = b"bw_magics vault cache 2\n"
_KEY = 32
_NONCE = 12


class CacheKey(Unpicklable):
    """The key of the blocks of one kind in one cache file.

    `kind` names what the blocks hold: the key of one kind opens none of another. `salt` is random
    for each file, and `bound` is all that the file says in clear: where it was modified, the key is
    another and opens nothing.
    """

    __slots__ = ("_material",)

    def __init__(self, user_key: EitherUserKey, *, kind: bytes, salt: bytes, bound: bytes) -> None:
        info = _INFO + kind + b"\n" + hashlib.sha256(bound).digest()
        derivation = HKDF(hashes.SHA256(), length=_KEY, salt=salt, info=info)
        self._material = derivation.derive(user_key.material)

    def __repr__(self) -> str:
        return "<CacheKey>"

    def seal(self, number: int, data: bytes) -> bytes:
        """Encrypts the block of that number."""
        nonce = os.urandom(_NONCE)
        return nonce + self._cipher(number).encrypt(nonce, data, None)

    def open(self, number: int, sealed: bytes) -> bytes:
        """Decrypts the block of that number.

        Raises `AuthenticationFailed` if it was modified, is another block, or was encrypted under
        another key.
        """
        try:
            return self._cipher(number).decrypt(sealed[:_NONCE], sealed[_NONCE:], None)
        except (InvalidTag, ValueError):
            raise AuthenticationFailed(
                "The vault that is kept on this machine was modified or damaged."
            ) from None

    def _cipher(self, number: int) -> AESGCM:
        info = number.to_bytes(8, "big")
        return AESGCM(HKDFExpand(hashes.SHA256(), _KEY, info).derive(self._material))
