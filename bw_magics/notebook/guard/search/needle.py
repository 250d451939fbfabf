"""Needles: the texts to be found and those they are found in, as bytes."""

from __future__ import annotations

from collections.abc import Mapping

ENCODING = "utf-8"
# A text that a kernel prints may hold half of a surrogate pair; it is searched all the same.
ERRORS = "surrogatepass"

# What is searched for, and whether it counts anywhere; the others count only as whole words.
Needles = Mapping[bytes, bool]

# Where something begins and ends in a text.
Span = tuple[int, int]


def encode(text: str) -> bytes:
    """A text as the bytes that are searched."""
    return text.encode(ENCODING, ERRORS)


def decode(data: bytes) -> str:
    """What `encode` was given."""
    return data.decode(ENCODING, ERRORS)
