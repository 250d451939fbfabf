"""Secrets in HTTP headers: cookies, and what follows the scheme of `Authorization`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bw_magics.lean_regex import regex
from bw_magics.secrecy.irregular import is_irregular, looks_named
from bw_magics.secrecy.key_names import is_secret_name
from bw_magics.secrecy.plausible import may_be_secret

# Also as the argument of curl's `-b`.
_COOKIES = regex(
    r"""(?:\bcookie["']?\s{0,4}[:=]|(?<!\S)(?:-b|--cookie)(?=[ =]))[ \t=]{0,4}["']?
    (?P<pairs>[^\s=;"']{1,64}=[^\n"']{1,2000})""",
    re.VERBOSE | re.IGNORECASE,
)
_PAIR = regex(r"""([^\s=;,"']{1,64})=([^\s;,"']{6,})""")
_SESSION = regex("sess|sid$|^sid|^id$", re.IGNORECASE)
_AUTHORIZATION = regex(
    r"""\bauthorization["']?\]?\s{0,4}[:=]\s{0,4}["']?[A-Za-z][\w-]{1,30}[ ]{1,4}
    ([^\s"',;=&]{6,}={0,2})(?=["']|\s|$)""",
    re.VERBOSE | re.IGNORECASE,
)
_LEAST = 10


def secrets_of_headers(text: str) -> Iterator[str]:
    """Yields the values of cookies that open a session, and credentials behind any scheme."""
    for found in _COOKIES.finditer(text):
        for name, value in _PAIR.findall(found["pairs"]):
            is_session = is_secret_name(name) or _SESSION.search(name)
            if is_irregular(value, _LEAST) or (is_session and _is_code(value)):
                yield value
    for value in _AUTHORIZATION.findall(text):
        if may_be_secret(value) and any(map(str.isdigit, value)):
            yield value


def _is_code(value: str) -> bool:
    return may_be_secret(value) and any(map(str.isdigit, value)) and not looks_named(value)
