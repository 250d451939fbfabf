"""`MentionReader`: what finds many items beside their names, decrypted in one pass."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import msgspec

from bw_magics.crypto.keys import ItemKey, Series
from bw_magics.crypto.uri_checksum import uri_fits
from bw_magics.errors import CryptographyError, Unreadable
from bw_magics.secret import Unpicklable
from bw_magics.vault.head import Head
from bw_magics.vault.mentions import Mentions
from bw_magics.vault.shared_keys import SharedKeys
from bw_magics.vault.types import LOGIN
from bw_magics.vault.uri_match import as_compared, as_searched

if TYPE_CHECKING:
    from bw_magics.vault.key_store import KeyStore


class _Uri(msgspec.Struct, gc=False):
    uri: str | None = None
    checksum: str | None = msgspec.field(default=None, name="uriChecksum")
    match: int | None = None


class _Login(msgspec.Struct, gc=False):
    username: str | None = None
    uris: list[_Uri] | None = None


class _Searched(Head, gc=False):
    login: _Login | None = None


_DECODER = msgspec.json.Decoder(_Searched)


class MentionReader(Unpicklable):
    """A reader that decrypts the user names and URIs of ordinary logins, by the rules of `Uris`."""

    __slots__ = ("_keys", "_shared")

    def __init__(self, keys: KeyStore) -> None:
        self._keys, self._shared = keys, SharedKeys(keys)

    def __repr__(self) -> str:
        return "<MentionReader>"

    def read(self, record: msgspec.Raw) -> Mentions | None:
        """Returns what finds an item; None for one that has to be opened for it. Raises where the
        vault is or becomes locked.
        """
        self._keys.used()
        try:
            item = _DECODER.decode(record)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None
        login = item.login
        if item.id is None or item.type != LOGIN.number or login is None or item.may_be_blob:
            return None
        try:
            key = self._key(item)
        except (CryptographyError, Unreadable):
            return Mentions.of("", (), ())
        if key is None:
            return None
        username = _text(key, login.username) or ""
        has_checksums = item.key is not None or self._keys.security_version >= 2
        uris = [*_uris(key, login.uris or (), has_checksums=has_checksums)]
        return Mentions.of(username, uris, as_searched(uris))

    def _key(self, item: _Searched) -> Series | None:
        """Returns what decrypts the texts of an item; None for a key of another format."""
        shared = self._shared.series(item.organization_id)
        if shared is None or item.key is None:
            return shared
        material = shared.decrypt_bytes(item.key)
        return ItemKey(material).series() if len(material) == ItemKey.LENGTH else None


def _text(key: Series, value: str | None) -> str | None:
    """Returns the text of an EncString, None where it is empty or cannot be read."""
    try:
        return key.decrypt_text(value) or None if value else None
    except CryptographyError:
        return None


def _uris(
    key: Series, entries: Sequence[_Uri], *, has_checksums: bool
) -> Iterator[tuple[str, int | None]]:
    for entry in entries:
        uri = _text(key, entry.uri)
        if uri is None:
            continue
        if has_checksums:
            checksum = _text(key, entry.checksum)
            if checksum is None or not uri_fits(uri, checksum):
                continue
        yield as_compared(uri, entry.match)
