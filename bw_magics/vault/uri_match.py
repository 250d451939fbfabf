"""`Target`: an address that the URIs of logins are compared with, each by its match type.

The rules are those of `bw list items --url` (`LoginUriView.matchesUri` in bitwarden/clients).
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bw_magics.vault.uri import hostname

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList

# Hosts that stand apart from the other hosts of their base domain.
_APART = {"google.com": frozenset({"script.google.com"})}
_WITHOUT_HOST = ("data:", "about:")
_DEFAULT_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443, "ftp": 21}
_NAMED_GROUP = re.compile(r"\(\?<(?=[A-Za-z_])")


class Match(IntEnum):
    """Match types of a login's URI, as servers number them."""

    DOMAIN = 0
    HOST = 1
    STARTS_WITH = 2
    EXACT = 3
    REGULAR_EXPRESSION = 4
    NEVER = 5


@dataclass(frozen=True, slots=True)
class Target:
    """An address to find logins for: its text, base domain, and host with port."""

    text: str
    domain: str | None
    host: str | None

    @classmethod
    def parse(cls, text: str) -> Target:
        """Reads a URL or a host name; anything else only fits by its text."""
        return cls(text, base_domain(text), host_and_port(text))

    def fits(self, uri: str, match: int | None) -> bool:
        """Tells whether a login's URI is for this address; a match type of None is the default."""
        if not uri or not self.text:
            return False
        match match if match is not None else Match.DOMAIN:
            case Match.DOMAIN:
                domain = base_domain(uri)
                apart = _APART.get(domain or "", frozenset())
                return domain is not None and domain == self.domain and self.host not in apart
            case Match.HOST:
                return self.host is not None and self.host == host_and_port(uri)
            case Match.STARTS_WITH:
                return self.text.startswith(uri)
            case Match.EXACT:
                return self.text == uri
            case Match.REGULAR_EXPRESSION:
                return _is_found(uri, self.text)
        return False


def base_domain(uri: str) -> str | None:
    """Returns the registered domain of a URI by the public suffix list; an IP address as it is."""
    uri = uri.strip()
    host = None if uri.startswith(_WITHOUT_HOST) else hostname(uri)
    if host is None or any(character.isspace() for character in host):
        return None
    host = host.rstrip(".")
    if host == "localhost" or _is_address(host):
        return host
    domain: str | None = _suffixes().privatesuffix(host)
    return domain


def host_and_port(uri: str) -> str | None:
    """Returns the host of a URI with its port, unless that is its scheme's own; None where it has
    none.
    """
    uri = uri.strip()
    if "://" not in uri:
        if "." not in uri:
            return None
        uri = f"http://{uri}"
    try:
        parts = urlsplit(uri)
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if not host:
        return None
    host = f"[{host}]" if ":" in host else host
    return host if port in (None, _DEFAULT_PORTS.get(parts.scheme)) else f"{host}:{port}"


@cache
def _suffixes() -> PublicSuffixList:
    from publicsuffixlist import PublicSuffixList

    return PublicSuffixList()


def _is_found(pattern: str, text: str) -> bool:
    """Returns whether a JavaScript pattern is found in a text; an invalid pattern is not found."""
    try:
        written = _NAMED_GROUP.sub("(?P<", pattern)
        return re.search(written, text, re.IGNORECASE | re.ASCII) is not None
    except (re.error, RecursionError, OverflowError):
        return False


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
