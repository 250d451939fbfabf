"""Tells a line that is only mistaken from one that may hold a secret.

Where nothing tells, a word counts as a secret: a warning too many costs less than one too few.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from bw_magics.lean_regex import regex
from bw_magics.notebook.line.declared import KNOWN_SERVERS
from bw_magics.secrecy.irregular import is_irregular, looks_named
from bw_magics.secrecy.key_names import is_secret_name
from bw_magics.secrecy.plausible import may_be_secret
from bw_magics.vault.uri import secrets_in

_TIMES = {
    *("s", "sec", "secs", "second", "seconds", "m", "min", "mins", "minute", "minutes"),
    *("h", "hr", "hrs", "hour", "hours", "d", "day", "days", "never", "=", "help"),
}
# A duration, or the address of a server without anything behind the port.
_PLAIN = regex(r"\d{1,3}[smhd]?|https?://[a-z0-9.-]+(?::\d{1,5})?/?", re.IGNORECASE)
_HOST = regex(r"(?:[a-z0-9-]+\.)+[a-z]{2,}", re.IGNORECASE)
# A passphrase without blanks is longer.
_LONGEST_WORD = 16


def is_only_mistaken(words: Iterable[str], options: Iterable[str]) -> bool:
    """Returns whether none of the words can be a password or key: durations, servers, and the
    names of the magic's own `options` without their dashes.
    """
    known = {*_TIMES, *KNOWN_SERVERS, *(option.lstrip("-") for option in options)}
    return all(word.casefold() in known or _PLAIN.fullmatch(word) for word in words)


def may_hold_secret(name: str, value: str) -> bool:
    """Returns whether a value that was typed for a variable of that name may be a secret."""
    meaning = is_secret_name(name)
    if meaning or is_irregular(value) or any(secrets_in(value)):
        return True
    is_word = value.isalpha() and len(value) < _LONGEST_WORD
    is_setting = meaning is False and (looks_named(value) or _HOST.fullmatch(value))
    return may_be_secret(value) and not is_word and not is_setting
