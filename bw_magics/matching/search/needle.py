"""Needles: the texts to search for, as bytes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

ENCODING = "utf-8"
# A text that a kernel prints may hold half of a surrogate pair; it is searched anyway.
ERRORS = "surrogatepass"

# The bytes to search for, and whether they count anywhere or only as a whole word.
Needles = Mapping[bytes, bool]

# The beginning and end of a part of a text.
Span = tuple[int, int]


def encode(text: str) -> bytes:
    """Returns the bytes of a text for a search."""
    return text.encode(ENCODING, ERRORS)


def decode(data: bytes) -> str:
    """Returns the text of bytes that `encode` made."""
    return data.decode(ENCODING, ERRORS)


def joined(spans: Iterable[Span]) -> list[Span]:
    """Returns spans that are in the order of their beginnings, those that touch as one."""
    joined: list[Span] = []
    for start, end in spans:
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined
