"""`Inventory`: the names of what an item has, for completion while somebody types.

Reading one takes no lock, counts as no use of the vault and decrypts no value. So it neither asks
the server for news nor puts off the idle lock.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bw_magics.answer import Answer
from bw_magics.errors import Unreadable
from bw_magics.vault.attachment import AttachmentEntry, file_labels
from bw_magics.vault.contents import Contents
from bw_magics.vault.field_labels import field_labels
from bw_magics.vault.sealed import Sealed
from bw_magics.vault.types import ITEM_TYPES, LOGIN


@dataclass(frozen=True, slots=True)
class Inventory:
    """The names of an item's members, custom fields and files. A member may be an empty text:
    that is known only once it is decrypted.
    """

    members: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    files: tuple[str, ...] = ()


def inventory_at(contents: Contents, position: int) -> Inventory:
    """Returns the inventory of the item at a position of the snapshot, without unreadable names."""
    sealed = contents.sealed_at(position)
    record = sealed.record
    fields = [_name(sealed, entry, "name") for entry in record.objects("fields")]
    files = [
        AttachmentEntry(entry.text("id") or "", _name(sealed, entry, "fileName") or "", None)
        for entry in record.objects("attachments")
    ]
    return Inventory(
        tuple(dict.fromkeys(_members(record))),
        tuple(field_labels([name for name in fields if name is not None])),
        tuple(file_labels(files)),
    )


def _members(record: Answer) -> Iterator[str]:
    type = ITEM_TYPES.get(record.integer("type") or 0)
    if type is not None:
        held = record.object(type.name)
        yield from (name for name in type.members if held.text(name) is not None)
        if type is LOGIN and any(entry.text("uri") for entry in held.objects("uris")):
            yield "uri"
    if record.text("notes") is not None:
        yield "notes"


def _name(sealed: Sealed, entry: Answer, member: str) -> str | None:
    """Returns the name of a field or file; empty if it has none, None if it is unreadable."""
    try:
        return sealed.peek(entry, member) or ""
    except Unreadable:
        return None
