"""`ItemPlaces`: the folders, owners and collections that a form offers, by numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from bw_magics.errors import UsageMistake
from bw_magics.session.writing.checks import Places
from bw_magics.shown import harmless, told_apart
from bw_magics.vault.ids import id_key, same_id

if TYPE_CHECKING:
    from bw_magics.vault.contents import Contents
    from bw_magics.vault.item import Item

Answer = dict[str, object]

_ONE_WAY = "Sharing cannot be undone: an item does not come back from an organisation."


class ItemPlaces:
    """Where the item of one form can be.

    A new item has an owner to choose: the account, or an organisation with a collection that takes
    items. A personal item can be shared so, and an item of an organisation stays there, in any of
    its collections. The panel gets names and numbers; ids stay in the kernel.
    """

    def __init__(
        self,
        contents: Contents,
        item: Item | None = None,
        *,
        folder: str | None = None,
        organization: str | None = None,
        collections: Sequence[str] = (),
    ) -> None:
        """Takes the names that a line gives for a new item. Raises `NotFound` and
        `NotWritable` for one that cannot be used.
        """
        places = Places(contents)
        self.folder = item.folder if item is not None else None
        if folder:
            self.folder = contents.folder_names[places.folder(folder)]
        self.folders = sorted(contents.folder_names.values())
        if item is None:
            self._owner = places.organization(organization) if organization else None
            self._chosen = places.collections(collections, self._owner) if self._owner else []
        else:
            self._owner, self._chosen = item.organization_id, list(item.collection_ids)
        # An item that is not the account's own keeps its owner.
        self._can_choose = item is None or self._owner is None
        self._warning = "" if item is None else _ONE_WAY
        usable = {entry.id for entry in contents.snapshot.organizations if entry.is_enabled}
        self._collections = [
            (entry.id, entry.organization_id, contents.collection_names[entry.id])
            for entry in contents.snapshot.collections
            if not entry.is_read_only
            and entry.organization_id in usable
            and (self._can_choose or same_id(entry.organization_id, self._owner or ""))
        ]
        self._owners = list(dict.fromkeys(owner for _, owner, _ in self._collections))
        self._names = {id: contents.organization_names[id] for id in self._owners}

    def about(self) -> Answer:
        """Returns what the panel draws."""
        owners = told_apart([harmless(self._names[id]) for id in self._owners])
        is_chosen = [
            any(same_id(id, known) for known in self._chosen) for id, *_ in self._collections
        ]
        return {
            "folders": self.folders,
            "folder": self.folder or "",
            "owners": owners if self._can_choose else [],
            "owner": self._at(self._owner),
            "warning": self._warning,
            "collections": [
                {"owner": self._at(owner), "name": harmless(name), "chosen": chosen}
                for (_, owner, name), chosen in zip(self._collections, is_chosen, strict=True)
            ],
        }

    def read(self, values: Mapping[str, Any]) -> tuple[str | None, list[str]]:
        """Returns the owner's id and the collections' ids that the panel sends, else those that
        were chosen before. Raises `UsageMistake`.
        """
        owner, chosen = self._owner, self._chosen
        if self._can_choose and "owner" in values:
            owner = (
                self._owners[_number(values["owner"], self._owners)] if values["owner"] else None
            )
        if "collections" in values:
            sent = values["collections"]
            if not isinstance(sent, list):
                raise UsageMistake("The form cannot be read.", "Open it again.")
            found = [self._collections[_number(each, self._collections)] for each in sent]
            chosen = [id for id, of, _ in found if owner is not None and same_id(of, owner)]
        if owner is None:
            return None, []
        if not chosen and (self._can_choose or "collections" in values):
            raise UsageMistake(
                "An item of an organisation has to be in a collection.", "Choose at least one."
            )
        return owner, chosen

    def differ(self, owner: str | None, collections: Sequence[str]) -> bool:
        """Tells whether this is another owner than the item has, or other collections."""
        if owner is None or self._owner is None:
            return owner is not self._owner
        return {*map(id_key, collections)} != {*map(id_key, self._chosen)}

    def _at(self, owner: str | None) -> str:
        """Returns the number of an owner in the panel; empty for the account."""
        found = [at for at, id in enumerate(self._owners) if same_id(id, owner or "")]
        return str(found[0]) if found else ""


def _number(text: object, known: Sequence[object]) -> int:
    if isinstance(text, str) and text.isascii() and text.isdigit() and int(text) < len(known):
        return int(text)
    raise UsageMistake("The form cannot be read.", "Open it again.")
