"""Passwords among the options of programs whose short options for them are known."""

from __future__ import annotations

import re
from collections.abc import Iterator

_VALUE = r"""(?:"(?P<double>[^"\n]+)"|'(?P<single>[^'\n]+)'|(?P<bare>[^\s"'-]\S*))"""
_ATTACHED = rf"(?<=\s)-p{_VALUE}"
_AFTER = {letter: rf"(?<=\s)-{letter}(?:\s+|=)?{_VALUE}" for letter in "apPw"}
# What a command has to be, and where its password is.
_OPTIONS = [
    (r"(?:mysql|mariadb)\w*(?:-\w+)?|7z[ar]?", _ATTACHED),
    (r"sshpass|mongo\w*|cqlsh|beeline|ipmitool|influx", _AFTER["p"]),
    (
        r"(?:docker|podman|nerdctl|helm|az|oc|cf|buildah|skopeo)(?=[^\n]{0,200}\slogin\b)",
        _AFTER["p"],
    ),
    (r"sqlcmd|bcp|osql|isql|tsql|zip|unzip|ipmitool", _AFTER["P"]),
    (r"redis-cli|keydb-cli|valkey-cli", _AFTER["a"]),
    (r"ldap\w+", _AFTER["w"]),
    (r"smbclient|rpcclient|net", rf"(?<=\s)-U\s*[^\s%]+%{_VALUE}"),
    (r"openssl", rf"(?<=\s)(?:pass|-passin\s+pass|-passout\s+pass):{_VALUE}"),
    (r"lftp", rf"(?<=\s)-u\s+[^\s,]+,{_VALUE}"),
    (r"xfreerdp\d?|wlfreerdp|mstsc", rf"(?<=\s)/p:{_VALUE}"),
]
_PATTERNS = [
    (re.compile(rf"(?<![\w.$-])(?:{program})(?P<rest>[ \t][^\n|;]{{1,1000}})"), re.compile(option))
    for program, option in _OPTIONS
]


def passwords_of_commands(text: str) -> Iterator[str]:
    """Yields the values of options that are passwords: `mysql -pPASSWORD`, `sqlcmd -P PASSWORD`."""
    for program, option in _PATTERNS:
        for found in program.finditer(text):
            for value in option.finditer(found["rest"]):
                yield value["double"] or value["single"] or value["bare"]
