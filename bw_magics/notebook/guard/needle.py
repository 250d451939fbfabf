"""`Needle`: one text to be found, as bytes, and where it counts."""

from __future__ import annotations

from typing import NamedTuple

ENCODING = "utf-8"
# A text that a kernel prints may hold half of a surrogate pair; it is searched all the same.
ERRORS = "surrogatepass"


class Needle(NamedTuple):
    """What is searched for. `is_free` counts anywhere, the others only as whole words."""

    data: bytes
    is_free: bool


def encode(text: str) -> bytes:
    """A text as the bytes that are searched."""
    return text.encode(ENCODING, ERRORS)


def decode(data: bytes) -> str:
    """What `encode` was given."""
    return data.decode(ENCODING, ERRORS)


# Where something begins and ends in a text.
Span = tuple[int, int]
