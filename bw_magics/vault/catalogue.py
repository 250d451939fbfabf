"""`Catalogue`: what is known of every item without opening it: its id, its name, its state."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec

from bw_magics.errors import CryptographyError, Unreadable
from bw_magics.secret import Unpicklable
from bw_magics.settings import VERSION
from bw_magics.vault.ids import id_key
from bw_magics.vault.kept import KeptCatalogue
from bw_magics.vault.names import folded, normal
from bw_magics.vault.positions import Positions
from bw_magics.vault.types import ITEM_TYPES

if TYPE_CHECKING:
    from bw_magics.vault.head import Head
    from bw_magics.vault.index import NameIndex
    from bw_magics.vault.key_store import KeyStore
    from bw_magics.vault.name_reader import NameReader

# So many names are decrypted at once.
_AT_ONCE = 100


class Catalogue(Unpicklable):
    """The names and ids of the items of one snapshot, by their positions in it.

    `ids` are as ids compare, None for what has none. `names` holds None for one that cannot be
    read, and `problems` says why. `decrypted` counts the names that were decrypted for this
    catalogue.
    """

    __slots__ = (
        "_by_folded_name",
        "_by_id",
        "_by_name",
        "_by_place",
        "_index",
        "_is_asked",
        "archived",
        "decrypted",
        "ids",
        "names",
        "problems",
        "trashed",
    )

    def __init__(self) -> None:
        self.ids: list[str | None] = []
        self.names: list[str | None] = []
        self.trashed: set[int] = set()
        self.archived: set[int] = set()
        self.problems: dict[int, str] = {}
        self.decrypted = 0
        self._by_id: dict[str, int] | None = {}
        self._by_name: Positions | None = None
        self._by_folded_name: Positions | None = None
        self._by_place: Mapping[str, Sequence[int]] | None = None
        self._index: NameIndex | None = None
        self._is_asked = False

    def __repr__(self) -> str:
        return f"<Catalogue of {len(self.names)} items>"

    @classmethod
    def of_kept(cls, kept: KeptCatalogue) -> Catalogue:
        """Returns the catalogue that was kept on this machine; decrypts nothing."""
        catalogue = cls()
        catalogue.ids, catalogue.names = kept.ids, kept.names
        catalogue._by_id = None
        catalogue.trashed, catalogue.archived = set(kept.trashed), set(kept.archived)
        catalogue.problems = kept.problems
        catalogue._by_place = kept.places
        return catalogue

    @classmethod
    def read(
        cls,
        records: Sequence[msgspec.Raw],
        keys: KeyStore,
        *,
        previous: Catalogue | None = None,
        before: Sequence[msgspec.Raw] = (),
        are_same_keys: bool = False,
        is_same_download: bool = False,
    ) -> Catalogue:
        """Returns the catalogue of these records, whose names are decrypted here.

        Takes over what `previous` knows of the records `before`, where an item is as it was.
        `are_same_keys` says that what could not be read before cannot be read now, and
        `is_same_download` that every record is at its place, but for some that were exchanged or
        added.
        """
        # A kept catalogue is not read like this.
        from bw_magics.vault.head import read_head
        from bw_magics.vault.name_reader import NameReader

        catalogue, previous = cls(), previous or cls()
        by_id, old_by_id = catalogue.by_id, previous.by_id
        reader = NameReader(keys)
        unread: list[tuple[int, Head, msgspec.Raw]] = []
        if are_same_keys and is_same_download:
            catalogue._take_over(previous)
            by_id = catalogue.by_id
        placed = len(catalogue.names)
        for position, record in enumerate(records):
            if position < placed:
                if record is before[position]:
                    continue
                catalogue._drop(position)
            else:
                catalogue.ids.append(None)
                catalogue.names.append(None)
            head = read_head(record)
            id = id_key(head.id) if head.id else None
            if id is None:
                catalogue.problems[position] = "The server sent something that is not an item."
                continue
            catalogue.ids[position] = id
            by_id[id] = position
            if head.deleted:
                catalogue.trashed.add(position)
            if head.archived:
                catalogue.archived.add(position)
            if head.type not in ITEM_TYPES:
                catalogue.problems[position] = f"Items of type {head.type} are not known here."
            old = old_by_id.get(id)
            if (
                old is not None
                and (are_same_keys or previous.names[old] is not None)
                and bytes(before[old]) == bytes(record)
            ):
                catalogue._call(position, previous.names[old])
                if (problem := previous.problems.get(old)) is not None:
                    catalogue.problems[position] = problem
                continue
            unread.append((position, head, record))
            if len(unread) == _AT_ONCE:
                catalogue._read_names(unread, reader)
        catalogue._read_names(unread, reader)
        return catalogue

    def _take_over(self, previous: Catalogue) -> None:
        """Takes over all that another catalogue knows of each item."""
        self.ids, self.names = list(previous.ids), list(previous.names)
        self._by_id, self.problems = dict(previous.by_id), dict(previous.problems)
        self.trashed, self.archived = set(previous.trashed), set(previous.archived)
        self._by_name = previous.by_name.copy()

    def _drop(self, position: int) -> None:
        """Forgets what was known of a record that was exchanged; its id stays in its place."""
        name = self.names[position]
        if self._by_name is not None and name is not None and position not in self.trashed:
            self._by_name.discard(normal(name), position)
        self.names[position] = None
        self.trashed.discard(position)
        self.archived.discard(position)
        self.problems.pop(position, None)

    def _call(self, position: int, name: str | None) -> None:
        """Sets the name of an item."""
        self.names[position] = name
        if self._by_name is not None and name is not None and position not in self.trashed:
            self._by_name.add(normal(name), position)

    def _read_names(self, unread: list[tuple[int, Head, msgspec.Raw]], reader: NameReader) -> None:
        """Decrypts the names of these items and empties the list."""
        self.decrypted += len(unread)
        for position, head, record in unread:
            try:
                self._call(position, reader.read(head, record))
            except (CryptographyError, Unreadable) as reason:
                self.problems[position] = reason.fact
        unread.clear()

    def kept(self, records: Sequence[msgspec.Raw]) -> KeptCatalogue:
        """Returns the catalogue as it can be kept on this machine; `records` are those it is of."""
        return KeptCatalogue(
            VERSION,
            self.ids,
            self.names,
            sorted(self.trashed),
            sorted(self.archived),
            self.problems,
            {id: list(each) for id, each in self._places(records).items()},
        )

    def positions(self, *, trashed: bool = False, archived: bool | None = None) -> Iterator[int]:
        """Returns the positions of all items outside the trash, or of all in it, in order;
        with `archived` only those in the archive, or only those outside.
        """
        for position in range(len(self.names)):
            if (position in self.trashed) == trashed and (
                archived is None or (position in self.archived) == archived
            ):
                yield position

    @property
    def readable_names(self) -> list[str]:
        """The names of all items outside the trash that can be read."""
        trashed = self.trashed
        return [
            name
            for position, name in enumerate(self.names)
            if name is not None and position not in trashed
        ]

    @property
    def by_id(self) -> dict[str, int]:
        """The positions by the ids, as these compare."""
        if self._by_id is None:
            self._by_id = {id: position for position, id in enumerate(self.ids) if id is not None}
        return self._by_id

    def exactly(self, id: str, name: str) -> Iterator[tuple[str, list[int]]]:
        """Yields where the item of that id is, then the items of that name, outside the trash.

        The first question goes through the lists: to order them takes longer, and a program may
        ask nothing else.
        """
        is_first, self._is_asked = not self._is_asked, True
        position = self._first_of(id) if is_first else self.by_id.get(id)
        yield "id", [] if position is None or position in self.trashed else [position]
        is_unordered = is_first and self._by_name is None
        yield "name", self._named(name) if is_unordered else self.by_name.get(name)

    def _first_of(self, id: str) -> int | None:
        if self._by_id is not None or self.ids.count(id) > 1:
            return self.by_id.get(id)
        return self.ids.index(id) if id in self.ids else None

    def _named(self, name: str) -> list[int]:
        found = [
            at
            for at, each in enumerate(self.names)
            if each is not None and (each == name or (not each.isascii() and normal(each) == name))
        ]
        return [at for at in found if at not in self.trashed]

    @property
    def by_name(self) -> Positions:
        """The positions of the items outside the trash by their names, in NFC."""
        if self._by_name is None:
            trashed, names = self.trashed, self.names
            found = [at for at in range(len(names)) if names[at] is not None and at not in trashed]
            self._by_name = Positions.of([normal(names[at] or "") for at in found], found)
        return self._by_name

    @property
    def by_folded_name(self) -> Positions:
        """The same, ignoring case."""
        if self._by_folded_name is None:
            index, known = Positions(), self.by_name
            for name in known:
                for position in known.get(name):
                    index.add(folded(name), position)
            self._by_folded_name = index
        return self._by_folded_name

    @property
    def index(self) -> NameIndex:
        """The same names, to be found by how they begin; made when it is first asked for."""
        if self._index is None:
            from bw_magics.vault.index import NameIndex

            self._index = NameIndex(self.by_name)
        return self._index

    def in_place(self, id: str, records: Sequence[msgspec.Raw]) -> Sequence[int]:
        """Returns the positions of the named items outside the trash that are in the folder,
        collection or organisation with that id.
        """
        return self._places(records).get(id_key(id), ())

    def _places(self, records: Sequence[msgspec.Raw]) -> Mapping[str, Sequence[int]]:
        if self._by_place is None:
            from bw_magics.vault.head import places_of

            found: dict[str, list[int]] = {}
            for position in self.positions():
                if self.names[position] is not None:
                    for id in places_of(records[position]):
                        found.setdefault(id_key(id), []).append(position)
            self._by_place = found
        return self._by_place
