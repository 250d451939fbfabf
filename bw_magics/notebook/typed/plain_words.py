"""`PlainWords`: tells a secret from a word that also means something else."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection, Iterable, Mapping

from bw_magics.lean_regex import regex
from bw_magics.secrecy.ordinary import is_ordinary
from bw_magics.vault.names import folded

_SHORTEST = 8
_PASSPHRASE = 16
_ONE_LONG_WORD = 20

_HOST = r"(?:[a-z0-9-]+\.)+[a-z]{2,}|localhost|\d{1,3}(?:\.\d{1,3}){3}"
_ID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
# A word that names something: an environment variable, a host, an e-mail address, a path, an id.
_NAMES_SOMETHING = regex(
    rf"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|(?:\S+@)?(?:{_HOST})(?::\d+)?(?:/[\w./~-]*)?"
    rf"|(?:~|\.{{0,2}}/)[\w./~-]*|(?:(?:user|organization)\.)?{_ID}"
)
_SCHEME = regex(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_BETWEEN_WORDS = regex(r"[-_./:\s]+")
# A word, with or without a year or version; a number, a date.
_READABLE = regex(r"[A-Za-z]*\d{0,4}|\d{1,8}")
_CHANGE_OF_CASE = regex(r"[a-z][A-Z]")


class PlainWords:
    """The words to leave alone everywhere, because they name something: variables of `namespace`
    and of the environment, hosts, and the `names` of the vault.
    """

    def __init__(self, namespace: Mapping[str, object], names: Callable[[], Iterable[str]]) -> None:
        self._namespace = namespace
        self._names = names

    def name_something(self, text: str, used: Collection[str] = ()) -> bool:
        """Returns whether a text is such a name. `used` are the names that a cell uses."""
        if text in self._namespace or text in os.environ or text in used:
            return True
        if _NAMES_SOMETHING.fullmatch(text) or _SCHEME.match(text):
            return True
        word = folded(text)
        return any(
            word == (name := folded(known)) or word in _BETWEEN_WORDS.split(name)
            for known in self._names()
        )

    def leave(self, text: str, used: Collection[str] = ()) -> bool:
        """Returns whether to leave a text alone outside the line that it was typed in: unless it is
        long and irregular enough to be a certain secret.
        """
        return (
            len(text) < _SHORTEST
            or is_ordinary(text)
            or not _is_irregular(text)
            or self.name_something(text, used)
        )


def _is_irregular(text: str) -> bool:
    parts = _BETWEEN_WORDS.split(text)
    if not all(_READABLE.fullmatch(part) for part in parts):
        return True
    if len(parts) == 1:
        changes = len(_CHANGE_OF_CASE.findall(text))
        return len(text) >= _ONE_LONG_WORD or changes >= max(3, len(text) / 4)
    # Names of variables, files and packages are not joined by blanks or hyphens.
    is_passphrase = len(parts) >= 3 and not re.search(r"[_./:]", text)
    return is_passphrase and len(text) >= _PASSPHRASE
