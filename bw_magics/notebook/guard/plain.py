"""Plain texts: short ones of short words, of which a glance tells what cannot stand in them."""

from __future__ import annotations

import re

# A word of so many bytes is long.
LONG_WORD = 12
# Texts that are longer are not looked at.
SHORT_TEXT = 1024

_NOT_IN_WORDS = re.compile(rb'[ "]')
_LONG_WORD = re.compile(rb'[^ "]{%d}' % LONG_WORD)
# All that escapes begin with, colours among them, then tags, then long words.
_NOT_PLAIN = re.compile(rb"""[\\%%&+\r]|""|''|<|[^ "]{%d}""" % LONG_WORD)


def is_long_word(data: bytes) -> bool:
    """Whether it is long, and one word."""
    return len(data) >= LONG_WORD and _NOT_IN_WORDS.search(data) is None


def may_have_long_words(data: bytes) -> bool:
    """Whether there may be one in a text."""
    return len(data) > SHORT_TEXT or _LONG_WORD.search(data) is not None


def is_plain(data: bytes) -> bool:
    """Whether a text is known to have no long word, nothing escaped and no markup."""
    return len(data) <= SHORT_TEXT and _NOT_PLAIN.search(data) is None
