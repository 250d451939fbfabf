"""Encryption of the vault cache on this machine: AES-256-GCM.

The key is derived from the account's user key and used for nothing else.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from bw_magics.errors import AuthenticationFailed

if TYPE_CHECKING:
    from bw_magics.crypto.wrapping import EitherUserKey

_INFO = b"bw_magics vault cache"
_NONCE = 12
_TAG = 16
_BLOCK = 16
_PIECE = 1024 * 1024


def encrypt_cache(
    body: bytes | bytearray, *, user_key: EitherUserKey, bound: bytes
) -> Iterator[bytes]:
    """Encrypts the body piece by piece, so that memory never holds it twice.

    `bound` is authenticated with the body but not encrypted.
    """
    nonce = os.urandom(_NONCE)
    encryptor = Cipher(_cipher(user_key), modes.GCM(nonce)).encryptor()
    encryptor.authenticate_additional_data(bound)
    yield nonce
    with memoryview(body) as view:
        for at in range(0, len(view), _PIECE):
            yield encryptor.update(view[at : at + _PIECE])
    encryptor.finalize()
    yield encryptor.tag


def decrypt_cache(file: BinaryIO, *, user_key: EitherUserKey, bound: bytes) -> bytearray:
    """Decrypts the body; `file` is positioned at the first encrypted piece.

    Returns nothing before all of it is verified. Raises `AuthenticationFailed` if it was modified,
    encrypted under another key, or bound to something else.
    """
    start = file.tell()
    size = file.seek(0, os.SEEK_END) - start - _NONCE - _TAG
    file.seek(start)
    if size >= 0:
        decryptor = Cipher(_cipher(user_key), modes.GCM(file.read(_NONCE))).decryptor()
        decryptor.authenticate_additional_data(bound)
        body = bytearray(size + _BLOCK)  # larger than the body: OpenSSL needs room for a block
        with memoryview(body) as view:
            for at in range(0, size, _PIECE):
                decryptor.update_into(file.read(min(_PIECE, size - at)), view[at:])
        del body[size:]
        try:
            decryptor.finalize_with_tag(file.read(_TAG))
            return body
        except (InvalidTag, ValueError):
            body.clear()
    raise AuthenticationFailed("The vault file on this machine was modified or damaged.")


def _cipher(user_key: EitherUserKey) -> algorithms.AES:
    derivation = HKDF(hashes.SHA256(), length=32, salt=None, info=_INFO)
    return algorithms.AES(derivation.derive(user_key.material))
