"""Which parts of a URL are secret: the password, and parameters by their names.

URLs are read as programs write them: with JDBC's parameters behind `;`, Teradata's behind `,`,
ODBC's between braces, and with a whole URL or connection string as the value of a parameter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote, unquote_plus

from bw_magics.lean_regex import regex
from bw_magics.secrecy.irregular import is_irregular
from bw_magics.secrecy.key_names import is_secret_name
from bw_magics.secrecy.plausible import may_be_secret

_PARAMETER = regex(
    r"""(?P<name>[^=&;#?,/\s]{1,64})\s?=\s?
    (?:\{(?P<braced>[^{}]*)\} | '(?P<quoted>[^'&]*)' | (?P<bare>[^&;#]*))""",
    re.VERBOSE,
)
# Where a list goes on with another name: `USER=etl,PASSWORD=…`, `user=etl password=…`,
# `;password=…?page=2`.
_ANOTHER = regex(r"[,?\s]+(?=[A-Za-z_][\w.-]*\s?=)")
_WEBHOOK = regex(r"hooks?\b", re.IGNORECASE)
_BOT = regex(r"/bot\d+:([\w-]{20,})")
_PORT = regex(r"\d*(?:[/;?#]|$)")
_DEEPEST = 4


def secrets_of_url(url: str, *, is_own: bool = False, depth: int = 0) -> Iterator[str]:
    """Yields the secret parts of a URL or connection string, as written and decoded.

    With `is_own` the URL is a value of a vault: then a parameter with a secret's name is secret
    however short or ordinary its value is.
    """
    _, slashes, rest = url.partition("://")
    rest = rest if slashes else url
    authority = re.split("[/?#]", rest, maxsplit=1)[0]
    # A password that was not encoded as it should be can hold a slash, and the last @ ends it.
    info = (authority if "@" in authority else rest.partition("?")[0]).rpartition("@")[0]
    user, colon, password = info.partition(":")
    if colon and "@" not in authority and _PORT.match(password):
        info = ""  # the @ is behind a host and its port
        user = password = ""
    if slashes and (colon or is_irregular(user)):
        yield from _as_sent(password or user, is_own=is_own)
    path = rest.partition("?")[0]
    if _WEBHOOK.search(path):
        yield from filter(is_irregular, path.split("/"))
    yield from _BOT.findall(path)
    tail = rest[len(info) :] if slashes else rest
    for found in _PARAMETER.finditer(tail):
        yield from _of_parameter(found, is_own=is_own, depth=depth)


def _of_parameter(found: re.Match[str], *, is_own: bool, depth: int) -> Iterator[str]:
    meaning = is_secret_name(unquote(found["name"]))
    whole = found["braced"] or found["quoted"] or found["bare"] or ""
    value = _ANOTHER.split(whole, maxsplit=1)[0] if found["bare"] else whole
    plain = unquote_plus(value)
    if meaning or (meaning is None and is_irregular(plain, 20)):
        yield from _as_sent(value, is_own=is_own and bool(meaning))
        if ")" in value and "(" not in value:  # `//(host=h,password=…)/app` of JDBC
            yield from _as_sent(value.partition(")")[0], is_own=is_own and bool(meaning))
        if value != whole:  # it may also be a password with a comma
            yield from _as_sent(whole, is_own=is_own and bool(meaning))
    elif depth < _DEEPEST and ("=" in plain or "://" in plain):
        yield from secrets_of_url(plain, is_own=is_own, depth=depth + 1)
    if value != whole and depth < _DEEPEST:
        for each in _ANOTHER.split(whole)[1:]:
            yield from secrets_of_url(each, is_own=is_own, depth=_DEEPEST)


def _as_sent(text: str, *, is_own: bool) -> Iterator[str]:
    """Yields a part of a URL as written and decoded."""
    for form in (text, unquote(text), unquote_plus(text)):
        if may_be_secret(form) or (is_own and form):
            yield form
