"""URIs of logins: the host, and what in a URI is secret."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from urllib.parse import quote, quote_plus, unquote, urlsplit

from bw_magics.lean_regex import regex
from bw_magics.secrecy.ordinary import SHORTEST, is_ordinary

# A longer URI is not searched for a password with a slash.
_LONGEST = 2000
_PORT = regex(r"[0-9]*(?:[/?#]|$)")
_MAIL = regex(r"mailto:", re.IGNORECASE)
_JDBC = regex(r"jdbc:", re.IGNORECASE)
# A password in quotes may hold an @.
_ORACLE = regex(
    r"""(?:jdbc:)?oracle:(?:thin|oci8?):(?P<info>(?P<user>[^/@"]*)(?:/(?P<password>"[^"]*"|[^@]*))?)
    @(?P<place>.*)""",
    re.VERBOSE | re.IGNORECASE,
)
# `joe/…@//h:1521/service`, as SQL*Plus and SQL Developer take it.
_ORACLE_LOGIN = regex(
    r"""(?:sqlplus\s+)?(?P<info>(?P<user>[^/@":\s]+)/(?P<password>"[^"]*"|[^@\s]+))
    @(?P<place>(?:tcps?:)?//\S+|[\w.-]+:\d+[/:]\w\S*|\(.*)""",
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
# A slip in `://` before a login: `https:/ada:…@h`, `https//ada:…@h`, `postgresql:ada:…@h`.
_SLIP = regex(
    r"""(?:[a-z][\w+.-]*(?::/(?!/)|:/{3,}|;/{1,2}|//:?|:\\{1,2})
    |(?:postgres(?:ql)?|mysql|mariadb|mssql|sqlserver|redshift|snowflake)(?:\+\w+)?:(?!/))
    (?![a-z]:[/\\])(?=[^/@:\s]*:[^@\s]+@)""",
    re.VERBOSE | re.IGNORECASE,
)
# Where a list of URIs goes on with another one, which has a login.
_ANOTHER = regex(r"(?<=,)(?=[A-Za-z][A-Za-z0-9+.-]{1,30}://[^,/?#]*@)")
# A secret of one of these kinds may be in a URI that has none before its host.
_MAY_HAVE_MORE = regex(
    r"=|hook|/bot|tgram:|/(?:eyJ|t/|key/|token/|secret/|reset/|invite/|api-?key/|private-|calendar/)"
    r"|infura|alchemy|ankr|chainstack|quiknode|hc-ping|healthchecks|^(?:ssr?|vmess)://",
    re.IGNORECASE,
)
# What follows the @ behind a password.
_PLACE = regex(r"(?:[\w.%-]+|\[[\d.:a-f%]+\])(?::\d*)?(?:[/?#,;]|$)", re.IGNORECASE)


def oracle_login(uri: str) -> re.Match[str] | None:
    """Returns user, password and place of a URI in Oracle's own spellings; None for any other."""
    return _ORACLE.fullmatch(uri) or _ORACLE_LOGIN.fullmatch(uri)


def is_address(host: str) -> bool:
    """Returns whether a text is an IP address, without brackets."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def hostname(uri: str) -> str | None:
    """Returns the host of a URI in lower case, or None."""
    try:
        host = urlsplit(uri if "://" in uri else f"//{uri}").hostname
    except ValueError:
        return None
    return host and host.lower()


def hosts_of(uris: Iterable[str]) -> tuple[str, ...]:
    """Returns the hosts of several URIs, each once."""
    return tuple(dict.fromkeys(host for uri in uris if (host := hostname(uri))))


def user_info(uri: str) -> str:
    """Returns the text before the `@` of a URI's host; empty if there is none.

    Also found where it was not encoded as it should be (`//ada:pa/ss@host`) and in a URI without
    a scheme that has a password (`ada:password@host`). A user name alone counts after `//` only.
    """
    if oracle := oracle_login(uri):
        return oracle["info"]
    if _MAIL.match(uri) or (_JDBC.match(uri) and "://" not in uri):
        return ""
    if slip := _SLIP.match(uri):
        uri = f"//{uri[slip.end() :]}"
    _, slashes, rest = uri.rpartition("//") if uri.startswith("//") else uri.partition("://")
    rest = rest if slashes else uri
    authority = re.split("[/?#]", rest, maxsplit=1)[0]
    if slashes and "@" in authority:
        return authority.rpartition("@")[0]
    user, colon, _ = rest.partition(":")
    # The first @ with a place behind it ends the password.
    ends = [found.start() for found in re.finditer("@", rest[:_LONGEST])]
    end = next((at for at in ends if _PLACE.match(rest, at + 1)), next(iter(ends), -1))
    at, before = end >= 0, rest[: max(end, 0)]
    password = before[len(user) + 1 :]
    if at and colon and not re.search("[/?#]", user) and not _PORT.match(password):
        return before
    return ""


def without_user_info(uri: str) -> str:
    """Returns the URI without what `user_info` finds and its `@`; of a list of URIs, each."""
    return "".join(map(_without_user_info, _ANOTHER.split(uri)))


def _without_user_info(uri: str) -> str:
    info = user_info(uri)
    return uri.replace(f"{info}@", "", 1) if info else uri


def without_secrets(uri: str) -> str:
    """Returns the URI without its user info and the secrets of its parameters."""
    plain = without_user_info(uri)
    for part in _parameter_secrets(plain):
        for form in dict.fromkeys((part, quote(part, safe=""), quote_plus(part))):
            plain = re.sub(rf"(?<=[={{]){re.escape(form)}(?=[&;#,?}}\s]|$)", "", plain)
            # A short or ordinary one could be a piece of anything else.
            if len(form) >= SHORTEST and not is_ordinary(form):
                plain = plain.replace(form, "")
    return plain


def secrets_in(uri: str) -> list[str]:
    """Returns what is secret in a URI, as written and as sent.

    That is its user info, the password in it, and secret parameters (`?password=…`).
    """
    secrets = [text for each in _ANOTHER.split(uri) for text in _login_secrets(each)]
    return list(dict.fromkeys((*secrets, *_parameter_secrets(uri))))


def _login_secrets(uri: str) -> list[str]:
    info = user_info(uri)
    if oracle := oracle_login(uri):
        passwords = [(oracle["password"] or "").strip('"')]
    else:
        passwords = [info.partition(":")[2]]
    if "," in info:
        from bw_magics.secrecy.urls import passwords_of_logins

        passwords += passwords_of_logins(info)
    secrets = (info, *(form for each in passwords for form in (each, unquote(each))))
    return [text for text in secrets if text]


def _parameter_secrets(uri: str) -> tuple[str, ...]:
    # Most URIs have none: they need neither the rule nor its patterns.
    if _MAY_HAVE_MORE.search(uri) is None:
        return ()
    from bw_magics.secrecy.parts import secret_parts_of_url

    return secret_parts_of_url(uri, is_own=True)
