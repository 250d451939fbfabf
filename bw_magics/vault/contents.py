"""`Contents`: a snapshot with the keys to read it, and the names in it indexed."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from bw_magics.answer import Answer
from bw_magics.errors import CryptographyError, NotFound, StateError, Unreadable
from bw_magics.secret import Unpicklable
from bw_magics.steps import LIST_IDS, Remedy
from bw_magics.vault.blob import BlobRecord, is_blob
from bw_magics.vault.catalogue import Catalogue
from bw_magics.vault.choosing import choose, paths_to
from bw_magics.vault.field_name import ITEM, FieldName
from bw_magics.vault.held import LOST_PROBLEM, LostRecord
from bw_magics.vault.ids import ById, id_key
from bw_magics.vault.item import Item
from bw_magics.vault.kept import LOST
from bw_magics.vault.key_store import KeyStore
from bw_magics.vault.names import folded, normal
from bw_magics.vault.sealed import UNREADABLE, Sealed
from bw_magics.vault.snapshot import Snapshot, read_record

if TYPE_CHECKING:
    from bw_magics.vault.attachment import Files
    from bw_magics.vault.index import NameIndex
    from bw_magics.vault.mention_reader import MentionReader
    from bw_magics.vault.mentions import Mentions
    from bw_magics.vault.record import Record
    from bw_magics.vault.reference import Reference
    from bw_magics.vault.writer import Writer

# So many parsed items are kept for the next read: a password needs its item several times.
_RECENT = 256


class Contents(Unpicklable):
    """The items, folders, collections and organisations of one snapshot.

    Names are decrypted once, here; everything else when it is read. Building one for a newer
    snapshot with `previous` takes over the names of the items that were not changed.
    `decrypted_names` counts those that were decrypted for this one. `files` is where attachments
    come from; without it their contents cannot be read. `writer` gives what changes items on the
    server.
    """

    __slots__ = (
        "_collection_names",
        "_mentions",
        "_recent",
        "_rotating",
        "_writer",
        "catalogue",
        "files",
        "folder_names",
        "keys",
        "organization_names",
        "snapshot",
    )

    def __init__(
        self,
        snapshot: Snapshot,
        keys: KeyStore,
        *,
        previous: Contents | None = None,
        files: Files | None = None,
        writer: Callable[[], Writer] | None = None,
    ) -> None:
        self.snapshot = snapshot
        self.keys = keys
        self.files: Files | None = files or (previous.files if previous is not None else None)
        self._writer: Callable[[], Writer] | None = writer
        if writer is None and previous is not None:
            self._writer = previous._writer
        self.organization_names = ById((entry.id, entry.name) for entry in snapshot.organizations)
        self.folder_names, self._collection_names = self._place_names(previous)
        self._mentions: list[Mentions | None] = []  # by position, after a search
        self._rotating: list[int] | None = None
        self._recent: deque[Answer] = deque(maxlen=_RECENT)
        self.catalogue = self._kept_catalogue() or self._read_catalogue(previous)

    def __repr__(self) -> str:
        return f"<Contents of {len(self)} items>"

    def __len__(self) -> int:
        """Returns the number of items outside trash and archive."""
        return len(self.snapshot.records) - len(self.catalogue.trashed | self.catalogue.archived)

    @property
    def writer(self) -> Writer | None:
        """The changes to items on the server; None where they can only be read."""
        return None if self._writer is None else self._writer()

    @property
    def archived(self) -> int:
        """How many items outside the trash are in the archive."""
        return len(self.catalogue.archived - self.catalogue.trashed)

    @property
    def unreadable(self) -> int:
        """How many items cannot be read: their name, their key, or their type as a whole."""
        return len(self.catalogue.problems)

    @property
    def decrypted_names(self) -> int:
        """How many names were decrypted for this snapshot."""
        return self.catalogue.decrypted

    @property
    def collection_names(self) -> ById[str]:
        """The collections' names by id, decrypted when they are first asked for."""
        if self._collection_names is None:
            self._collection_names = ById(
                (entry.id, _name_or_mark(self.keys, entry.organization_id, entry.name))
                for entry in self.snapshot.collections
            )
        return self._collection_names

    def _place_names(self, previous: Contents | None) -> tuple[ById[str], ById[str] | None]:
        """Returns the names of folders, decrypted where they may differ, and those of collections
        where they are known from before.
        """
        keys, now = self.keys, self.snapshot
        known = previous if previous is not None and previous.keys is keys else None
        if known is not None and not now.has_same_keys(known.snapshot):
            known = None
        if known is not None and now.folders is known.snapshot.folders:
            folders = known.folder_names
        else:
            folders = ById(
                (folder.id, _name_or_mark(keys, None, folder.name)) for folder in now.folders
            )
        if known is not None and now.collections is known.snapshot.collections:
            return folders, known._collection_names
        return folders, None

    def _kept_catalogue(self) -> Catalogue | None:
        """Returns the catalogue that was kept beside these very records, if there is one."""
        kept = self.snapshot.kept
        catalogue = None if kept is None else kept.catalogue(self.keys.user_key)
        return None if catalogue is None else Catalogue.of_kept(catalogue)

    def _read_catalogue(self, previous: Contents | None) -> Catalogue:
        if previous is None:
            return Catalogue.read(self.snapshot.records, self.keys)
        # What could not be read before can be read now only where there is another key.
        are_same_keys = self.snapshot.has_same_keys(previous.snapshot)
        catalogue = Catalogue.read(
            self.snapshot.records,
            self.keys,
            previous=previous.catalogue,
            before=previous.snapshot.records,
            are_same_keys=are_same_keys,
            is_same_download=self.snapshot.is_same_download(previous.snapshot),
        )
        kept: list[Mentions | None] = [None] * len(catalogue.names)
        for old, mentions in enumerate(previous._mentions):
            if mentions is None:
                continue
            id, name = previous.catalogue.ids[old], previous.catalogue.names[old]
            new = catalogue.by_id.get(id) if id is not None else None
            if new is not None and (are_same_keys or name is not None):
                before, now = previous.snapshot.records[old], self.snapshot.records[new]
                if before is now or bytes(before) == bytes(now):
                    kept[new] = mentions
        self._mentions = kept if previous._mentions else []
        return catalogue

    def item_at(self, position: int) -> Item:
        """Returns the item at a position of the snapshot; it is parsed when it is needed."""
        return Item(self, self.sealed_at(position))

    def sealed_at(self, position: int) -> Sealed:
        """Returns the encrypted side of the item at a position of the snapshot."""
        name = self.catalogue.names[position]
        return Sealed(self, position, UNREADABLE if name is None else name)

    def record_at(self, position: int) -> Answer:
        """Returns the JSON object of the item at a position, parsed."""
        raw = self.snapshot.records[position]
        if raw is LOST:
            return LostRecord(self.catalogue.ids[position])
        record = read_record(raw)
        if is_blob(record.text("data")):
            record = BlobRecord(record, self.keys.open_blob)
        self._recent.append(record)
        return record

    def problem_at(self, position: int) -> str | None:
        """Tells why the item at a position cannot be read, as far as that is known."""
        problem = self.catalogue.problems.get(position)
        if problem is None and self.snapshot.is_lost(position):
            return LOST_PROBLEM
        return problem

    def with_record(self, id: str, record: bytes) -> Snapshot:
        """Returns a snapshot with that JSON object in place of the item's, or added at the end."""
        return self.snapshot.with_record(self.catalogue.by_id.get(id_key(id)), record)

    def without_record(self, id: str) -> Snapshot:
        """Returns a snapshot without the item of that id."""
        return self.snapshot.without_record(self.catalogue.by_id.get(id_key(id)))

    def record(self, id: str) -> Record:
        """Returns the JSON object of the item with that id, unchanged. Raises `NotFound`."""
        position = self._position(id)
        raw = self.snapshot.records[position]
        if raw is LOST:
            LostRecord(id).require(self.catalogue.names[position] or UNREADABLE)
        return dict(read_record(raw).members)

    def item(self, id: str) -> Item:
        """Returns the item with that id, in the trash or not. Raises `NotFound`."""
        return self.item_at(self._position(id))

    def _position(self, id: str) -> int:
        position = self.catalogue.by_id.get(id_key(id))
        if position is None:
            raise NotFound("No item has that id.", Remedy("List the ids: {}.", LIST_IDS))
        return position

    def positions(self, *, trashed: bool = False, archived: bool | None = None) -> Iterator[int]:
        """Yields the positions of all items outside the trash, or of all in it, in the server's
        order; with `archived` only those in the archive, or only those outside.
        """
        return self.catalogue.positions(trashed=trashed, archived=archived)

    def items(self, *, trashed: bool = False) -> Iterator[Item]:
        """Returns all items outside the trash, or all in it, in the server's order."""
        return map(self.item_at, self.positions(trashed=trashed))

    def name_at(self, position: int) -> str | None:
        """Returns the name of the item at a position, None where it cannot be read."""
        return self.catalogue.names[position]

    def mentions_at(self, position: int, reader: MentionReader) -> Mentions:
        """Returns what finds the item at a position beside its name. Decrypted at the first search,
        and not again until the item is changed. `reader` is that of the pass.
        """
        kept = self._mentions
        if not kept:
            kept = self._mentions = [None] * len(self.snapshot.records)
        mentions = kept[position]
        if mentions is None:
            mentions = reader.read(self.snapshot.records[position])
            if mentions is None:
                mentions = self.item_at(position).mentions
            kept[position] = mentions
            if self.keys.is_forgotten:
                # Locked meanwhile, by another thread: nothing is kept.
                self._mentions = []
        return mentions

    @property
    def searched(self) -> int:
        """How many items a search has decrypted so far."""
        return sum(mentions is not None for mentions in self._mentions)

    def forget(self, refusal: Callable[[], StateError]) -> None:
        """Drops every key and what searches have decrypted; from now on every use raises what
        `refusal` makes.
        """
        self.keys.forget(refusal)
        if self.files is not None:
            self.files.forget()
        self._mentions = []

    @property
    def names(self) -> list[str]:
        """The names of all items outside the trash that can be read."""
        return self.catalogue.readable_names

    @property
    def index(self) -> NameIndex:
        """The same names, to be found by how they begin."""
        return self.catalogue.index

    @property
    def rotating(self) -> Sequence[int]:
        """The positions of the items outside trash and archive that may have a rotation which did
        not end. Looked for once.
        """
        if self._rotating is None:
            from bw_magics.vault.rotating import may_rotate

            positions, records = self.positions(archived=False), self.snapshot.records
            self._rotating = [at for at in positions if may_rotate(records[at])]
        return self._rotating

    def names_in(self, place_id: str) -> list[str]:
        """Returns the names of those in the folder, collection or organisation with that id."""
        found = self.catalogue.in_place(place_id, self.snapshot.records)
        return [self.catalogue.names[position] or "" for position in found]

    def with_id_beginning(self, beginning: str) -> set[int]:
        """Returns the positions of the items, in the trash or not, whose id begins like that."""
        wanted = id_key(beginning)
        return {at for id, at in self.catalogue.by_id.items() if id.startswith(wanted)}

    def with_id(self, id: str) -> list[int]:
        """Returns the position of the item with that id, outside the trash, in a list, or none."""
        position = self.catalogue.by_id.get(id_key(id))
        return [] if position is None or position in self.catalogue.trashed else [position]

    def with_name(self, name: str) -> list[int]:
        """Returns the positions of the items outside the trash with exactly that name, in NFC."""
        return self.catalogue.by_name.get(normal(name))

    def with_folded_name(self, name: str) -> list[int]:
        """Returns the same, ignoring case."""
        return self.catalogue.by_folded_name.get(folded(name))

    def exactly(self, query: str) -> Iterator[tuple[str, list[int]]]:
        """Yields the exact ways to find an item, the strictest first: each one's name, and the
        positions that it gives.
        """
        yield from self.catalogue.exactly(id_key(query), normal(query))
        yield "case", self.with_folded_name(query)

    def reference(
        self, item_id: str, field: FieldName = ITEM, *, attachment: str | None = None
    ) -> Reference:
        """Returns the shortest reference that finds that part of that item and no other: its name,
        else with its folder, collection or organisation before it, else its id.
        """
        from bw_magics.vault.reference import Reference

        item = self.item(item_id)
        named = None if attachment else str(field)
        # A name of blanks is not looked up: it is more likely a variable that is not set.
        is_named = bool(item.name.strip()) and item.problem is None
        for path in (None, *paths_to(item)) if is_named else ():
            if self._found(item.name, path, field) == item.id:
                return Reference(item.name, named, path, attachment)
        return Reference(item.id, named, None, attachment)

    def _found(self, name: str, path: str | None, what: FieldName) -> str | None:
        """Returns the id of the one item that a reference with that name and path finds."""
        steps = (
            (step, [self.item_at(position) for position in positions])
            for step, positions in self.exactly(name)
        )
        items = choose(steps, what, lambda item: path is None or path in paths_to(item)).items
        return items[0].id if len(items) == 1 else None

    def with_words(self, words: str) -> list[int]:
        """Returns the positions of the items outside the trash whose name contains all of the
        words, ignoring case.
        """
        wanted = folded(words).split()
        return [
            position
            for name in self.catalogue.by_name
            if all(word in folded(name) for word in wanted)
            for position in self.catalogue.by_name.get(name)
        ]


def _name_or_mark(keys: KeyStore, organization_id: str | None, name: str) -> str:
    try:
        return keys.key_for(organization_id, None).decrypt_text(name)
    except (CryptographyError, Unreadable):
        return UNREADABLE
