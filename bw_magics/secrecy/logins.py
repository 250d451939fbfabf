"""Logins of databases in one word, as the programs of one database take them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bw_magics.lean_regex import regex
from bw_magics.secrecy.key_names import is_secret_name

# `host:port:database:user:…` of PostgreSQL's password file.
_PGPASS = regex(r"^[^:\s#]{1,200}:(?:\d+|\*):[^:\s]+:[^:\s]+:(\S+)$", re.MULTILINE)
# `scott/…@//db.example.org:1521/ORCL` of Oracle.
_ORACLE = regex(
    r"(?<![\w./])[A-Za-z]\w{0,29}/([^\s/@]{6,64})"
    r"@(?!v\d[\d.]*(?:\s|$))(?:\(|(?:tcps?:)?(?://)?[\w.-]+(?::\d+)?(?=[/:\s]|$))"
)
# `joe:…@tcp(h:3306)/app` of programs in Go.
_GO = regex(r"(?<![\w./])[A-Za-z][\w.-]{0,63}:([^\s:/]{6,64})@(?:tcp6?|unix)\(")
# `acme/joe:…@10.0.0.5` of Impacket.
_DOMAIN = regex(
    r"(?<![\w./:@-])[A-Za-z][\w.-]{0,63}/[A-Za-z][\w.$-]{0,63}:([^\s/@:]{6,64})@(?!sha\d)[\w.-]+(?=\s|$)"
)
# `PWD={…}` of ODBC.
_BRACED = regex(r"\b(?:PWD|Password)\s?=\s?\{((?:[^{}\n]|\}\}){6,200})\}(?=;|\s|\Z)", re.IGNORECASE)
# `md:sales?motherduck_token=…`: the parameters of an address that is not a URL.
_PARAMETER = regex(r"[?&]([A-Za-z][\w.-]{1,63})=([^\s&;#\"'<>]{6,})")


def passwords_of_logins(text: str) -> Iterator[str]:
    """Yields the passwords in logins, and the parameters whose names mean a secret."""
    for pattern in (_PGPASS, _ORACLE, _GO, _DOMAIN):
        yield from pattern.findall(text)
    for value in _BRACED.findall(text):
        yield value
        yield value.replace("}}", "}")
    for name, value in _PARAMETER.findall(text):
        if is_secret_name(name):
            yield value
