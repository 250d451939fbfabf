"""`OpenVault`: the reads from an unlocked vault."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from bw_magics.secret import Unpicklable
from bw_magics.vault.contents import Contents
from bw_magics.vault.field_name import ITEM, PLACES, FieldName
from bw_magics.vault.lookup import Found, find

if TYPE_CHECKING:
    from bw_magics.vault.listing import Items
    from bw_magics.vault.places import Place
    from bw_magics.vault.references import AnyReference
    from bw_magics.vault.selection import Selection
    from bw_magics.vault.tiebreak import Tiebreak


class OpenVault(Unpicklable):
    """Items, places and values of one unlocked vault, as `bw get` and `bw list` name them.

    A `SecretSource`. After a lock every method raises the reason.
    """

    __slots__ = ("contents",)

    def __init__(self, contents: Contents) -> None:
        self.contents = contents

    def __repr__(self) -> str:
        return f"<OpenVault of {len(self.contents)} items>"

    def get(self, what: str | FieldName, query: str, *, tiebreak: Tiebreak | None = None) -> object:
        """Returns the part of the item that `query` means, or the place of that kind."""
        name = FieldName.parse(what)
        if not name.is_custom and name.text in PLACES:
            from bw_magics.vault.places import find_place

            return find_place(self.places(name.text), name.text, query)
        return self.locate(query, what=name, tiebreak=tiebreak).item.get(name)

    def locate(
        self,
        query: str,
        *,
        what: str | FieldName = ITEM,
        tiebreak: Tiebreak | None = None,
        loose: bool = False,
    ) -> Found:
        """Returns the item that `query` means, with the step that found it."""
        return find(self.contents, query, what=what, tiebreak=tiebreak, loose=loose)

    def resolve(self, reference: str | AnyReference) -> object:
        """Returns the value that a reference names, a `Secret` where it is one."""
        from bw_magics.vault.reference import Reference
        from bw_magics.vault.resolving import resolve

        if not isinstance(reference, Reference):
            reference = Reference.parse(str(reference))
        return resolve(self.contents, reference)

    def check(self, reference: str | AnyReference) -> None:
        """Finds what a reference names, and reads no value. Raises as `resolve`."""
        from bw_magics.vault.reference import Reference
        from bw_magics.vault.resolving import check

        if not isinstance(reference, Reference):
            reference = Reference.parse(str(reference))
        check(self.contents, reference)

    def items(self, selection: Selection | None = None) -> Items:
        """Returns the selected items, by name; by default those outside trash and archive."""
        from bw_magics.vault.selection import Selection, select

        return select(self.contents, selection or Selection())

    def places(self, kind: str) -> list[Place]:
        """Returns all places of a kind: `folder`, `collection` or `organization`."""
        from bw_magics.vault.places import places

        self.contents.keys.used()
        return places(self.contents, kind)

    def names(self) -> Iterator[str]:
        """Yields the names of items and places. Not counted as a use."""
        from bw_magics.vault.places import places

        yield from self.contents.names
        for kind in PLACES:
            yield from (place.name for place in places(self.contents, kind))
