"""Padding that hides lengths: N bytes of the value N at the end."""

from __future__ import annotations

from bw_magics.errors import CoseMalformed

# Texts are padded to the next larger multiple of this, in bytes.
TEXT_BLOCK = 32

# 64 bytes mean a key of V1, so an encoded COSE_Key is longer.
SHORTEST_KEY = 65


def pad_text(data: bytes) -> bytes:
    """Pads a text's bytes to a multiple of 32, by at least one byte."""
    return _pad(data, TEXT_BLOCK - len(data) % TEXT_BLOCK)


def pad_key(encoded: bytes) -> bytes:
    """Pads an encoded COSE_Key to at least 65 bytes, by at least one byte."""
    return _pad(encoded, max(SHORTEST_KEY - len(encoded), 1))


def unpad(padded: bytes) -> bytes:
    """Removes the padding of authenticated data; raises `CoseMalformed` if it is wrong."""
    count = padded[-1] if padded else 0
    if not 1 <= count <= len(padded) or padded[-count:] != bytes([count]) * count:
        raise CoseMalformed("The padding of the decrypted value is wrong.")
    return padded[:-count]


def _pad(data: bytes, count: int) -> bytes:
    return data + bytes([count]) * count
