"""Bubble Babble: a digest as words, as `ssh-keygen -B` writes it."""

from __future__ import annotations

_VOWELS, _CONSONANTS = "aeiouy", "bcdfghklmnprstvzx"


def bubble_babble(digest: bytes) -> str:
    """Writes a digest of an even length as words: `xevod-zehyk-…-zuxax`."""
    words, seed = "x", 1
    for one, two in zip(digest[::2], digest[1::2], strict=True):
        words += _VOWELS[((one >> 6) + seed) % 6] + _CONSONANTS[one >> 2 & 15]
        words += _VOWELS[((one & 3) + seed // 6) % 6] + _CONSONANTS[two >> 4]
        words += f"-{_CONSONANTS[two & 15]}"
        seed = (seed * 5 + one * 7 + two) % 36
    return f"{words}{_VOWELS[seed % 6]}x{_VOWELS[seed // 6]}x"
