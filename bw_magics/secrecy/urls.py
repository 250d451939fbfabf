"""Which parts of a URL are secret: passwords, parameters by their names, tokens in the path.

URLs are read as programs write them: several in a list or several logins before one `/`, JDBC's
parameters behind `;`, Teradata's behind `,`, ODBC's between braces, and with a whole URL or
connection string as the value of a parameter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote, unquote_plus

from bw_magics.lean_regex import regex
from bw_magics.secrecy.irregular import is_irregular, looks_typed
from bw_magics.secrecy.key_names import is_secret_name
from bw_magics.secrecy.plausible import may_be_secret

_PARAMETER = regex(
    r"""(?P<name>[^=&;#?,/\s]{1,64})\s?=\s?
    (?:\{(?P<braced>(?:[^{}]|\}\})*)\} | '(?P<quoted>[^'&]*)' | "(?P<double>[^"&]*)"
    | (?P<bare>[^&;#]*))""",
    re.VERBOSE,
)
# Where a list goes on with another name: `USER=etl,PASSWORD=…`, `user=etl password=…`,
# `;password=…?page=2`, `exp=…~hmac=…`.
_ANOTHER = regex(r"[,?~\s]+(?=[A-Za-z_][\w.-]*\s?=)")
# Where a list of URLs goes on with another one.
_ANOTHER_URL = regex(r"(?<=,)(?=[A-Za-z][A-Za-z0-9+.-]{1,30}://)")
# Where the next login begins in `joe:…@db1,ann:…@db2`.
_ANOTHER_LOGIN = regex(r"@[^@,/]*,")
# `AWS_SESSION_TOKEN:…,SERVICE_NAME:x`, the properties of MongoDB's `authMechanismProperties`.
_PROPERTIES = regex(r"\w+:[^,:/]*(?:,\w+:[^,:/]*)*")
_PORT = regex(r"\d*(?:[/;?#]|$)")
_WEB = regex(r"https?$", re.IGNORECASE)
# What the path of a URL may have: the token of a webhook, of Telegram's bots, of a channel of
# Anaconda, a token behind its name, a JSON web token.
_WEBHOOK = regex(r"hooks?\b", re.IGNORECASE)
_TOKEN = regex(r"[A-Za-z0-9]{20,}")
_BOT = regex(r"(?:/bot|^)\d+:([\w-]{20,})")
_IN_PATH = regex(r"/t/([a-z]{2}-[\w-]{20,})|/(eyJ[\w-]{5,}\.[\w-]{5,}\.[\w-]*)")
_BEHIND_NAME = regex(r"/(?:key|token|api-?key|secret|reset|invite)/([\w.~-]{10,})", re.IGNORECASE)
# The secret addresses of calendars, and hosts whose path is a token.
_CALENDAR = regex(
    r"/private-([0-9a-f]{16,})/|/calendar/([0-9a-f]{16,}@[^/]+/[0-9a-f]{16,})/", re.IGNORECASE
)
_PATH_IS_TOKEN = regex(
    r"(?:^|[.@])(?:(?:infura|alchemyapi)\.io|(?:alchemy|ankr|chainstack)\.com"
    r"|quiknode\.pro|hc-ping\.com|healthchecks\.io/ping)/(?:[\w.-]{1,20}/){0,3}([\w-]{20,})",
    re.IGNORECASE,
)
# In these a user is a token, also beside what stands for a password.
_USER_IS_TOKEN = ("hy2", "hysteria", "hysteria2", "mailgun", "nats", "slack", "trojan")
# In these all behind the scheme is one.
_ALL_IS_TOKEN = ("ss", "ssr", "vmess")
_BASE64 = regex(r"[\w+/=-]{20,}")
_LONG_USER = 16
# Parameters that name a user make `p` a password: `?u=etl&p=…`.
_USER = regex(
    r"(?:^|[?&;#])(?i:u|uid|use?r(?:[_-]?(?:name|id))?|uname|login|e-?mail|acc(?:oun)?t)="
)
# Parameters of OAuth make `code` what a token is given for: `?code=…&state=…`.
_OAUTH = regex(r"(?:^|[?&;#])(?i:client_info|iss|session_state|state)=")
# Parameters without a scheme and a host: `GET /x?u=etl&p=…`, `--data "u=etl&p=…"`.
_BARE_QUERY = regex(r"""(?<![^\s?"'`])[\w.-]{1,64}=[^\s?"'`<>&]*(?:&(?:amp;)?[^\s?"'`<>&]+)+""")
# Most texts have no `p`, and are not searched for queries.
_P = regex(r"(?<![\w%-])(?:[pP]|%[57]0)=")
# Ten random characters are a secret in these, of other names twenty.
_RANDOM = frozenset(
    {"jsessionid", "phpsessid", "sess", "session", "sessionid", "sid"}
    | {"codeverifier", "oauthverifier", "sas", "ticket"}
)
# Their values are public, although long or beside a word for secrets.
_PUBLIC = frozenset({"list", "skoid", "sktid", "x-amz-credential", "x-goog-credential"})
_DEEPEST = 4
_MOST_URLS = 16
_SHORTEST_OF_HOOK = 6


def secrets_of_url(url: str, *, is_own: bool = False, depth: int = 0) -> Iterator[str]:
    """Yields the secret parts of a URL or connection string, as written and decoded.

    With `is_own` the URL is a value of a vault: then a parameter with a secret's name is secret
    however short or ordinary its value is.
    """
    urls = _ANOTHER_URL.split(url, maxsplit=_MOST_URLS)
    for each in urls if depth == 0 else [url]:
        yield from _of_url(each, is_own=is_own, depth=depth)


def passwords_of_logins(info: str) -> Iterator[str]:
    """Yields the passwords of several logins: `joe:…@db1,ann:…`, behind which the last host
    stands. A single login has none: it may be one password with an @ and a comma.
    """
    logins = _ANOTHER_LOGIN.split(info)
    for login in logins if len(logins) > 1 else ():
        if password := login.partition(":")[2]:
            yield password


def passwords_of_queries(text: str) -> Iterator[str]:
    """Yields each `p` beside a user, where only the path or the parameters of a URL stand."""
    if _P.search(text) is None:
        return
    for query in _BARE_QUERY.findall(text):
        if _USER.search(query) is not None:
            for found in _PARAMETER.finditer(query):
                if _folded(found) == "p":
                    yield from _as_sent(found["bare"] or "", is_own=False)


def _of_url(url: str, *, is_own: bool, depth: int) -> Iterator[str]:
    scheme, slashes, rest = url.partition("://")
    rest = rest if slashes else url
    authority = re.split("[/?#]", rest, maxsplit=1)[0]
    # A password that was not encoded as it should be can hold a slash, and the last @ ends it.
    info = (authority if "@" in authority else rest.partition("?")[0]).rpartition("@")[0]
    user, colon, password = info.partition(":")
    if colon and "@" not in authority and _PORT.match(password):
        info = ""  # the @ is behind a host and its port
        user = password = ""
    kind = scheme.casefold()
    if slashes and (colon or looks_typed(user) or kind in _USER_IS_TOKEN):
        for login in (password or user, *passwords_of_logins(info)):
            yield from _as_sent(login, is_own=is_own)
        if password and "@" not in unquote(user) and is_irregular(user, _LONG_USER):
            yield from _as_sent(user, is_own=is_own)
    if kind in _ALL_IS_TOKEN and not info and (body := _BASE64.match(rest)):
        yield body[0]
    yield from _in_path(rest.partition("?")[0])
    tail = rest[len(info) :] if slashes else rest
    has_user = _USER.search(tail) is not None
    random = _RANDOM | {"code"} if _OAUTH.search(tail) else _RANDOM
    for found in _PARAMETER.finditer(tail):
        name = _folded(found)
        meaning = (has_user and name == "p") or None
        longest = 10 if name.replace("_", "") in random else 20
        yield from _of_parameter(
            found, is_own=is_own, depth=depth, meaning=meaning, longest=longest
        )
        # A parameter of a path ends with its segment.
        if slashes and _WEB.match(scheme) and "?" not in tail[: found.start()]:
            segment, slash, _ = (found["bare"] or "").partition("/")
            if slash and is_secret_name(unquote(found["name"])):
                yield from _as_sent(segment, is_own=is_own)


def _in_path(path: str) -> Iterator[str]:
    if _WEBHOOK.search(path):
        *segments, last = path.strip("/").split("/")
        yield from (each for each in segments if is_irregular(each) or _TOKEN.fullmatch(each))
        if is_irregular(last, _SHORTEST_OF_HOOK) or _TOKEN.fullmatch(last):
            yield last
    yield from _BOT.findall(path)
    for groups in (*_IN_PATH.findall(path), *_CALENDAR.findall(path)):
        yield from filter(None, groups)
    yield from _PATH_IS_TOKEN.findall(path)
    yield from (each for each in _BEHIND_NAME.findall(path) if is_irregular(each, 10))


def _of_parameter(
    found: re.Match[str], *, is_own: bool, depth: int, meaning: bool | None, longest: int
) -> Iterator[str]:
    name = unquote(found["name"])
    if name.casefold() in _PUBLIC:
        return
    meaning = is_secret_name(name) or meaning
    is_plain = is_secret_name(name) is False
    whole = found["braced"] or found["quoted"] or found["double"] or found["bare"] or ""
    value = _ANOTHER.split(whole, maxsplit=1)[0] if found["bare"] else whole
    plain = unquote_plus(value)
    if meaning or (not is_plain and is_irregular(plain, longest)):
        yield from _as_sent(value, is_own=is_own and bool(meaning))
        if found["braced"]:
            yield from _as_sent(value.replace("}}", "}"), is_own=is_own and bool(meaning))
        if ")" in value and "(" not in value:  # `//(host=h,password=…)/app` of JDBC
            yield from _as_sent(value.partition(")")[0], is_own=is_own and bool(meaning))
        if value != whole:  # it may also be a password with a comma
            yield from _as_sent(whole, is_own=is_own and bool(meaning))
    elif depth < _DEEPEST and ("=" in plain or "://" in plain):
        yield from secrets_of_url(plain, is_own=is_own, depth=depth + 1)
    elif _PROPERTIES.fullmatch(plain):
        for each in plain.split(","):
            inner, _, text = each.partition(":")
            if is_secret_name(inner):
                yield from _as_sent(text, is_own=is_own)
    if value != whole and depth < _DEEPEST:
        for each in _ANOTHER.split(whole)[1:]:
            yield from secrets_of_url(each, is_own=is_own, depth=_DEEPEST)


def _folded(found: re.Match[str]) -> str:
    return unquote(found["name"]).casefold()


def _as_sent(text: str, *, is_own: bool) -> Iterator[str]:
    """Yields a part of a URL as written and decoded."""
    for form in (text, unquote(text), unquote_plus(text)):
        if may_be_secret(form) or (is_own and form):
            yield form
