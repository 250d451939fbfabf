"""Encrypted files: the binary layout of attachments (protocol 5.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bw_magics.crypto.enc_string import AES_CBC_HMAC, COSE_ENCRYPT0, EncString
from bw_magics.crypto.keys import SymmetricKey
from bw_magics.errors import EncryptionUnsupported, EncStringMalformed

if TYPE_CHECKING:
    from bw_magics.crypto.cose_key import CoseKey

_HEADER = 1 + 16 + 32


def encrypt_file(key: SymmetricKey, data: bytes) -> bytes:
    """`data` as an encrypted file: type, initialisation vector, MAC, then the data."""
    value = key.encrypt(data)
    return bytes([AES_CBC_HMAC]) + value.iv + value.mac + value.data


def decrypt_file(key: SymmetricKey | CoseKey, file: bytes) -> bytes:
    """The contents of an encrypted file; MAC or tag are checked first."""
    if not file:
        raise EncStringMalformed("The encrypted file is empty.")
    if not isinstance(key, SymmetricKey):
        from bw_magics.crypto.encrypt0 import OCTETS

        return key.decrypt(EncString(file[0], file[1:]), OCTETS)
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
