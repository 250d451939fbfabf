"""`Uris`: the URIs of one login, decrypted one by one."""

from __future__ import annotations

from collections.abc import Iterator

from bw_magics.answer import Answer
from bw_magics.crypto.uri_checksum import uri_fits
from bw_magics.errors import Unreadable
from bw_magics.vault.sealed import Sealed
from bw_magics.vault.uri import hosts_of, secrets_in, without_secrets


class Uris:
    """The URIs of one login; iterating gives each as a `str`, or as a `Secret` where it carries a
    user name or password.

    One with a wrong checksum is left out where official clients leave it out: in items with
    a key of their own, and in accounts with encryption V2 (docs/protocol.md, Checksums of URIs).
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
        return sum(1 for entry in self._entries() if self._sealed.is_set(entry, "uri"))

    @property
    def hosts(self) -> tuple[str, ...]:
        """The hosts of the readable URIs."""
        return hosts_of(self.without_secrets())

    def without_secrets(self) -> list[str]:
        """Returns the readable URIs without their secrets."""
        return [without_secrets(uri) for uri in self._readable()]

    def with_match_types(self) -> list[tuple[str, int | None]]:
        """Returns the readable URIs as they are compared, each with its match type."""
        from bw_magics.vault.uri_match import as_compared

        return [as_compared(uri, entry.integer("match")) for entry, uri in self._readable_entries()]

    def _entries(self) -> Iterator[Answer]:
        return self._sealed.record.object("login").objects("uris")

    def _readable(self) -> Iterator[str]:
        for _, uri in self._readable_entries():
            yield uri

    def _readable_entries(self) -> Iterator[tuple[Answer, str]]:
        for entry in self._entries():
            try:
                uri = self._read(entry)
            except Unreadable:
                continue
            if uri is not None:
                yield entry, uri

    def _read(self, entry: Answer) -> str | None:
        """Returns the whole URI; the caller takes care of what is secret in it."""
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
        secrets = secrets_in(uri)
        if not secrets:
            return uri
        self._sealed.allow_secret()
        for secret in secrets:
            self._sealed.announce(secret, "secret part of uri", is_part=True)
        return self._sealed.announce(uri, "uri")
