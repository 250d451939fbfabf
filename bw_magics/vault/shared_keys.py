"""`SharedKeys`: the keys that items share, set up for many values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bw_magics.crypto.keys import Series, SymmetricKey
from bw_magics.secret import Unpicklable

if TYPE_CHECKING:
    from bw_magics.vault.key_store import KeyStore


class SharedKeys(Unpicklable):
    """The user key and the organisations' keys, each set up once, for one pass in one thread.

    The items' own keys are not kept.
    """

    __slots__ = ("_keys", "_series")

    def __init__(self, keys: KeyStore) -> None:
        self._keys = keys
        self._series: dict[str | None, Series] = {}

    def __repr__(self) -> str:
        return "<SharedKeys>"

    def series(self, organization_id: str | None) -> Series | None:
        """Returns what decrypts an owner's values; None for a key of another format.

        Raises `Unreadable` with the reason, and where the vault was locked meanwhile.
        """
        if self._keys.is_forgotten:
            self._series.clear()  # What follows raises why.
        shared = self._series.get(organization_id)
        if shared is None:
            owner = self._keys.key_for(organization_id, None)
            if not isinstance(owner, SymmetricKey):
                return None
            shared = self._series[organization_id] = owner.series()
        return shared
