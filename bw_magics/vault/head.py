"""`Head`: the members of an item that the index needs, read without building the rest."""

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
    deleted: str | None = msgspec.field(default=None, name="deletedDate")
    archived: str | None = msgspec.field(default=None, name="archivedDate")
    data: msgspec.Raw = _MISSING

    @property
    def may_be_blob(self) -> bool:
        """Whether `data` may be a blob: official servers send `data` with every item."""
        return _MARK in bytes(self.data)


class _Places(msgspec.Struct, gc=False):
    folder: str | None = msgspec.field(default=None, name="folderId")
    organization: str | None = msgspec.field(default=None, name="organizationId")
    collections: list[str] | None = msgspec.field(default=None, name="collectionIds")


_PLACES = msgspec.json.Decoder(_Places)
_HEAD = msgspec.json.Decoder(Head)


def read_head(record: msgspec.Raw) -> Head:
    """Returns the head of an item; an empty one where it makes no sense."""
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
        answer.text("deletedDate"),
        answer.text("archivedDate"),
        msgspec.Raw((answer.text("data") or "").encode()),
    )


def places_of(record: msgspec.Raw) -> set[str]:
    """Returns the ids of the folder, the organisation and the collections that an item is in."""
    try:
        places = _PLACES.decode(record)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        places = _Places()
    found = {places.folder, places.organization, *(places.collections or ())}
    if found == {None}:
        # As above, and for items that are in none.
        answer = read_record(record)
        found = {answer.text("folderId"), answer.text("organizationId")}
        found.update(answer.texts("collectionIds"))
    return {id for id in found if id is not None}
