"""Damage: what becomes of a text on a bad day."""

from __future__ import annotations

from random import Random

_BITS = (
    b"", b"\x00", b"\xff", b"{", b"}", b"[", b"]", b'"', b"null", b"-1", b"1e999", b"\\u0000",
    b"\\ud800", b"%2F", b"://", b"|", b".", b"=", b"'", b"--", b"\n", b"\x9f", b"\xbf\xff",
    b"9" * 25,
)  # fmt: skip


def mutated(data: bytes, random: Random) -> bytes:
    """The same with one to four places changed, doubled, cut out or cut off."""
    for _ in range(random.randint(1, 4)):
        start = random.randint(0, len(data))
        end = min(len(data), start + random.choice((0, 1, 1, 2, 8, 64)))
        kind = random.randrange(5)
        if kind == 0:
            data = data[:start] + random.choice(_BITS) + data[end:]
        elif kind == 1:
            data = data[:start] + random.randbytes(end - start) + data[end:]
        elif kind == 2:
            data = data[:end] + data[start:end] * random.choice((1, 2, 9)) + data[end:]
        elif kind == 3:
            data = data[:start] + data[end:]
        else:
            other = random.randint(0, len(data))
            data = data[:start] + data[other : other + end - start] + data[end:]
    return data[: random.randint(0, len(data))] if random.random() < 0.05 else data
