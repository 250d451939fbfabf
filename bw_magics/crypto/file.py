"""Encrypted files: the binary layout of attachments."""

from __future__ import annotations

import hmac
import os
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from bw_magics.crypto.content_type import OCTETS
from bw_magics.crypto.enc_string import AES_CBC_HMAC, COSE_ENCRYPT0, EncString
from bw_magics.crypto.keys import SymmetricKey
from bw_magics.crypto.wrapping import EitherKey
from bw_magics.errors import AuthenticationFailed, EncryptionUnsupported, EncStringMalformed

_HEADER = 1 + 16 + 32
_BLOCK = 16
_PIECE = 1024 * 1024


def encrypt_file(key: SymmetricKey, data: bytes) -> bytes:
    """Encrypts `data` as a file: type, initialisation vector, MAC, then the data."""
    value = key.encrypt(data)
    return bytes([AES_CBC_HMAC]) + value.iv + value.mac + value.data


def encrypt_pieces(key: SymmetricKey, pieces: Iterable[bytes], file: BinaryIO) -> int:
    """Encrypts the `pieces` into `file`, with one piece in memory; returns the size.

    The MAC precedes the data, so `file` has to be one that seeks. It is left at its start.
    """
    iv = os.urandom(_BLOCK)
    encryptor = Cipher(algorithms.AES(key.material[:32]), modes.CBC(iv)).encryptor()
    mac, size = hmac.new(key.material[32:], iv, "sha256"), 0
    file.seek(0)
    file.write(bytes(_HEADER))

    def write(encrypted: bytes) -> None:
        mac.update(encrypted)
        file.write(encrypted)

    for piece in pieces:
        size += len(piece)
        write(encryptor.update(piece))
    count = _BLOCK - size % _BLOCK
    write(encryptor.update(bytes([count]) * count) + encryptor.finalize())
    file.seek(0)
    file.write(bytes([AES_CBC_HMAC]) + iv + mac.digest())
    file.seek(0)
    return _HEADER + size + count


def decrypt_file(key: EitherKey, file: bytes) -> bytes:
    """Decrypts a file; checks the MAC or the tag first."""
    if not file:
        raise EncStringMalformed("The encrypted file is empty.")
    if not isinstance(key, SymmetricKey):
        # Accounts with encryption V1 start faster without COSE.
        from bw_magics.crypto.cose.encrypt0 import Encrypt0

        value = EncString(file[0], file[1:])
        # The download of a file has a ceiling of its own.
        message = Encrypt0.from_enc_string(value, longest=len(file))
        return key.decrypt_message(message, OCTETS)
    if file[0] == COSE_ENCRYPT0:
        raise EncryptionUnsupported(
            "A file of encryption type 7 is refused under a key of version 1."
        )
    if file[0] != AES_CBC_HMAC:
        raise EncryptionUnsupported(f"Encryption type {file[0]} of a file is not supported.")
    body = file[_HEADER:]
    if not body or len(body) % 16:
        raise EncStringMalformed("The encrypted file is cut off.")
    return key.decrypt(EncString(AES_CBC_HMAC, body, file[1:17], file[17:_HEADER]))


def open_file(key: EitherKey, file: BinaryIO) -> Iterator[bytes]:
    """Decrypts a file piece by piece, with one piece in memory; under a key of V2, all of it.

    Reads `file` once to check the MAC before this returns, and again as the pieces are taken. The
    file must not change meanwhile. Raises what `decrypt_file` raises.
    """
    file.seek(0)
    if not isinstance(key, SymmetricKey):
        return iter((decrypt_file(key, file.read()),))
    header = file.read(_HEADER)
    if not header:
        raise EncStringMalformed("The encrypted file is empty.")
    if header[0] != AES_CBC_HMAC:
        return iter((decrypt_file(key, header),))  # raises the error
    iv, expected = header[1:17], header[17:]
    mac, size = hmac.new(key.material[32:], iv, "sha256"), 0
    while piece := file.read(_PIECE):
        mac.update(piece)
        size += len(piece)
    if not size or size % _BLOCK:
        raise EncStringMalformed("The encrypted file is cut off.")
    if not hmac.compare_digest(mac.digest(), expected):
        raise AuthenticationFailed("Integrity check failed: wrong key or modified data.")
    return _pieces(key, iv, file)


def _pieces(key: SymmetricKey, iv: bytes, file: BinaryIO) -> Iterator[bytes]:
    file.seek(_HEADER)
    decryptor = Cipher(algorithms.AES(key.material[:32]), modes.CBC(iv)).decryptor()
    held = b""
    while piece := file.read(_PIECE):
        if held:
            yield held
        held = decryptor.update(piece)
    held += decryptor.finalize()
    count = held[-1]
    if not 1 <= count <= _BLOCK or held[-count:] != bytes([count]) * count:
        raise AuthenticationFailed("Padding check failed: wrong key or modified data.")
    if count < len(held):
        yield held[:-count]
