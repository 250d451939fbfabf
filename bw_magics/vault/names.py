"""What is called what in a vault, for completion while somebody types.

Nothing here takes a lock or counts as a use of the vault: so it neither asks the server for news
nor puts off the idle lock. No value is decrypted.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate

from bw_magics.answer import Answer
from bw_magics.errors import CryptographyError, Unreadable
from bw_magics.vault.blob import BlobRecord, is_blob, is_plain
from bw_magics.vault.contents import Contents, normal
from bw_magics.vault.snapshot import read_record
from bw_magics.vault.types import ITEM_TYPES, LOGIN


class NameIndex:
    """Names, to be found by how they begin or by a part of them, ignoring case."""

    __slots__ = ("_folded", "_names", "_starts", "_text")

    def __init__(self, names: Iterable[str]) -> None:
        self._names = sorted(dict.fromkeys(map(normal, names)), key=str.casefold)
        self._folded = [*map(str.casefold, self._names)]
        # One text of all of them: searching it is far quicker than asking each.
        self._text = "\n".join(self._folded)
        sizes = map(len, self._folded)
        self._starts = [*accumulate(sizes, lambda at, size: at + size + 1, initial=0)]

    def __len__(self) -> int:
        return len(self._names)

    def find(self, typed: str, most: int) -> list[str]:
        """At most so many names: first those that begin with what was typed, then those that
        contain it, each in the order of the alphabet.
        """
        wanted = normal(typed).casefold()
        found: list[str] = []
        at = bisect_left(self._folded, wanted)
        while len(found) < most and at < len(self) and self._folded[at].startswith(wanted):
            found.append(self._names[at])
            at += 1
        position = self._text.find(wanted) if wanted else -1
        while len(found) < most and position >= 0:
            at = bisect_right(self._starts, position) - 1
            if not self._folded[at].startswith(wanted):
                found.append(self._names[at])
            position = self._text.find(wanted, self._starts[at + 1])
        return found


@dataclass(frozen=True, slots=True)
class Members:
    """What an item has, names only: members of its type that are set, custom fields, files."""

    members: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    files: tuple[str, ...] = ()


def members_at(contents: Contents, position: int) -> Members:
    """What the item at a position of the snapshot has; the names of its custom fields and files
    are decrypted for it. What cannot be read is left out.
    """
    record = read_record(contents.snapshot.records[position])
    if is_blob(record.text("data")):
        record = BlobRecord(record, contents.keys.open_blob)
    fields = tuple(_names(contents, record, "fields", "name"))
    files = tuple(_names(contents, record, "attachments", "fileName"))
    return Members(tuple(dict.fromkeys(_members(record))), fields, files)


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
