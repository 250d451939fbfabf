"""Needles: the texts to search for, as bytes."""

from __future__ import annotations

from collections.abc import Mapping

ENCODING = "utf-8"
# A text that a kernel prints may hold half of a surrogate pair; it is searched all the same.
ERRORS = "surrogatepass"

# What is searched for, and whether it counts anywhere; the others count only as whole words.
Needles = Mapping[bytes, bool]

# The beginning and end of a part of a text.
Span = tuple[int, int]


def encode(text: str) -> bytes:
    """Returns the bytes of a text, as they are searched."""
    return text.encode(ENCODING, ERRORS)


def decode(data: bytes) -> str:
    """Returns the text that `encode` was given."""
    return data.decode(ENCODING, ERRORS)
