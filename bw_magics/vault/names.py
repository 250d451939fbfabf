"""How names and ids compare."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

# Comparing a text with more names than this takes too long.
_MOST_COMPARED = 20_000


def normal(name: str) -> str:
    """A name in NFC, the form in which all names compare."""
    return name if name.isascii() else unicodedata.normalize("NFC", name)


def folded(name: str) -> str:
    """The same, ignoring case."""
    return normal(name).casefold()


def closest(typed: str, names: Iterable[str], *, most: int = 3) -> list[str]:
    """The names that are spelled most like a text, ignoring case; none among very many names."""
    # Imported here: nothing that succeeds needs it.
    from difflib import get_close_matches

    by_folded = {folded(name): name for name in names}
    if len(by_folded) > _MOST_COMPARED:
        return []
    return [by_folded[each] for each in get_close_matches(folded(typed), by_folded, n=most)]
