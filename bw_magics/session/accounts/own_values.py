"""`own_values`: the `BW_*` and `BWS_*` entries of dotenv text, none skipped in silence."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from bw_magics.errors import CredentialsMissing
from bw_magics.lean_regex import regex
from bw_magics.settings import (
    ACCESS_TOKEN,
    ACCESS_TOKEN_SERVER,
    CLIENT_ID,
    CLIENT_SECRET,
    DEVICE_ID,
    MASTER_PASSWORD,
    SERVER_VARIABLES,
)

if TYPE_CHECKING:
    from bw_magics.session.dotenv_lines import Line

PREFIXES = ("BW_", "BWS_")
_SPELLINGS = {
    name.replace("_", ""): name
    for name in (
        CLIENT_ID,
        CLIENT_SECRET,
        MASTER_PASSWORD,
        ACCESS_TOKEN,
        ACCESS_TOKEN_SERVER,
        DEVICE_ID,
        *SERVER_VARIABLES,
    )
}
# A name, with what sets it in shells, in systemd's and Docker's files, in JSON and in Python.
_FIRST_NAME = regex(
    r"""^\s*(?:(?:export|set|setx|setenv|env|let|declare|typeset|readonly|local|ENV|%env|-e|--env)
    (?:\s+-\w+)*\s+|Environment\s*=\s*|\$env:|-\s+|[{,]\s*|os\.environ\[)?['"]?([A-Za-z][\w-]*)""",
    re.VERBOSE,
)
_SECOND_NAME = regex(r"[\s;&]+(?:export\s+)?(BWS?_[A-Z_]+)=")
# How people and other programs call the server's address, beside the names that are read.
_ADDRESS = regex(
    r"(?:BW|BITWARDEN|VAULTWARDEN)_?(?:SERVER(?:_?(?:HOST|NAME))?|REGION|(?:(?:(?:WEB_?)?VAULT|BASE"
    r"|INSTANCE|SERVER|IDENTITY|API)_?)?(?:URL|URI|ADDRESS))|BW_(?:IDENTITY|API)",
    re.IGNORECASE,
)
# What both halves of an API key are made of.
_HALF_OF_KEY = regex(r"[A-Za-z0-9._~+/=-]*")
_PLACEHOLDER = regex(r"[$`<{]|\w+://")
_INVISIBLE = regex("[\u200b-\u200f\u2060\ufeff]")


_OTHER_SIGNS = "is not only letters, digits and hyphens: a remark or another name may follow"


def own_values(text: str, where: str) -> dict[str, str]:
    """Returns the values of the names that begin with `BW_` or `BWS_`, or seem to name a server.

    Raises `CredentialsMissing` for a line that seems to set such a name and does not; the error
    names the line and the reason, never the value.
    """
    from bw_magics.session.dotenv_lines import read_lines

    values: dict[str, str] = {}
    misspelt: list[tuple[Line, str]] = []
    for line in read_lines(text):
        if line.name is None:
            if line.reason is not None and any(map(_meant, line.text.splitlines())):
                raise _unread(line, where, line.reason)
        elif line.value is None:
            if _meant(line.name) not in (None, line.name):
                raise _unread(line, where, "it is not NAME=value")
        elif _meant(line.name) not in (None, line.name):
            misspelt.append((line, line.name))
        elif line.name.startswith(PREFIXES):
            if line.ends_in_semicolon:
                raise _unread(line, where, f"a ; follows the value of {line.name}")
            if values.get(line.name, line.value) != line.value:
                raise _unread(line, where, f"{line.name} was set before, to another value")
            if second := line.has_no_quotes and _second(line.value):
                raise _unread(line, where, f"{second} follows on the same line")
            if line.name in (CLIENT_ID, CLIENT_SECRET) and not _HALF_OF_KEY.fullmatch(line.value):
                is_other = _PLACEHOLDER.match(line.value)
                what = "stands for a value; nothing is expanded" if is_other else _OTHER_SIGNS
                raise _unread(line, where, f"what {line.name} has {what}")
            values[line.name] = line.value
        elif is_unread_address(line.name):
            values[line.name] = line.value
        elif name := _meant(line.text.strip()):
            raise _unread(line, where, f"{name} is not at its beginning")
        elif name := next(filter(None, map(_meant, line.value.splitlines()[1:])), None):
            raise _unread(line, where, f"{name} is inside the quotes of {line.name}")
    for line, name in misspelt:
        # Another program may use the other spelling beside ours.
        if _meant(name) not in values:
            raise _unread(line, where, f"{name} is not a name; write {_meant(name)}")
    return values


def is_unread_address(name: str) -> bool:
    """Tells whether a name seems to name a server of Bitwarden's, and is not one that is read."""
    return name not in SERVER_VARIABLES and _ADDRESS.fullmatch(name) is not None


def _meant(line: str) -> str | None:
    """Returns the name of ours that a line begins with, in any spelling."""
    found = _FIRST_NAME.match(_INVISIBLE.sub("", unicodedata.normalize("NFKC", line)))
    return _SPELLINGS.get(re.sub("[_-]", "", found[1]).upper()) if found else None


def _second(value: str) -> str | None:
    """Returns another name of ours that a value without quotes goes on to set."""
    found = _SECOND_NAME.search(value)
    return _SPELLINGS.get(found[1].replace("_", "")) if found else None


def _unread(line: Line, where: str, reason: str) -> CredentialsMissing:
    return CredentialsMissing(
        f"Line {line.number} of {where} cannot be read: {reason}.",
        "Write NAME=value, with quotes around a value that has blanks, quotes, # or ; in it.",
    )
