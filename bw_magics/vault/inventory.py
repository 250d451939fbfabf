"""`Inventory`: the names of what an item has, for completion while somebody types.

Reading one takes no lock, counts as no use of the vault and decrypts no value. So it neither asks
the server for news nor puts off the idle lock.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bw_magics.answer import Answer
from bw_magics.errors import CryptographyError, Unreadable
from bw_magics.vault.blob import BlobRecord, is_blob, is_plain
from bw_magics.vault.contents import Contents
from bw_magics.vault.snapshot import read_record
from bw_magics.vault.types import ITEM_TYPES, LOGIN


@dataclass(frozen=True, slots=True)
class Inventory:
    """The names of an item's members that are set, of its custom fields and of its files."""

    members: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    files: tuple[str, ...] = ()


def inventory_at(contents: Contents, position: int) -> Inventory:
    """The inventory of the item at a position of the snapshot, without unreadable names."""
    record = read_record(contents.snapshot.records[position])
    if is_blob(record.text("data")):
        record = BlobRecord(record, contents.keys.open_blob)
    fields = tuple(_names(contents, record, "fields", "name"))
    files = tuple(_names(contents, record, "attachments", "fileName"))
    return Inventory(tuple(dict.fromkeys(_members(record))), fields, files)


def _members(record: Answer) -> Iterator[str]:
    type = ITEM_TYPES.get(record.integer("type") or 0)
    if type is not None:
        held = record.object(type.name)
        yield from (name for name in type.members if held.text(name) is not None)
        if type is LOGIN and any(entry.text("uri") for entry in held.objects("uris")):
            yield "uri"
    if record.text("notes") is not None:
        yield "notes"


def _names(contents: Contents, record: Answer, list: str, member: str) -> Iterator[str]:
    for entry in record.objects(list):
        text = entry.text(member)
        if text is None:
            continue
        if not is_plain(entry, member):
            owner, item_key = record.text("organizationId"), record.text("key")
            try:
                text = contents.keys.key_for(owner, item_key).decrypt_text(text)
            except (CryptographyError, Unreadable):
                continue
        yield text
