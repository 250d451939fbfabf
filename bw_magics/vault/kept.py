"""The vault that is kept on this machine: its records, encrypted, and their catalogue."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from bw_magics.settings import VERSION

if TYPE_CHECKING:
    from bw_magics.crypto.wrapping import EitherUserKey

# Stands for the record of an item whose copy on this machine is damaged.
LOST = msgspec.Raw()


class KeptCatalogue(msgspec.Struct, array_like=True, gc=False):
    """A catalogue as it is kept on this machine, encrypted as a whole.

    `ids` are as ids compare, None for what has none. `version` is that of the package which made
    it: another one may read more of a vault. `places` are the positions in each folder,
    collection and organisation, by id.
    """

    version: str
    ids: list[str | None]
    names: list[str | None]
    trashed: list[int]
    archived: list[int]
    problems: dict[int, str]
    places: dict[str, list[int]]

    @property
    def is_usable(self) -> bool:
        """Whether it was made by this version of the package."""
        return self.version == VERSION and len(self.ids) == len(self.names)

    def encoded(self) -> bytes:
        """Returns the catalogue in MessagePack."""
        return msgspec.msgpack.encode(self)

    @classmethod
    def decoded(cls, data: bytes) -> KeptCatalogue | None:
        """Returns the catalogue in these bytes, None where they hold none that is usable here."""
        try:
            kept = _DECODER.decode(data)
        except (msgspec.MsgspecError, ValueError):
            return None
        return kept if kept.is_usable else None


_DECODER = msgspec.msgpack.Decoder(KeptCatalogue)


class KeptRecords(Sequence[msgspec.Raw]):
    """The records of a vault that is kept on this machine; `LOST` for each that is damaged.

    `is_damaged` tells whether one that was asked for is. `lacks_catalogue` tells whether the
    catalogue was asked for and could not be used.
    """

    lacks_catalogue = False

    @property
    @abstractmethod
    def is_damaged(self) -> bool:
        """Whether a record that was asked for is damaged."""

    @abstractmethod
    def is_lost(self, position: int) -> bool:
        """Tells whether the record at a position was found to be damaged."""

    @abstractmethod
    def catalogue(self, user_key: EitherUserKey) -> KeptCatalogue | None:
        """Returns the catalogue that is kept beside the records, None where none is usable."""
