"""A quick look at a cell, for the calls and variables by which Python gives secrets."""

from __future__ import annotations

from bw_magics.lean_regex import regex

OF_VAULTS = frozenset({"unlock", "login", "confirm", "adopt_cli"})
OF_API_KEYS = frozenset({"view", "rotate"})
METHODS = "|".join(sorted(OF_VAULTS | OF_API_KEYS))

_LIKELY = regex(rf"\.\s*(?:{METHODS})\s*\(|\b(?:environ|putenv|(?:set_)?env)\b")


def is_likely(cell: str) -> bool:
    """Tells whether a cell can have a typed secret outside of a magic's line."""
    return _LIKELY.search(cell) is not None
