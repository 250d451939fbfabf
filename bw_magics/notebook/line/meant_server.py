"""Tells whether a line that cannot be read means to name a server."""

from __future__ import annotations

import re

from bw_magics.lean_regex import regex
from bw_magics.notebook.line.declared import KNOWN_SERVERS
from bw_magics.vault.names import closest

# What other programs call it; a dash may be one of an editor's.
_NAMES = frozenset({"url", "uri", "host", "hostname", "address", "region", "domain", "instance"})
_OPTION = regex("[-\u2010-\u2015\u2212]{1,3}([A-Za-z][\\w-]*)")
_ADDRESS = regex(r"https?:.*|(?:[a-z0-9-]+\.){2,}[a-z]{2,}(?:[:/].*)?", re.IGNORECASE)
_SECRETS = frozenset({"secret", "session", "clientsecret", "client-secret"})


def means_server(line: str) -> bool:
    """Tells whether a word of the line is like `--server`, or an address."""
    return any(_is_option(word) or _is_address(word) for word in line.split())


def _is_address(word: str) -> bool:
    text = word.strip("'\"")
    return text in KNOWN_SERVERS or _ADDRESS.fullmatch(text) is not None


def _is_option(word: str) -> bool:
    found = _OPTION.match(word)
    if found is None or found[1].lower() in _SECRETS:
        return False
    return found[1].lower() in _NAMES or bool(closest(found[1], ("server",), most=1))
