"""Comparison of names."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from bw_magics.errors import UsageMistake

Named = TypeVar("Named")

# Comparing a text with more names than this takes too long.
_MOST_COMPARED = 20_000


def normal(name: str) -> str:
    """Returns a name in NFC, the form in which all names compare."""
    if name.isascii():
        return name
    import unicodedata  # most vaults have no other names

    return unicodedata.normalize("NFC", name)


def as_name(name: object) -> str:
    """Returns what a program gives as a name or id. Raises `UsageMistake` if it is not a text."""
    if not isinstance(name, str):
        raise UsageMistake(
            f"A name or id is a text, and this is a value of the type {type(name).__name__}.",
            'Write the name in quotes: vault["Warehouse DB"].',
        )
    return name


def folded(name: str) -> str:
    """Returns the same, ignoring case."""
    # Folding case may leave the normal form: "ǰ" becomes "j" and a sign of its own.
    text = normal(normal(name).casefold())
    # Most names of a large vault are folded already: no second text is kept for them.
    return name if type(name) is str and text == name else text


def best(
    candidates: Iterable[Named],
    name_of: Callable[[Named], str],
    wanted: str,
    *,
    loose: bool = False,
) -> list[Named]:
    """Returns the candidates of exactly that name, else ignoring case, else (with `loose`) those
    whose name contains it.
    """
    named = [(each, name_of(each)) for each in candidates]
    exact, ignoring_case = normal(wanted), folded(wanted)
    return (
        [each for each, name in named if normal(name) == exact]
        or [each for each, name in named if folded(name) == ignoring_case]
        or [each for each, name in named if loose and ignoring_case in folded(name)]
    )


def closest(typed: str, names: Iterable[str], *, most: int = 3) -> list[str]:
    """Returns the names that are spelled most like a text, ignoring case; none among very many
    names.
    """
    # Imported here: nothing that succeeds needs it.
    from difflib import get_close_matches

    by_folded = {folded(name): name for name in names}
    if len(by_folded) > _MOST_COMPARED:
        return []
    return [by_folded[each] for each in get_close_matches(folded(typed), by_folded, n=most)]
