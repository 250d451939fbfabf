"""Secrets whose name goes on with other words: `Password for joe: …`, `API key (staging) = …`, and
labels of one letter: `u: joe` and `p: …`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bw_magics.lean_regex import regex
from bw_magics.secrecy.irregular import looks_named
from bw_magics.secrecy.key_names import is_secret_name
from bw_magics.secrecy.languages import SIGN
from bw_magics.secrecy.plausible import may_be_secret

_VALUE = r"""(?:"([^"\n]{1,1000})"|'([^'\n]{1,1000})'|`([^`\n]{1,200})`|([^\s;,)"'`]{6,}))"""
# What comes between a name and its value: `(staging):`, `[1] =`, `for joe is`.
_REMARK = regex(
    rf"""(?:[ ]?\([^()\n:=]{{1,60}}\)|[ ]?\[[^\[\]\n:=]{{0,60}}\]
    |[ ](?:for|of|on|to|at|in|from|für|von|auf|beim?|de|du|del|pour|para|per|di|zu[mr]?|voor|van)
     [ ][^\n:=]{{1,60}}?)
    [*_]{{0,2}}[ \t]{{0,4}}(?:[:=\uff1a]|(?<=[ ])(?:is|was|ist|war|lautet|est)(?=[ ])|[=-]>|→)
    [*_]{{0,2}}[ \t]{{0,4}}{_VALUE}""",
    re.VERBOSE,
)
_NAME = regex(rf"(?<![\w.$%-])[^\W\d]{SIGN}{{1,40}}(?:[ -]{SIGN}{{1,40}}){{0,2}}\Z")
_LONGEST_NAME = 80
# `token expired at 2024-01-15T10:00:00Z` has no value.
_TIME = regex(r"\d{4}-\d\d-\d\dT\d\d:\d\d|\s\d\d?:\d\d\b")
_PIN = regex(r"(?:pin|puk|pw|code|password)\Z", re.IGNORECASE)
# `user/password: joe/…`
_BOTH = regex(
    r"""\b(?:user(?:name)?|login|account|uid|id|benutzer|usuario|utilisateur)(?:\s?[/:&+|,-]\s?|\s(?:and|und|et|y)\s)
    (?:pass(?:word|wd)?|pwd?|kennwort|passwort)\s{0,4}[:=]\s{0,4}[^\s/:|,&]{1,64}\s?[/:|,&]?\s?
    (?P<value>[^\s|,;]{6,})""",
    re.VERBOSE | re.IGNORECASE,
)
# `Creds - joe / …`, `Login: joe:…`
_LOGIN = regex(
    r"""\b(?:creds?|credentials|login|zugang)\s{0,3}(?:[:=–—-]|->)\s{0,3}(?:[\w.+-]{1,64}\\)?
    [A-Za-z][\w.@+-]{0,63}(?:\s?[/|]\s?|:)(?P<value>[^\s/|,;]{6,})""",
    re.VERBOSE | re.IGNORECASE,
)
# `u: joe` and `p: …`, in a line or in two.
_LETTERS = regex(
    r"""(?:^|(?<=[\s,;|]))(?:u|usr|user|username|login|l)\s?[:=]\s?[^\s,;|]{1,64}[\s,;|]{1,4}
    p\s?[:=]\s?(?P<value>[^\s,;|]{6,})""",
    re.VERBOSE | re.IGNORECASE,
)
# What phones read to join a network.
_NETWORK = regex(r"\bWIFI:(?:[^\n;]{0,99};){0,4}P:((?:\\.|[^;\\\n]){6,200});")
_NETWORK_LINE = regex(
    r"""^[ \t]*(?:[-*+][ ])?(?:wi-?fi|wlan)\b[^\n:]{0,30}:[ ][^\n/|]{1,40}?[ ][/|–-][ ]
    (\S{8,63})[ \t\r]*$""",
    re.VERBOSE | re.MULTILINE | re.IGNORECASE,
)
_SIGNED = regex(r"(?:🔑|🗝|🔐|🔒)\ufe0f?[ \t]{0,4}([^\s:]{6,})[ \t\r]*$", re.MULTILINE)
# An argument in quotes: `"password=…"`.
_ARGUMENT = regex(r"""["']([\w.-]{2,64})=([^"'\n&;=]{1,200})["']""")
# The value where a variable is not set: `${DB_PASSWORD:-…}`.
_DEFAULT = regex(r"\$\{(\w{2,64}):?[-=]([^{}\s\"']{6,200})\}")
# The one before, behind a password: `pw: … (old: …)`.
_FORMER = regex(
    r"""\((?:old|former(?:ly)?|previous(?:ly)?|was|before|alt|früher|vorher|ancien|viejo)\b:?[ ]?
    ([^\s()]{6,})\)""",
    re.VERBOSE | re.IGNORECASE,
)


def secrets_of_qualified_names(text: str) -> Iterator[str]:
    """Yields values whose name means a secret and has more words or a remark behind it."""
    for found in _REMARK.finditer(text):
        name = _NAME.search(text, max(0, found.start() - _LONGEST_NAME), found.start())
        if name is None or not is_secret_name(name[0]):
            continue
        value, is_quoted = next(filter(None, found.groups())), found.groups()[-1] is None
        if _TIME.search(found[0]):
            continue
        if _is_value(value, is_quoted=is_quoted) or (value.isdigit() and _PIN.search(name[0])):
            yield value
            yield value.rstrip(".")
    for name, value in (*_ARGUMENT.findall(text), *_DEFAULT.findall(text)):
        if is_secret_name(name) and may_be_secret(value):
            yield value
    signed = () if text.isascii() else (_SIGNED,)
    for pattern in (_BOTH, _LOGIN, _LETTERS, _NETWORK, _NETWORK_LINE, *signed, _FORMER):
        for value in pattern.findall(text):
            if _is_value(value):
                yield value
                yield re.sub(r"\\(.)", r"\1", value)


def _is_value(value: str, *, is_quoted: bool = False) -> bool:
    if not may_be_secret(value, is_quoted=is_quoted) or "://" in value:
        return False
    return is_quoted or (any(map(str.isdigit, value)) and not looks_named(value))
