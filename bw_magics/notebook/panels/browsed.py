"""The contents of the vault browser: lists, items and their parts, as the panel gets them."""

from __future__ import annotations

from collections.abc import Iterator
from heapq import nsmallest
from typing import TYPE_CHECKING

from bw_magics.errors import BitwardenError, NotOffered
from bw_magics.notebook.complete.candidates import fields_of, written
from bw_magics.secret import Secret
from bw_magics.shown import harmless, one_line, told_apart
from bw_magics.using import unrecorded
from bw_magics.vault.inventory import Inventory, inventory_at
from bw_magics.vault.names import folded
from bw_magics.vault.reference import Reference
from bw_magics.vault.sealed import UNREADABLE

if TYPE_CHECKING:
    from bw_magics.session.vault import Vault
    from bw_magics.vault.contents import Contents
    from bw_magics.vault.item import Item

MOST = 60

Answer = dict[str, object]


class Browsed:
    """The vault as one panel sees it.

    Items have numbers in the panel: their ids stay in the kernel. `shows_plain` says whether user
    names, hosts and the like are shown at once.
    """

    def __init__(self, vault: Vault, *, shows_plain: bool = True) -> None:
        self._vault = vault
        self._shows_plain = shows_plain
        self._ids: list[str] = []
        self._numbers: dict[str, int] = {}

    def found(self, text: str) -> Answer:
        """Returns the items with a text in their name or place; all of them for an empty text.

        Counts what can be listed: every item outside trash and archive, and those in the archive.
        """
        contents = self._contents()
        positions = self._matching(contents, text) if text.strip() else self._all(contents)
        items = [contents.item_at(position) for position in positions[:MOST]]
        shown = told_apart([item.name for item in items])
        entries = [
            {**self.row(item), "name": name} for item, name in zip(items, shown, strict=True)
        ]
        return {
            "entries": entries,
            "total": len(contents),
            "archived": contents.archived,
            "is_cut": len(positions) > MOST,
            "is_all": not text.strip(),
        }

    def row(self, item: Item) -> Answer:
        """Returns one item of a list."""
        number = self._numbers.setdefault(item.id, len(self._ids))
        if number == len(self._ids):
            self._ids.append(item.id)
        place = item.folder or ", ".join(item.collections) or item.organization or ""
        marks = [
            word
            for word, holds in (("unreadable", item.problem), ("archived", item.is_archived))
            if holds
        ]
        return {
            "entry": number,
            "name": one_line(item.name),
            "type": item.type,
            "place": harmless(place),
            "problem": item.problem or "",
            "marks": marks,
        }

    def shown(self, item: Item) -> Answer:
        """Returns one item with the names of its parts, and the values of those that are not
        secret.
        """
        can_change = item.is_editable and not item.problem and not item.is_hidden
        return {
            **self.row(item),
            "members": [*self._members(item)],
            "line": _line(item, "item"),
            "can_edit": can_change and item.item_type is not None,
            "can_trash": item.is_editable,
        }

    def item(self, number: object) -> Item:
        """Returns the item of a number that the panel got. Raises `NotOffered`."""
        if not isinstance(number, int) or not 0 <= number < len(self._ids):
            raise NotOffered("The vault does not have that item.")
        contents = self._contents()
        contents.keys.used()
        return contents.item(self._ids[number])

    # Inside.

    def _contents(self) -> Contents:
        return self._vault._contents()

    @staticmethod
    def _all(contents: Contents) -> list[int]:
        """Returns the first ones in the order of a list, and one more where there are others."""

        def order(at: int) -> tuple[bool, str]:
            name = contents.name_at(at)
            return name is None, folded(name or "")

        return nsmallest(MOST + 1, contents.positions(), key=order)

    @staticmethod
    def _matching(contents: Contents, text: str) -> list[int]:
        names = dict.fromkeys(contents.index.find(text, MOST + 1))
        places = (contents.folder_names, contents.collection_names, contents.organization_names)
        wanted = folded(text)
        for place in places:
            for id, name in place.items():
                if wanted in folded(name) and len(names) <= MOST:
                    names.update(dict.fromkeys(sorted(contents.names_in(id))))
        found = [each for name in names for each in contents.with_name(name)]
        if wanted.strip() in folded(UNREADABLE):
            found += [at for at in contents.positions() if contents.name_at(at) is None]
        return list(dict.fromkeys(found))

    def _members(self, item: Item) -> Iterator[dict[str, str]]:
        """Yields the parts of an item: the name, the OBJECT of `%bw_get`, and the texts to copy."""
        contents, found = self._contents(), Inventory()
        for position in contents.with_id(item.id):
            found = inventory_at(contents, position)
        plain = self._plain(item)
        for what in fields_of(found):
            yield {
                "name": harmless(what.removeprefix("field:")),
                "what": what,
                "line": _line(item, what),
                "reference": _reference(item, what),
                **_value_of(item, what, plain),
            }
        for name in found.files:
            reference = _reference(item, attachment=name)
            yield {
                "name": harmless(name),
                "what": "",
                "line": f"%bw_get {written(reference, together=True) or ''}",
                "reference": reference,
            }

    def _plain(self, item: Item) -> frozenset[str]:
        """Returns the parts whose values are not secret, as far as that is known without
        decrypting.
        """
        if not self._shows_plain or item.problem or item.item_type is None:
            return frozenset()
        members = set(item.item_type.members) - item.item_type.secret
        members |= {label for label, is_secret in item.custom_field_labels if not is_secret}
        return frozenset((*members, "uri"))


def _value_of(item: Item, what: str, plain: frozenset[str]) -> dict[str, str]:
    if what.removeprefix("field:") not in plain:
        return {}
    try:
        with unrecorded():  # only what is not secret is shown
            value = item.get(what)
    except BitwardenError:
        return {}
    # A URI can hold a password, and a linked field shows what it points to.
    return {} if isinstance(value, Secret) else {"value": harmless(str(value))}


def _line(item: Item, what: str) -> str:
    """Returns a line for a cell that gets the part: by name if possible, else by reference."""
    reference = _reference(item, what)
    if not reference:
        return ""
    parsed = Reference.parse(reference)
    object, name = written(what), written(item.name, together=True)
    if parsed.path is None and parsed.item != item.id and object and name:
        return f"%bw_get {object} {name}"
    return f"%bw_get {written(reference, together=True) or ''}"


def _reference(item: Item, what: str = "item", *, attachment: str | None = None) -> str:
    try:
        return item.reference(what, attachment=attachment)
    except BitwardenError:
        return ""
