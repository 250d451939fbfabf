"""`Head`: what the index needs of an item, read without building the rest."""

from __future__ import annotations

import msgspec

from bw_magics.vault.blob import MARK
from bw_magics.vault.snapshot import read_record

_MISSING = msgspec.Raw()
_MARK = MARK.encode()


class Head(msgspec.Struct, gc=False):
    """The members of an item that say what and where it is; msgspec passes over the others."""

    id: str | None = None
    type: int | None = None
    name: str | None = None
    key: str | None = None
    organization_id: str | None = msgspec.field(default=None, name="organizationId")
    folder_id: str | None = msgspec.field(default=None, name="folderId")
    collection_ids: list[str] | None = msgspec.field(default=None, name="collectionIds")
    deleted: str | None = msgspec.field(default=None, name="deletedDate")
    archived: str | None = msgspec.field(default=None, name="archivedDate")
    data: msgspec.Raw = _MISSING

    @property
    def may_be_blob(self) -> bool:
        """Whether it is worth looking: official servers send `data` with every item."""
        return _MARK in bytes(self.data)

    @property
    def places(self) -> list[str]:
        """The ids of its folder, its organisation and its collections."""
        found = list(self.collection_ids or ())
        return found + [id for id in (self.folder_id, self.organization_id) if id is not None]


_HEAD = msgspec.json.Decoder(Head)


def read_head(record: msgspec.Raw) -> Head:
    """The head of an item; an empty one where it makes no sense."""
    try:
        head = _HEAD.decode(record)
        if head.id is not None:
            return head
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        pass
    # An old server's spelling, or one member of a strange type: read it the lenient way.
    answer = read_record(record)
    return Head(
        answer.text("id"),
        answer.integer("type"),
        answer.text("name"),
        answer.text("key"),
        answer.text("organizationId"),
        answer.text("folderId"),
        list(answer.texts("collectionIds")),
        answer.text("deletedDate"),
        answer.text("archivedDate"),
        msgspec.Raw((answer.text("data") or "").encode()),
    )
