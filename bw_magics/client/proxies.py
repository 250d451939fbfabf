"""`Proxy`: the proxy that the environment names for an address, as curl and requests read it."""

from __future__ import annotations

import ipaddress
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from typing import NoReturn, Self
from urllib.parse import SplitResult, unquote, urlsplit

from bw_magics.address import is_loopback
from bw_magics.errors import ServerUnreachable
from bw_magics.lean_regex import regex
from bw_magics.secret import Secret, Unpicklable
from bw_magics.steps import Remedy, install

_SCHEMES = ("http", "https", "socks5", "socks5h")
_HOST = regex(r"[\w.:-]{1,253}", re.ASCII)
# `http:/proxy`, `http//proxy`: not a host called http.
_SLIP = regex(r"(?:https?|socks\w*)(?::?/|:(?!\d+(?:/|$)))", re.IGNORECASE)
# `10.` and `192.168` begin addresses in other lists; here they would be names of hosts.
_PART_OF_ADDRESS = regex(r"[\d.-]+")
# What people write to have no proxy.
_NOTHING = frozenset(
    {"0", "1", "direct", "false", "no", "none", "null", "off", "true", "undefined"}
)
_SHOWN = regex(r"[\w.:*/\[\]-]{1,60}", re.ASCII)


@dataclass(frozen=True, slots=True, repr=False)
class Proxy(Unpicklable):
    """A proxy for one address. `scheme` is http, https, socks5 or socks5h; `source` is the
    environment variable that names it.

    `username` and `password` are empty where it asks for none.
    """

    scheme: str
    host: str
    port: int
    source: str
    username: Secret
    password: Secret

    def __repr__(self) -> str:
        return f"<Proxy of {self.source}>"

    @property
    def name(self) -> str:
        """Host and port, for a person to see."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def is_socks(self) -> bool:
        """Whether it speaks SOCKS and not HTTP."""
        return self.scheme.startswith("socks")

    @classmethod
    def parse(cls, text: str, source: str) -> Self:
        """Reads the URL of a proxy; one without a scheme is http.

        Raises `ServerUnreachable` naming the variable for a URL that cannot be used. The error
        never repeats the URL, which may hold a password.
        """
        text = text.strip().strip("\"'")
        if text.startswith("//"):
            text = text[2:]
        if "://" not in text:
            if _SLIP.match(text):
                _refuse(source, "has a slip in its scheme")
            text = f"http://{text}"
        try:
            url = urlsplit(text)
            host, port = url.hostname, url.port
        except ValueError:
            host = port = None
            url = SplitResult("", "", "", "", "")
        host = _ascii(host)
        if host.lower() in _NOTHING and port is None:
            _refuse(source, "names no proxy", "Unset it where none is wanted.")
        if host.lower() in _SCHEMES and port is None:
            _refuse(source, "has a slip in its scheme")
        if url.path.lower().endswith(".pac"):
            _refuse(source, "names a file that chooses a proxy, and such files are not read")
        if re.search("[/?#].*@", text.partition("://")[2]):
            _refuse(source, "has a character in its password that has to be percent-encoded")
        if url.scheme in ("socks4", "socks4a"):
            _refuse(source, "names a SOCKS 4 proxy, which is not supported")
        if url.scheme == "socks":
            _refuse(source, "does not say which SOCKS it is", "Write socks5:// for socks://.")
        if not host or not _HOST.fullmatch(host) or url.scheme not in _SCHEMES or port == 0:
            _refuse(source, "is not the address of a proxy")
        if url.scheme.startswith("socks") and find_spec("socksio") is None:
            _refuse(
                source,
                "names a SOCKS proxy, for which a package is missing",
                Remedy("{}", install("'bw_magics[socks]'")),
            )
        return cls(
            url.scheme,
            host,
            port or {"http": 80, "https": 443}.get(url.scheme, 1080),
            source,
            Secret(unquote(url.username or ""), "user name of a proxy"),
            Secret(unquote(url.password or ""), "password of a proxy"),
        )


@dataclass(frozen=True, slots=True)
class Exemption:
    """One entry of `NO_PROXY`: a network, an address, or a host name with its subdomains.

    `port` is None where the entry has none, and so is `network` for a host name.
    """

    host: str
    network: ipaddress.IPv4Network | ipaddress.IPv6Network | None
    port: int | None

    @classmethod
    def parse(cls, entry: str) -> Self | None:
        """Reads an entry: `*`, `host`, `.host`, `*.host`, an IP address, a network such as
        `10.0.0.0/8`, each but the last with a port or not. None for anything else.
        """
        entry = entry.strip().strip("\"'").lower().rpartition("://")[2].removesuffix("/")
        if entry == "*":
            return cls("", None, None)
        bare = re.sub(r"^\[(.*)\](/\d+)?$", r"\1\2", entry)
        try:
            return cls("", ipaddress.ip_network(bare, strict=False), None)
        except ValueError:
            pass
        try:
            url = urlsplit(f"//{entry}")
            host, port = url.hostname or "", url.port
            if ":" in host:
                return cls("", ipaddress.ip_network(host), port)
        except ValueError:
            return None
        host = host.removeprefix("*").strip(".")
        if url.path or not re.fullmatch(r"[\w.-]+", host):
            return None
        try:
            return cls("", ipaddress.ip_network(host), port)
        except ValueError:
            pass
        return None if _PART_OF_ADDRESS.fullmatch(host) else cls(_ascii(host), None, port)

    def covers(self, host: str, port: int) -> bool:
        """Returns whether requests to a host and port go straight."""
        if self.port not in (None, port):
            return False
        host = _ascii(host.lower().rstrip("."))
        if self.network is None:
            return host == self.host or host.endswith(f".{self.host}") or not self.host
        try:
            return ipaddress.ip_address(host) in self.network
        except ValueError:
            return False


def proxy_for(url: str) -> Proxy | None:
    """Returns the proxy that requests for a URL go through; None where they go straight.

    This machine is always reached without one. Raises `ServerUnreachable` where the environment
    names a proxy that cannot be used.
    """
    from urllib.request import getproxies, proxy_bypass

    parts = urlsplit(url)
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    proxies = getproxies()
    kind = parts.scheme if proxies.get(parts.scheme, "").strip() else "all"
    text = proxies.get(kind, "").strip()
    if not text or is_loopback(host):
        return None
    if any(each is not None and each.covers(host, port) for _, each in _exemptions()):
        return None
    # The operating system's own list, where macOS or Windows keep one.
    if proxy_bypass(host):
        return None
    return Proxy.parse(text, _variable(f"{kind}_proxy") or "The operating system's proxy setting")


def unread_exemptions() -> str:
    """Returns the entries of `NO_PROXY` that mean nothing, in words for a person; empty for none.

    One that could hold a password is counted and not shown.
    """
    unread = [entry for entry, exemption in _exemptions() if exemption is None]
    if not unread:
        return ""
    shown = ", ".join(entry if _SHOWN.fullmatch(entry) else "…" for entry in unread)
    return f"{_variable('no_proxy')} has entries that cannot be read: {shown}."


def _exemptions() -> Iterator[tuple[str, Exemption | None]]:
    """Yields each entry with what it means; `*` means everything only by itself, as for curl."""
    entries = _entries()
    for entry in entries:
        is_beside = entry == "*" and len(entries) > 1
        yield entry, None if is_beside else Exemption.parse(entry)


def _entries() -> list[str]:
    """Returns the entries, read as curl does: separated by commas or white space; the variable in
    lower case comes first.
    """
    name = _variable("no_proxy")
    return [entry for entry in re.split(r"[,\s]+", os.environ[name]) if entry] if name else []


def _variable(name: str) -> str:
    """Returns the variable that is set: in lower case, in upper case, else in a mixture of both as
    Python reads it; empty where none is.
    """
    mixed = (each for each in os.environ if each.lower() == name)
    names = (name, name.upper(), *mixed)
    return next((each for each in names if os.environ.get(each, "").strip()), "")


def _ascii(host: str | None) -> str:
    """Returns a host's name as name servers know it: `xn--mnchen-3ya` for `münchen`."""
    try:
        return (host or "").encode("idna").decode() if not (host or "").isascii() else host or ""
    except UnicodeError:
        return host or ""


def _refuse(source: str, problem: str, remedy: str | Remedy = "") -> NoReturn:
    raise ServerUnreachable(
        f"{source} {problem}.",
        remedy or "It looks like http://proxy.example.org:3128 or socks5://proxy.example.org:1080.",
    )
