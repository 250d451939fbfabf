"""The candidates for a typed text, their order, and their spelling on a line."""

from __future__ import annotations

from collections.abc import Iterable

from bw_magics.errors import UsageMistake
from bw_magics.notebook.complete.candidates import COMMON, OF_MACHINE, Candidate, written
from bw_magics.vault.draft import type_named
from bw_magics.vault.names import folded


def fixed_words(typed: str, words: Iterable[str]) -> list[Candidate]:
    """Chooses among the fixed words of an argument."""
    return beginning_with(typed, (Candidate(word, "value") for word in words))


def beginning_with(typed: str, candidates: Iterable[Candidate]) -> list[Candidate]:
    """Chooses the candidates that begin with the text, ignoring case."""
    wanted = folded(typed)
    return [each for each in candidates if folded(each.text).startswith(wanted)]


def common_first(candidates: list[Candidate], typed: str) -> list[Candidate]:
    """Sorts common objects first.

    JupyterLab sorts by the alphabet. A rarer name that would come before a common one is left out
    until more is typed.
    """
    common = [each for each in candidates if each.text in COMMON]
    last = max((each.text.casefold() for each in common), default="") if typed else ""
    others = [each for each in candidates if each not in common]
    return [*common, *(each for each in others if each.text.casefold() > last)]


def containing(typed: str, candidates: Iterable[Candidate]) -> list[Candidate]:
    """Returns candidates that begin with the text, then those that contain it."""
    wanted = folded(typed)
    fitting = [each for each in candidates if wanted in folded(each.text)]
    return sorted(fitting, key=lambda each: not folded(each.text).startswith(wanted))


def in_quotes(candidates: Iterable[Candidate], quote: str, *, one: bool = False) -> list[Candidate]:
    """Writes the candidates as a line holds them; leaves out those that it cannot hold."""
    found = ((written(text, quote, together=not one), kind) for text, kind in candidates)
    return [Candidate(text, kind) for text, kind in found if text is not None]


def owner_named(word: str) -> str:
    """Returns the kind of object that options are for: Bitwarden's name for a type of item, or one
    of the Secrets Manager's; empty for any other word.
    """
    try:
        return word if word in OF_MACHINE else type_named(word).name
    except UsageMistake:
        return ""
