"""URIs of logins: the host, and what in a URI is secret."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import unquote, urlsplit

_PORT = re.compile(r"[0-9]*(?:[/?#]|$)")
_MAIL = re.compile(r"mailto:", re.IGNORECASE)


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
    if _MAIL.match(uri):
        return ""
    _, slashes, rest = uri.rpartition("//") if uri.startswith("//") else uri.partition("://")
    rest = rest if slashes else uri
    authority = re.split("[/?#]", rest, maxsplit=1)[0]
    if slashes and "@" in authority:
        return authority.rpartition("@")[0]
    before, at, _ = rest.partition("@")
    user, colon, password = before.partition(":")
    if at and colon and not re.search("[/?#]", user) and not _PORT.match(password):
        return before
    return ""


def without_user_info(uri: str) -> str:
    """Returns the URI without what `user_info` finds and its `@`."""
    info = user_info(uri)
    return uri.replace(f"{info}@", "", 1) if info else uri


def without_secrets(uri: str) -> str:
    """Returns the URI without its user info and the secrets of its query."""
    plain = without_user_info(uri)
    for part in _query_secrets(plain):
        plain = plain.replace(part, "")
    return plain


def secrets_in(uri: str) -> list[str]:
    """Returns what is secret in a URI, as written and as sent.

    That is its user info, the password in it, and secrets in the query (`?password=…`).
    """
    info = user_info(uri)
    password = info.partition(":")[2]
    secrets = (info, password, unquote(password), *_query_secrets(uri))
    return list(dict.fromkeys(text for text in secrets if text))


def _query_secrets(uri: str) -> tuple[str, ...]:
    # Most URIs have no query: they need neither the rule nor its patterns.
    if "=" not in uri and "hook" not in uri:
        return ()
    from bw_magics.secrecy.parts import secret_parts_of_url

    return secret_parts_of_url(uri)
