"""URIs of logins: the host, and the user info that must not be seen (design 3)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from urllib.parse import unquote, urlsplit

from bw_magics.answer import Answer
from bw_magics.crypto.uri_checksum import uri_fits
from bw_magics.errors import Unreadable
from bw_magics.vault.sealed import Sealed

_PORT = re.compile(r"[0-9]*(?:[/?#]|$)")
_MAIL = re.compile(r"mailto:", re.IGNORECASE)


class Uris:
    """The URIs of one login; iterating gives each as a `str`, or as a `Secret` where it carries a
    user name or password.

    One whose checksum does not fit is left out where official clients leave it out: in items with
    a key of their own, and in accounts with encryption V2 (protocol 6.4).
    """

    __slots__ = ("_sealed",)

    def __init__(self, sealed: Sealed) -> None:
        self._sealed = sealed

    def __iter__(self) -> Iterator[str]:
        """Raises `Unreadable` at one that cannot be read."""
        self._sealed.use()
        for entry in self._entries():
            uri = self._read(entry)
            if uri is not None:
                yield self._shown(uri)

    @property
    def count(self) -> int:
        """How many there are, readable or not."""
        return sum(1 for entry in self._entries() if entry.text("uri"))

    @property
    def hosts(self) -> tuple[str, ...]:
        """The hosts of those that can be read."""
        return hosts_of(self.without_user_info())

    def without_user_info(self) -> list[str]:
        """Those that can be read, each without its user info."""
        return [without_user_info(uri) for uri in self._readable()]

    def _entries(self) -> Iterator[Answer]:
        return self._sealed.record.object("login").objects("uris")

    def _readable(self) -> Iterator[str]:
        for entry in self._entries():
            try:
                uri = self._read(entry)
            except Unreadable:
                continue
            if uri is not None:
                yield uri

    def _read(self, entry: Answer) -> str | None:
        """The URI as it is; whoever hands it out takes care of what is secret in it."""
        uri = self._sealed.text(entry, "uri", "uri")
        return uri if uri is not None and self._checksum_fits(entry, uri) else None

    def _checksum_fits(self, entry: Answer, uri: str) -> bool:
        if not self._sealed.needs_checksums:
            return True
        try:
            checksum = self._sealed.text(entry, "uriChecksum", "uri checksum")
        except Unreadable:
            return False
        return checksum is not None and uri_fits(uri, checksum)

    def _shown(self, uri: str) -> str:
        info = user_info(uri)
        if not info:
            return uri
        self._sealed.allow_secret()
        for secret in secrets_in(info):
            self._sealed.announce(secret, "user info of uri")
        return self._sealed.announce(uri, "uri")


def hostname(uri: str) -> str | None:
    """The host of a URI in lower case, or None."""
    try:
        host = urlsplit(uri if "://" in uri else f"//{uri}").hostname
    except ValueError:
        return None
    return host and host.lower()


def hosts_of(uris: Iterable[str]) -> tuple[str, ...]:
    """The hosts of several URIs, each once."""
    return tuple(dict.fromkeys(host for uri in uris if (host := hostname(uri))))


def user_info(uri: str) -> str:
    """What stands before the `@` of a URI's host; empty where nothing does.

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
    """The URI without what `user_info` finds and its `@`."""
    info = user_info(uri)
    return uri.replace(f"{info}@", "", 1) if info else uri


def secrets_in(info: str) -> list[str]:
    """What of a user info is to be kept from being seen: all of it, and the password in it, as it
    stands there and as it is sent.
    """
    password = info.partition(":")[2]
    return list(dict.fromkeys(text for text in (info, password, unquote(password)) if text))
