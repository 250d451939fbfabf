"""Padding that hides lengths: N bytes of the value N at the end (protocol 5.4, 5.5)."""

from __future__ import annotations

from bw_magics.errors import CoseMalformed

# Texts take the next multiple of this that is longer than they are.
TEXT_BLOCK = 32

# Where 64 bytes mean a key of version 1, an encoded COSE_Key is longer.
SHORTEST_KEY = 65


def pad_text(data: bytes) -> bytes:
    """A text's bytes to a multiple of 32, with one byte of padding at least."""
    return _pad(data, TEXT_BLOCK - len(data) % TEXT_BLOCK)


def pad_key(encoded: bytes) -> bytes:
    """An encoded COSE_Key to 65 bytes at least, with one byte of padding at least."""
    return _pad(encoded, max(SHORTEST_KEY - len(encoded), 1))


def unpad(padded: bytes) -> bytes:
    """What was padded. It has to be authenticated by now; raises `CoseMalformed`."""
    count = padded[-1] if padded else 0
    if not 1 <= count <= len(padded) or padded[-count:] != bytes([count]) * count:
        raise CoseMalformed("The padding of the decrypted value does not fit.")
    return padded[:-count]


def _pad(data: bytes, count: int) -> bytes:
    return data + bytes([count]) * count
