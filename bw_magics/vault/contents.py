"""`Contents`: a snapshot with the keys to read it, and the names in it indexed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from bw_magics.errors import CryptographyError, NotFound, StateError, Unreadable
from bw_magics.secret import Unpicklable
from bw_magics.steps import LIST_IDS, Remedy
from bw_magics.vault.blob import BlobRecord, is_blob
from bw_magics.vault.choosing import choose, paths_to
from bw_magics.vault.field_name import ITEM, FieldName
from bw_magics.vault.head import places_of, read_head
from bw_magics.vault.ids import ById, id_key
from bw_magics.vault.index import NameIndex
from bw_magics.vault.item import Item
from bw_magics.vault.key_store import KeyStore
from bw_magics.vault.mentions import Mentions
from bw_magics.vault.name_reader import NameReader
from bw_magics.vault.names import folded, normal
from bw_magics.vault.positions import Positions
from bw_magics.vault.record import Record
from bw_magics.vault.reference import Reference
from bw_magics.vault.sealed import UNREADABLE, Sealed
from bw_magics.vault.snapshot import Snapshot, read_record
from bw_magics.vault.types import ITEM_TYPES
from bw_magics.vault.writer import Writer

if TYPE_CHECKING:
    import msgspec

    from bw_magics.vault.attachment import Files


class Contents(Unpicklable):
    """The items, folders, collections and organisations of one snapshot.

    Names are decrypted once, here; everything else when it is read. Building one for a newer
    snapshot with `previous` takes over the names of the items that were not changed.
    `decrypted_names` counts those that were decrypted for this one. `files` is where attachments
    come from; without it their contents cannot be read. `writer` changes items on the server.
    """

    __slots__ = (
        "_archived",
        "_by_folded_name",
        "_by_id",
        "_by_name",
        "_by_place",
        "_index",
        "_mentions",
        "_names",
        "_problems",
        "_trashed",
        "collection_names",
        "decrypted_names",
        "files",
        "folder_names",
        "keys",
        "organization_names",
        "snapshot",
        "writer",
    )

    def __init__(
        self,
        snapshot: Snapshot,
        keys: KeyStore,
        *,
        previous: Contents | None = None,
        files: Files | None = None,
        writer: Writer | None = None,
    ) -> None:
        self.snapshot = snapshot
        self.keys = keys
        self.files: Files | None = files or (previous.files if previous is not None else None)
        self.writer: Writer | None = writer or (previous.writer if previous is not None else None)
        self.decrypted_names = 0
        self.organization_names = ById((entry.id, entry.name) for entry in snapshot.organizations)
        self.folder_names, self.collection_names = self._place_names(previous)
        self._by_id: dict[str, int] = {}
        self._by_name = Positions()
        self._by_folded_name: Positions | None = None
        self._by_place: Positions | None = None
        self._index: NameIndex | None = None
        self._mentions: dict[int, Mentions] = {}
        self._names: list[str | None] = []
        self._trashed: set[int] = set()
        self._archived: set[int] = set()
        self._problems: dict[int, str] = {}
        self._read_names(previous)

    def __repr__(self) -> str:
        return f"<Contents of {len(self)} items>"

    def __len__(self) -> int:
        """Returns the number of items outside trash and archive."""
        return len(self.snapshot.records) - len(self._trashed | self._archived)

    @property
    def unreadable(self) -> int:
        """How many items cannot be read: their name, their key, or their type as a whole."""
        return len(self._problems)

    def _place_names(self, previous: Contents | None) -> tuple[ById[str], ById[str]]:
        """Returns the names of folders and collections, decrypted where they may differ."""
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
            collections = known.collection_names
        else:
            collections = ById(
                (entry.id, _name_or_mark(keys, entry.organization_id, entry.name))
                for entry in now.collections
            )
        return folders, collections

    def _read_names(self, previous: Contents | None) -> None:
        reader = NameReader(self.keys)
        # What could not be read before can be read now only where there is another key.
        are_same_keys = previous is not None and self.snapshot.has_same_keys(previous.snapshot)
        kept = previous if are_same_keys else None
        kept_records = self._keep(kept)
        for position, record in enumerate(self.snapshot.records):
            name: str | None = None
            if kept is not None and position < kept_records:
                if record is kept.snapshot.records[position]:
                    continue
                self._drop(position)
            head = read_head(record)
            if not head.id:
                self._problems[position] = "The server sent something that is not an item."
            else:
                self._by_id[id_key(head.id)] = position
                if head.deleted:
                    self._trashed.add(position)
                if head.archived:
                    self._archived.add(position)
                if head.type not in ITEM_TYPES:
                    self._problems[position] = f"Items of type {head.type} are not known here."
                before = None if previous is None else previous._unchanged(head.id, record)
                if (
                    previous is not None
                    and before is not None
                    and (are_same_keys or previous._names[before] is not None)
                ):
                    name = self._take(position, previous, before)
                else:
                    self.decrypted_names += 1
                    try:
                        name = reader.read(head, record)
                    except (CryptographyError, Unreadable) as problem:
                        self._problems[position] = problem.fact
            if position < kept_records:
                self._names[position] = name
            else:
                self._names.append(name)
            if name is not None and not head.deleted:
                self._by_name.add(normal(name), position)

    def _keep(self, previous: Contents | None) -> int:
        """Takes over all that is known of the records that are those of `previous`, but for some
        that were exchanged or added; returns how many records that may be.
        """
        if previous is None or len(self.snapshot.records) < len(previous.snapshot.records):
            return 0
        if self.snapshot.body is not previous.snapshot.body:
            return 0  # another download
        self._by_id = dict(previous._by_id)
        self._by_name = previous._by_name.copy()
        self._names = list(previous._names)
        self._trashed, self._archived = set(previous._trashed), set(previous._archived)
        self._problems, self._mentions = dict(previous._problems), dict(previous._mentions)
        return len(previous.snapshot.records)

    def _drop(self, position: int) -> None:
        """Forgets what was known of a record that was exchanged; its id stays in its place."""
        name = self._names[position]
        if name is not None and position not in self._trashed:
            self._by_name.discard(normal(name), position)
        self._trashed.discard(position)
        self._archived.discard(position)
        self._problems.pop(position, None)
        self._mentions.pop(position, None)

    def _unchanged(self, id: str, record: msgspec.Raw) -> int | None:
        """Returns the position of the same unchanged item here, or None."""
        position = self._by_id.get(id_key(id))
        if position is None or bytes(self.snapshot.records[position]) != bytes(record):
            return None
        return position

    def _take(self, position: int, previous: Contents, before: int) -> str | None:
        """Returns the name of an item that is as it was, or why it has none, and what searches have
        decrypted of it.
        """
        if (problem := previous._problems.get(before)) is not None:
            self._problems[position] = problem
        if (mentions := previous._mentions.get(before)) is not None:
            self._mentions[position] = mentions
        return previous._names[before]

    def item_at(self, position: int) -> Item:
        """Returns the item at a position of the snapshot."""
        record = read_record(self.snapshot.records[position])
        if is_blob(record.text("data")):
            record = BlobRecord(record, self.keys.open_blob)
        name = self._names[position]
        sealed = Sealed(record, self.keys, UNREADABLE if name is None else name)
        return Item(self, sealed, self._problems.get(position))

    def with_record(self, id: str, record: bytes) -> Snapshot:
        """Returns a snapshot with that JSON object in place of the item's, or added at the end."""
        return self.snapshot.with_record(self._by_id.get(id_key(id)), record)

    def without_record(self, id: str) -> Snapshot:
        """Returns a snapshot without the item of that id."""
        return self.snapshot.without_record(self._by_id.get(id_key(id)))

    def record(self, id: str) -> Record:
        """Returns the JSON object of the item with that id, as the server sent it. Raises
        `NotFound`.
        """
        record = read_record(self.snapshot.records[self._position(id)])
        return dict(record.members)

    def item(self, id: str) -> Item:
        """Returns the item with that id, in the trash or not. Raises `NotFound`."""
        return self.item_at(self._position(id))

    def _position(self, id: str) -> int:
        position = self._by_id.get(id_key(id))
        if position is None:
            raise NotFound("No item has that id.", Remedy("List the ids: {}.", LIST_IDS))
        return position

    def positions(self, *, trashed: bool = False, archived: bool | None = None) -> Iterator[int]:
        """Yields the positions of all items outside the trash, or of all in it, in the server's
        order; with `archived` only those in the archive, or only those outside.
        """
        for position in range(len(self._names)):
            if (position in self._trashed) == trashed and (
                archived is None or (position in self._archived) == archived
            ):
                yield position

    def items(self, *, trashed: bool = False) -> Iterator[Item]:
        """Returns all items outside the trash, or all in it, in the server's order."""
        return map(self.item_at, self.positions(trashed=trashed))

    def name_at(self, position: int) -> str | None:
        """Returns the name of the item at a position, None where it cannot be read."""
        return self._names[position]

    def mentions_at(self, position: int) -> Mentions:
        """Returns what finds the item at a position beside its name. Decrypted at the first search,
        and not again until the item is changed.
        """
        mentions = self._mentions.get(position)
        if mentions is None:
            mentions = self._mentions[position] = self.item_at(position).mentions
            if self.keys.is_forgotten:
                # Locked meanwhile, by another thread: nothing is kept.
                self._mentions.clear()
        return mentions

    def forget(self, refusal: Callable[[], StateError]) -> None:
        """Drops every key and what searches have decrypted; from now on every use raises what
        `refusal` makes.
        """
        self.keys.forget(refusal)
        if self.files is not None:
            self.files.forget()
        self._mentions.clear()

    @property
    def names(self) -> list[str]:
        """The names of all items outside the trash that can be read."""
        return [
            name
            for position, name in enumerate(self._names)
            if name is not None and position not in self._trashed
        ]

    @property
    def index(self) -> NameIndex:
        """The same names, to be found by how they begin; made when it is first asked for."""
        if self._index is None:
            self._index = NameIndex(self._by_name)
        return self._index

    def names_in(self, place_id: str) -> list[str]:
        """Returns the names of those in the folder, collection or organisation with that id."""
        index = self._by_place
        if index is None:
            index = Positions()
            for position in self.positions():
                if self._names[position] is not None:
                    for id in places_of(self.snapshot.records[position]):
                        index.add(id_key(id), position)
            self._by_place = index
        return [self._names[position] or "" for position in index.get(id_key(place_id))]

    def with_id_beginning(self, beginning: str) -> set[int]:
        """Returns the positions of the items, in the trash or not, whose id begins like that."""
        wanted = id_key(beginning)
        return {at for id, at in self._by_id.items() if id.startswith(wanted)}

    def with_id(self, id: str) -> list[int]:
        """Returns the position of the item with that id, outside the trash, as a list of at most
        one.
        """
        position = self._by_id.get(id_key(id))
        return [] if position is None or position in self._trashed else [position]

    def with_name(self, name: str) -> list[int]:
        """Returns the positions of the items outside the trash with exactly that name, in NFC."""
        return self._by_name.get(normal(name))

    def with_folded_name(self, name: str) -> list[int]:
        """Returns the same, ignoring case."""
        index = self._by_folded_name
        if index is None:
            index = Positions()
            for known in self._by_name:
                for position in self._by_name.get(known):
                    index.add(folded(known), position)
            self._by_folded_name = index
        return index.get(folded(name))

    def exactly(self, query: str) -> Iterator[tuple[str, list[int]]]:
        """Yields the exact ways to find an item, the strictest first: each one's name, and the
        positions that it gives.
        """
        yield "id", self.with_id(query)
        yield "name", self.with_name(query)
        yield "case", self.with_folded_name(query)

    def reference(
        self, item_id: str, field: FieldName = ITEM, *, attachment: str | None = None
    ) -> Reference:
        """Returns the shortest reference that finds that part of that item and no other: its name,
        else with its folder, collection or organisation before it, else its id.
        """
        item = self.item(item_id)
        named = None if attachment else str(field)
        for path in (None, *paths_to(item)) if item.name and item.problem is None else ():
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
            for name in self._by_name
            if all(word in folded(name) for word in wanted)
            for position in self._by_name.get(name)
        ]


def _name_or_mark(keys: KeyStore, organization_id: str | None, name: str) -> str:
    try:
        return keys.key_for(organization_id, None).decrypt_text(name)
    except (CryptographyError, Unreadable):
        return UNREADABLE
