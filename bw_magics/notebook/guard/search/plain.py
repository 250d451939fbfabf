"""Plain texts: short ones of short words, of which a glance tells what cannot stand in them."""

from __future__ import annotations

# Nothing is escaped in a text without one of these bytes, or two quotes beside one another.
SIGN_BYTES = b"\\%&+\r"
# A word of so many bytes is long.
LONG_WORD = 12
# Texts that are longer are not looked at.
SHORT_TEXT = 1024

# What stands between words: of the characters of most texts, those that few secrets have.
_BETWEEN_WORDS = b' \n\t"<>.'
_SIGN = b"!"
_LONG_WORD = b"x" * LONG_WORD
# To make one of these of a text and look for a few bytes in that is several times as quick as a
# regular expression.
_WORDS = bytes(ord(" " if byte in _BETWEEN_WORDS else "x") for byte in range(256))
_WORDS_AND_SIGNS = bytes(
    _SIGN[0] if byte in SIGN_BYTES else word for byte, word in enumerate(_WORDS)
)


def is_long_word(data: bytes) -> bool:
    """Whether it is long, and one word."""
    return len(data) >= LONG_WORD and b" " not in data.translate(_WORDS)


def may_have_long_words(data: bytes) -> bool:
    """Whether there may be one in a text."""
    return len(data) > SHORT_TEXT or _LONG_WORD in data.translate(_WORDS)


def is_plain(data: bytes) -> bool:
    """Whether a text is known to have no long word and nothing escaped."""
    if len(data) > SHORT_TEXT or b'""' in data or b"''" in data or b'"\'"' in data:
        return False
    shape = data.translate(_WORDS_AND_SIGNS)
    return _SIGN not in shape and _LONG_WORD not in shape
