"""`Target`: an address that the URIs of logins are compared with, each by its match type.

The rules are those of `bw list items --url` (`LoginUriView.matchesUri` in bitwarden/clients).
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from bw_magics.lean_regex import regex
from bw_magics.vault.expression import Budget, TakesTooLong, is_found
from bw_magics.vault.names import normal
from bw_magics.vault.uri import hostname, is_address, without_secrets

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList

# Hosts that stand apart from the other hosts of their base domain.
_APART = {"google.com": frozenset({"script.google.com"})}
_WITHOUT_HOST = ("data:", "about:")
# Browsers take any number of slashes, and backslashes for slashes.
_SLASHES = regex(r"^(https?|wss?|ftp):[/\\]*([^?#]*)", re.IGNORECASE)
# Browsers leave them out of an address, and these out of a host.
_LINE_SIGNS = regex(r"[\t\r\n]")
_INVISIBLE = regex("[\u00ad\u034f\u180b-\u180d\u200b\u2060\u2064\ufe00-\ufe0f\ufeff]")
# An IPv4 address in any of the forms that systems read.
_NUMBERS = regex(r"(?:(?:0x[0-9a-f]{1,8}|0[0-7]{0,11}|[1-9]\d{0,9})(?:\.(?!$)|\.?$)){1,4}")
# One label of a host, and an address with two ports.
_LABEL = regex(r"(?:[a-z0-9_-]|[^\x00-\x7f]){0,63}")
_PORTS = regex(r"(?:[a-z][a-z0-9+.-]*://)?(?:[^/?#@]*@)?[^\[/?#:@]+:[^/?#:]*:", re.IGNORECASE)
_DEFAULT_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443, "ftp": 21}


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
    """An address to find logins for: its text, base domain, and host with port; and the steps that
    regular expressions may still take to be compared with it. `default` is the match type of a
    login's URI that has none.
    """

    text: str
    domain: str | None
    host: str | None
    whole: str = field(repr=False)
    default: int = Match.DOMAIN
    budget: Budget = field(default_factory=Budget, compare=False)

    @classmethod
    def parse(cls, address: str, default: int | None = None) -> Target:
        """Reads a URL or a host name; anything else only fits by its text.

        Secrets in it are left out, as in the URIs of logins, except for regular expressions.
        """
        address = normal(address)
        text = without_secrets(address)
        kind = Match.DOMAIN if default is None else default
        return cls(text, base_domain(text), host_and_port(text), address, kind)

    def fits(self, uri: str, match: int | None) -> bool | None:
        """Tells whether a login's URI is for this address; a match type of None is the default.

        Returns None for a regular expression that takes too long.
        """
        if not uri or not self.text:
            return False
        match match if match is not None else self.default:
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
                try:
                    return is_found(uri, self.whole, self.budget)
                except TakesTooLong:
                    return None
        return False


def as_compared(uri: str, match: int | None) -> tuple[str, int | None]:
    """Returns a login's URI without its secrets and in NFC, and its match type.

    A regular expression stays whole: what looks like a user before an @ is a part of it.
    """
    uri = normal(uri)
    return uri if match == Match.REGULAR_EXPRESSION else without_secrets(uri), match


def as_searched(uris: Iterable[tuple[str, int | None]]) -> Iterator[str]:
    """Yields compared URIs as a search looks through them: all without secrets."""
    for uri, match in uris:
        yield without_secrets(uri) if match == Match.REGULAR_EXPRESSION else uri


def base_domain(uri: str) -> str | None:
    """Returns the registered domain of a URI by the public suffix list; an IP address as it is."""
    uri = _SLASHES.sub(_two_slashes, _LINE_SIGNS.sub("", uri.strip()))
    if is_address(uri):
        return uri
    if uri.startswith(_WITHOUT_HOST) or _PORTS.match(uri):
        return None
    host = hostname(uri.removeprefix("//"))
    if host is None:
        return None
    host = host.rstrip(".")
    if is_address(host):
        return host
    if host == "localhost" or host.endswith(".localhost"):
        return "localhost"
    if not _is_host(host):
        return None
    domain: str | None = _suffixes().privatesuffix(host.lstrip("."))
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
        parts = urlsplit(_SLASHES.sub(_two_slashes, uri))
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if not host:
        return None
    host = _address_in_brackets(host) if ":" in host else _as_sent(host)
    return host if port in (None, _DEFAULT_PORTS.get(parts.scheme)) else f"{host}:{port}"


def _address_in_brackets(host: str) -> str:
    """Returns an IPv6 address in its shortest form."""
    return f"[{ipaddress.IPv6Address(host) if is_address(host) else host}]"


def _as_sent(host: str) -> str:
    """Returns a host as browsers send it: decoded, normal, without invisible signs, and in Punycode
    beyond ASCII; an IPv4 address with four decimal numbers.
    """
    host = unicodedata.normalize("NFKC", unquote(host)).replace("\u3002", ".").lower()
    host = _INVISIBLE.sub("", host)
    if _NUMBERS.fullmatch(host):
        return _four_numbers(host.removesuffix("."))
    if host.isascii():
        return host
    labels = (
        label if label.isascii() else f"xn--{label.encode('punycode').decode()}"
        for label in host.split(".")
    )
    return ".".join(labels)


def _four_numbers(host: str) -> str:
    """Returns `10.1.2.3` for `012.0x1.515`: octal, hexadecimal, the last one for several."""
    numbers = [
        int(part, 16 if "x" in part else 8 if part[:1] == "0" else 10) for part in host.split(".")
    ]
    *first, last = numbers
    if any(number > 255 for number in first) or last >= 256 ** (5 - len(numbers)):
        return host
    value = sum(number << 8 * (3 - at) for at, number in enumerate(first)) + last
    return str(ipaddress.IPv4Address(value))


def _two_slashes(found: re.Match[str]) -> str:
    """Returns the beginning of an address as browsers read it."""
    return f"{found[1]}://{found[2].replace(chr(92), '/')}"


@cache
def _suffixes() -> PublicSuffixList:
    from publicsuffixlist import PublicSuffixList

    return PublicSuffixList()


def _is_host(host: str) -> bool:
    """Returns whether the rule of base domains takes a text for a host."""
    *before, last = host.removeprefix(".").split(".")
    labels = all(map(_LABEL.fullmatch, (*before, last)))
    return (
        labels
        and not host.startswith("-")
        and all(label and label[-1] not in "-_" for label in before)
        and not last.endswith("-")
    )
