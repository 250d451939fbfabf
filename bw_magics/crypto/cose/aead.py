"""The authenticated ciphers of account encryption V2.

XChaCha20-Poly1305 and XAES-256-GCM derive a key from the first part of a long nonce, and continue
with a standard cipher of the `cryptography` package. HChaCha20 is one ChaCha20 block without the
final addition. So this module takes that package's ChaCha20 and subtracts the addition: no
arithmetic on key bits in Python, and no further library.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from cryptography.exceptions import InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305

from bw_magics.errors import AuthenticationFailed, CoseMalformed, EncryptionUnsupported

TAG = 16

_CHACHA_CONSTANTS = struct.unpack("<4I", b"expand 32-byte k")
_XAES_BLOCKS = (b"\x00\x01X\x00", b"\x00\x02X\x00")


class _Standard(Protocol):
    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes, /) -> bytes: ...
    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes, /) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Aead:
    """A cipher: its number in COSE, its name, and the length of its nonce in bytes."""

    number: int
    name: str
    nonce_length: int
    _standard: Callable[[bytes, bytes], tuple[_Standard, bytes]]

    def encrypt(self, *, key: bytes, nonce: bytes, data: bytes, associated: bytes) -> bytes:
        """Encrypts the data and appends the tag."""
        cipher, rest = self._prepared(key, nonce)
        return cipher.encrypt(rest, data, associated)

    def decrypt(self, *, key: bytes, nonce: bytes, data: bytes, associated: bytes) -> bytes:
        """Decrypts the data; raises `AuthenticationFailed` for a wrong tag."""
        if len(nonce) != self.nonce_length or len(data) < TAG:
            raise CoseMalformed("The nonce or the tag of an encrypted value is missing.")
        cipher, rest = self._prepared(key, nonce)
        try:
            return cipher.decrypt(rest, data, associated)
        except InvalidTag:
            pass
        raise AuthenticationFailed("Integrity check failed: wrong key or modified data.")

    def _prepared(self, key: bytes, nonce: bytes) -> tuple[_Standard, bytes]:
        try:
            return self._standard(key, nonce)
        except UnsupportedAlgorithm:
            pass
        raise EncryptionUnsupported(
            f"{self.name} is switched off in this machine's OpenSSL.",
            "Install the cryptography package from PyPI: it brings its own OpenSSL.",
        )


def hchacha20(key: bytes, nonce: bytes) -> bytes:
    """Derives a key from the first 16 bytes of an XChaCha20 nonce."""
    block = Cipher(algorithms.ChaCha20(key, nonce), mode=None).encryptor().update(bytes(64))
    words = struct.unpack("<16I", block)
    added = (*_CHACHA_CONSTANTS, *struct.unpack("<4I", nonce))
    kept = (word - start for word, start in zip(words[:4] + words[12:], added, strict=True))
    return struct.pack("<8I", *(word & 0xFFFFFFFF for word in kept))


def xaes_key(key: bytes, nonce: bytes) -> bytes:
    """Derives a key from the first 12 bytes of an XAES-256-GCM nonce (C2SP XAES-256-GCM)."""
    block = Cipher(algorithms.AES(key), modes.ECB()).encryptor()  # noqa: S305 - CMAC of one block
    start = int.from_bytes(block.update(bytes(16)))
    mask = (start << 1 ^ (0x87 if start >> 127 else 0)) & (1 << 128) - 1
    return b"".join(
        block.update((int.from_bytes(prefix + nonce) ^ mask).to_bytes(16))
        for prefix in _XAES_BLOCKS
    )


def _xchacha20(key: bytes, nonce: bytes) -> tuple[_Standard, bytes]:
    return ChaCha20Poly1305(hchacha20(key, nonce[:16])), bytes(4) + nonce[16:]


def _xaes(key: bytes, nonce: bytes) -> tuple[_Standard, bytes]:
    return AESGCM(xaes_key(key, nonce[:12])), nonce[12:]


def _gcm(key: bytes, nonce: bytes) -> tuple[_Standard, bytes]:
    return AESGCM(key), nonce


XCHACHA20_POLY1305 = Aead(-70000, "XChaCha20-Poly1305", 24, _xchacha20)
XAES_256_GCM = Aead(-70010, "XAES-256-GCM", 24, _xaes)
AES_256_GCM = Aead(3, "AES-256-GCM", 12, _gcm)

AEADS = {aead.number: aead for aead in (XCHACHA20_POLY1305, XAES_256_GCM, AES_256_GCM)}
