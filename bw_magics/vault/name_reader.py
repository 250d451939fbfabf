"""`NameReader`: the names of many items, decrypted in one pass."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bw_magics.crypto.keys import ItemKey, decrypt_text_once
from bw_magics.crypto.wrapping import item_key
from bw_magics.errors import CryptographyError, Unreadable
from bw_magics.secret import Unpicklable
from bw_magics.vault.blob import is_blob
from bw_magics.vault.shared_keys import SharedKeys
from bw_magics.vault.snapshot import read_record

if TYPE_CHECKING:
    import msgspec

    from bw_magics.vault.head import Head
    from bw_magics.vault.key_store import KeyStore


class NameReader(Unpicklable):
    """A reader that decrypts names, and nothing else of an item, in one pass."""

    __slots__ = ("_keys", "_shared")

    def __init__(self, keys: KeyStore) -> None:
        self._keys = keys
        self._shared = SharedKeys(keys)

    def __repr__(self) -> str:
        return "<NameReader>"

    def read(self, head: Head, record: msgspec.Raw) -> str:
        """Returns the name of an item. Raises `Unreadable` and `CryptographyError` with the reason,
        and where the vault was locked meanwhile.
        """
        blob = read_record(record) if head.may_be_blob else None
        if blob is not None and is_blob(blob.text("data")):
            name = self._keys.open_blob(blob, keep=False).get("name")
            if name and isinstance(name, str):
                return name
            raise Unreadable("It has no name.")
        if not head.name:
            raise Unreadable("It has no name.")
        shared = self._shared.series(head.organization_id)
        if shared is None:
            key = self._keys.key_for(head.organization_id, head.key, keep=False)
            return key.decrypt_text(head.name)
        if head.key is None:
            return shared.decrypt_text(head.name)
        try:
            material = shared.decrypt_bytes(head.key)
            own = None if len(material) == ItemKey.LENGTH else item_key(material)
        except CryptographyError as problem:
            raise Unreadable(f"The item's own key cannot be read: {problem.fact}") from None
        if own is None:
            return decrypt_text_once(material, head.name)
        return own.decrypt_text(head.name)
