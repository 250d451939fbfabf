"""`Address`: the URL of a server or service, read as people type and paste it."""

from __future__ import annotations

import ipaddress
import re
from typing import NamedTuple, Self
from urllib.parse import SplitResult, urlsplit

from bw_magics.errors import InsecureServer, UsageMistake
from bw_magics.lean_regex import regex

# `api.bitwarden.com`, `notifications.bitwarden.eu`: all hosts of the cloud name its region.
_CLOUD = regex(r"(?:[\w-]+\.)*bitwarden\.(?:(com)|eu)\.?")
_REGIONS = ("us", "eu")
# In characters; of a longer text the reading could take very long.
_LONGEST = 2000

_SUCH_AS = "Use us, eu, or the address of your server such as https://vault.example.org."
_LABEL = r"[\w](?:[\w-]*\w)?"
_HOST = regex(rf"{_LABEL}(?:\.{_LABEL})*|[0-9a-fA-F.]*:[0-9a-fA-F:.]+(?:%25[\w.-]+)?")
# An address in brackets is the whole host.
_NETWORK_PLACE = regex(r"[^\[\]]*|(?:[^\[\]]*@)?\[[^\[\]]*\](?::\d*)?")
# What programs write for nothing, and what a slip in `https://` leaves.
_NO_HOST = ("none", "null", "undefined", "true", "false", "http", "https")
# Systems read `127.1` and `0x7f.1` as addresses; nobody means them.
_NUMBER = regex(r"(?:.*\.)?(?:\d+|0x[0-9a-f]*)", re.IGNORECASE)
_DOTS = regex(r"/(?:\.|%2e){1,2}(?:/|$)", re.IGNORECASE)
_PATH = regex(r"[^\s\\]*")

# What a copied address carries at its ends: quotes, brackets of an e-mail, invisible characters.
_AROUND = " \t\r\n\u00a0\u200b-\u200f\u2060\u202a-\u202e\u2066-\u2069\ufeff\"'“”‘’„`<>«»‹›「」『』*"
_ENDS = regex(rf"\A[{_AROUND}]+|(?:[{_AROUND}]|%20|%0[9ad])+\Z", re.IGNORECASE)
# Where a long address may be broken, invisibly.
_BREAKS = regex("[\u00ad\u200b\u2060\ufeff]")

# `https://host.:8443/x`: the dot of the root names the same host.
_ROOT = regex(r"^(https?://[^/?#@]*\w)\.(?=:\d|[/?#])")

# In digits.
_PORT = 5
# The length of `bitwarden`, and of a slip in it.
_LIKE_BITWARDEN = range(8, 11)

# Punctuation of the sentence in which it stood.
_BEHIND, _BEFORE = ",;.!)]", "(["

# `https:/host`, `https//host`, `https;//host`, `https:host`, `https:\\host`, `https://https://host`,
# `https ://host`, `https:.//host`, `https://.host`.
_SCHEME = regex(
    r"(?:(https?)\s*[.,]?(?:[:;](?:[.,:;\s]*[/\\])?|[/\\]:?)[\s/\\]*(?:\.(?=\w))?)+", re.IGNORECASE
)
_OTHER_SCHEME = regex(r"[a-z][a-z0-9 +.-]*[:;][/\\]{2}", re.IGNORECASE)

# Parts of a server below its own address, and its admin page.
_SERVICES = regex(
    r"/+(?:api|identity|icons|notifications|events|sso|scim|admin|alive|index\.html)(?:/.*)?$",
    re.IGNORECASE,
)
_PORTS = {"https": 443, "http": 80}


class Address(NamedTuple):
    """An absolute URL without a trailing slash, query and fragment.

    `name` is the same without the scheme, for a person to see.
    """

    url: str
    name: str
    host: str

    @classmethod
    def parse(cls, text: str, what: str) -> Self:
        """Reads an address; `what` names it in errors.

        White space, quotes and invisible characters around it are dropped, and slips in `https://`
        are mended. Raises `UsageMistake` for a text that is not an address and `InsecureServer`
        for plain http to another machine. Neither error repeats the text.
        """
        if host := _usual_host(text):
            name = text.removeprefix("https://").rstrip("/")
            return cls(f"https://{name}", name, host)
        return cls._parse(text, what)

    @classmethod
    def _parse(cls, text: str, what: str) -> Self:
        """Reads an address that may hold any slip."""
        # Not imported with the package: most programs never read such an address.
        from bw_magics.address_slips import likely_meaning, refuse_what_is_not_meant

        if len(text) > _LONGEST:
            raise UsageMistake(f"The {what} is not an address.", _SUCH_AS)
        typed, text = text, _mended(text)
        if _OTHER_SCHEME.match(text) and not text.startswith(("https://", "http://")):
            raise UsageMistake(
                f"The {_possessive(what)} does not begin with https://.",
                f"Did you mean https://? {_SUCH_AS}",
            )
        try:
            url = urlsplit(text)
            host, port = url.hostname, url.port
        except ValueError:
            host = port = None
            url = SplitResult("", "", "", "", "")
        is_whole = _NETWORK_PLACE.fullmatch(url.netloc) and _is_plain(text, url.path)
        is_web = url.scheme in _PORTS
        if not host or not is_web or not is_whole or not _is_host(host) or port == 0:
            raise UsageMistake(
                f"The {what} is not an address.", f"{likely_meaning(text)} {_SUCH_AS}".lstrip()
            )
        if url.username is not None or url.password is not None:
            raise UsageMistake(
                f"The {_possessive(what)} holds a user name or password.",
                "Leave it out: the personal API key is what logs in.",
            )
        if not _HOST.fullmatch(host):
            raise UsageMistake(
                f"The {_possessive(what)} has a host name with characters that none can have.",
                f"{likely_meaning(text)} {_SUCH_AS}".lstrip(),
            )
        refuse_what_is_not_meant(typed, host, _possessive(what))
        scheme = "https" if region_of(host) else url.scheme
        if scheme == "http" and not is_loopback(host):
            raise InsecureServer(
                f"The {_possessive(what)} is plain http, so that anyone on the way could read "
                "along.",
                "Use its https address.",
            )
        shown = f"[{host}]" if ":" in host else host
        if port not in (None, _PORTS[scheme]):
            shown = f"{shown}:{port}"
        name = shown + url.path.rstrip("/")
        return cls(f"{scheme}://{name}", name, host)

    def without_service(self) -> Self:
        """Returns the server's own address where this is the address of one of its services or
        pages.
        """
        start = len(self.name.partition("/")[0])
        if start == len(self.name):
            return self
        path = _SERVICES.sub("", self.name[start:]).rstrip("/")
        name = self.name[:start] + path
        scheme = self.url.partition("://")[0]
        return type(self)(f"{scheme}://{name}", name, self.host)


def _usual_host(text: str) -> str | None:
    """Returns the host of an address as most are written, such as `https://vault.example.org:8443`;
    None for any other text, also for one that may be right.

    What it returns a host for needs none of the patterns: to compile them takes 6 ms.
    """
    if not text.isascii() or not text.startswith("https://") or len(text) > _LONGEST:
        return None
    place = text.removeprefix("https://").removesuffix("/")
    host, colon, port = place.partition(":")
    labels = host.split(".")
    is_usual = (
        host == host.lower()
        and all(label.replace("-", "").isalnum() for label in labels)
        and not any(label.startswith("-") or label.endswith("-") for label in labels)
        and (host == "localhost" or (len(labels) > 1 and labels[-1].isalpha()))
        and not host.startswith("http")
        # These may be Bitwarden's cloud, or nearly its name.
        and not any(len(label) in _LIKE_BITWARDEN for label in labels[-3:-1])
    )
    is_port = port.isdigit() and port[0] != "0" and port != "443" and len(port) <= _PORT
    is_port = is_port and int(port) < 1 << 16
    return host if is_usual and (is_port or not colon) else None


def region_of(host: str) -> str | None:
    """Returns the region of Bitwarden's cloud that a host name means: `us` or `eu`; else None."""
    if host in _REGIONS:
        return host
    if "bitwarden" not in host.lower():
        return None
    cloud = _CLOUD.fullmatch(host)
    return None if cloud is None else _REGIONS[cloud[1] is None]


def is_loopback(host: str) -> bool:
    """Returns whether a host name or address is this machine."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _mended(text: str) -> str:
    """Returns the text with one scheme, `https://` or `http://`; https where it has none."""
    if not text.isascii():
        import unicodedata

        # Full-width letters and signs, as some keyboards write them.
        text = unicodedata.normalize("NFKC", text).replace("\u3002", ".")
    text = _ENDS.sub("", _BREAKS.sub("", text))
    text = text.lstrip(_BEFORE) if ")" in text[-1:] or text[:1] == "(" else text
    text = text.rstrip(_BEHIND if "[" not in text else _BEHIND.replace("]", ""))
    if re.fullmatch(r"[0-9a-fA-F:]*::?[0-9a-fA-F:.]*", text) and text.count(":") > 1:
        text = f"[{text}]"
    found = _SCHEME.match(text)
    if found is not None:
        return _ROOT.sub(r"\1", f"{found[1].lower()}://{text[found.end() :]}")
    if "://" in text or _OTHER_SCHEME.match(text):
        return text
    return _ROOT.sub(r"\1", f"https://{text.lstrip('/')}")


def _is_host(host: str) -> bool:
    """Returns whether a host can be a server; its characters are checked elsewhere."""
    if host in _NO_HOST:
        return False
    if ":" not in host and _NUMBER.fullmatch(host):
        try:
            ipaddress.IPv4Address(host)
        except ValueError:
            return False
    return True


def _possessive(what: str) -> str:
    return "server's address" if what == "server" else what


def _is_plain(text: str, path: str) -> bool:
    """Returns whether an address can be shown and requested as it is."""
    is_text = text.isprintable() and " " not in text
    return is_text and _PATH.fullmatch(path) is not None and _DOTS.search(path) is None
