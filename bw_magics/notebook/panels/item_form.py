"""`ItemForm`: the form for a new item, or for changes to one: what it draws, and what it saves."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from bw_magics.errors import BitwardenError, NotOffered, NotWritable, Unreadable, WriteUnclear
from bw_magics.notebook.panels.custom_field_rows import CUSTOM, KINDS, CustomFieldRows
from bw_magics.notebook.panels.form_field import Answer, form_field, is_text, not_read
from bw_magics.notebook.panels.given import Given
from bw_magics.notebook.panels.item_places import ItemPlaces
from bw_magics.notebook.panels.uri_rows import UriRows
from bw_magics.secret import Secret
from bw_magics.session.writing.checks import require_change
from bw_magics.shown import harmless
from bw_magics.vault.draft import COMMON, type_named
from bw_magics.vault.ssh_key import members_of_key
from bw_magics.vault.types import LOGIN, SECURE_NOTE, ItemType

if TYPE_CHECKING:
    from bw_magics.session.vault import Vault
    from bw_magics.vault.item import Item

TYPES = ("login", "note", "card", "identity", "sshkey")
# Not typed by anybody: they follow from the private key.
_DERIVED = ("publicKey", "keyFingerprint")
_LINES = ("notes", "privateKey")
_GENERATED = ("password",)
# What the panel sends beside single texts, each in a form of its own.
_LISTS = ("added", "removed", "uris", "collections")


class ItemForm:
    """One form. `item` is None for a new item, of which `given` are the first values.

    The panel gets the values that are not secret. A secret stays in the kernel: its field is empty,
    and is left alone unless something is typed into it.
    """

    def __init__(
        self,
        vault: Vault,
        item_type: ItemType,
        item: Item | None = None,
        given: Given | None = None,
    ) -> None:
        self._vault = vault
        self._type = item_type
        self._item = item
        self._given = given or Given()
        self._places = ItemPlaces(
            vault._contents(),
            item,
            folder=self._given.members.get("folder"),
            organization=self._given.organization,
            collections=self._given.collections,
        )
        kept = "unchanged" if item is not None else "given in the cell"
        self._kept = kept
        self._custom = CustomFieldRows(item, self._given.fields, kept)
        self._uris: UriRows | None = None
        if item_type is LOGIN:
            self._uris = UriRows(item, self._given.members.get("uris") or (), kept)
        self._fields = [*self._described(), *self._custom.described]

    @classmethod
    def new(cls, vault: Vault, type_name: str, given: Given | None = None) -> ItemForm:
        """Returns a form for a new item of a type.

        Raises `UsageMistake` for another type, `NotFound` and `NotWritable` for a given place.
        """
        item_type = type_named(type_name)
        return cls(vault, item_type, given=given and given.of_type(item_type, COMMON))

    @classmethod
    def of(cls, vault: Vault, item: Item) -> ItemForm:
        """Returns a form for changes to an item.

        Raises `NotOffered` where its type is not known, `NotWritable` where it cannot be changed,
        `RepromptRequired`.
        """
        if item.item_type is None:
            raise NotOffered(f"'{item.name}' is of a type that this version does not know.")
        require_change(vault._contents(), item, "edited")
        return cls(vault, item.item_type, item)

    def other(self, type_name: str) -> ItemForm:
        """Returns a form for a new item of another type, with what this one was given."""
        return ItemForm.new(self._vault, type_name, self._given)

    def about(self) -> Answer:
        """Returns what the panel draws."""
        item = self._item
        own = "note" if self._type is SECURE_NOTE else self._type.name.lower()
        return {
            "title": f"Edit '{harmless(item.name)}'" if item else "New item",
            "types": [] if item else list(dict.fromkeys((*TYPES, own))),
            "type": own,
            "fields": self._fields,
            "kinds": list(KINDS),
            "uris": None if self._uris is None else self._uris.about(),
            **self._places.about(),
        }

    def save(self, plain: bytes) -> tuple[Item, str]:
        """Saves what the panel sends: the fields that were changed, by their names.

        Returns the item, and a line about it. Raises `UsageMistake` for what is not an answer to
        this form; no error repeats a value.
        """
        values = self._read(plain)
        members, removed = self._members(values), self._custom.removed(values.get("removed", []))
        added = self._custom.added(values.get("added", []), removed)
        if self._item is not None:
            return self._edited(self._item, values, members, removed, added)
        owner, collections = self._places.read(values)
        fields = {**self._given.fields, **members.pop("fields", {})}
        fields = {name: value for name, value in fields.items() if name not in removed} | added
        wanted = {"name": "", **self._given.members, **members, "fields": fields}
        created = self._vault.create(
            self._type.name, organization=owner, collections=collections, **wanted
        )
        return created, f"✓ created '{created.name}'"

    # Inside.

    def _edited(
        self,
        item: Item,
        values: Mapping[str, Any],
        members: Mapping[str, Any],
        removed: list[str],
        added: Mapping[str, Any],
    ) -> tuple[Item, str]:
        """Saves the members, then the place."""
        owner, collections = self._places.read(values)
        moves = self._places.differ(owner, collections)
        has_values = bool(members or removed or added)
        if not has_values and not moves:
            return item, f"'{item.name}' was not changed"
        saved = self._with_values(item, members, removed, added) if has_values else item
        line = f"✓ saved '{saved.name}'"
        if not moves:
            return saved, line
        try:
            if owner is not None and item.organization_id is None:
                return saved.share(organization=owner, collections=collections), line
            moved = saved.set_collections(collections)
        except WriteUnclear:
            raise
        except BitwardenError as problem:
            if not has_values:
                raise
            raise NotWritable(
                f"The values were saved, and the item not moved: {problem.fact}", problem.remedy
            ) from None
        if moved is None:
            return saved, f"{line}; this account cannot see it any more"
        return moved, line

    def _with_values(
        self,
        item: Item,
        members: Mapping[str, Any],
        removed: list[str],
        added: Mapping[str, Any],
    ) -> Item:
        with item.editing() as draft:
            draft.update(members)
            # First: one that is added may have the name of one that goes.
            for name in removed:
                del draft.fields[name]
            draft.fields.update(added)
        return self._vault[item.id]

    def _members(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Returns the members that the panel sends, as `Draft.update` takes them."""
        members: dict[str, Any] = {}
        fields: dict[str, Any] = {}
        for name, value in values.items():
            if name.startswith(CUSTOM):
                fields[name.removeprefix(CUSTOM)] = self._custom.value(name, value)
            elif name not in (*_LISTS, "owner"):
                members[name] = value or None
        if self._uris is not None and "uris" in values:
            members["uris"] = self._uris.read(values["uris"])
        if members.get("privateKey") is not None:
            members |= members_of_key(private_key=members["privateKey"])
        return {**members, "fields": fields} if fields else members

    def _read(self, plain: bytes) -> dict[str, Any]:
        try:
            values = json.loads(plain)
        except (ValueError, RecursionError):
            values = None
        if not isinstance(values, dict) or not all(
            name in _LISTS or (self._takes(name) and is_text(value))
            for name, value in values.items()
        ):
            raise not_read()
        if "uris" in values and self._uris is None:
            raise not_read()
        return values

    def _takes(self, name: str) -> bool:
        if name.startswith(CUSTOM):
            return self._custom.takes(name)
        known = {str(field["name"]) for field in self._fields}
        return name in known or name in ("folder", "owner")

    def _described(self) -> Iterator[Answer]:
        names = ["name", *(name for name in self._type.members if name not in _DERIVED), "notes"]
        for name in names:
            is_secret = name in self._type.secret or name == "notes"
            value: object = None
            if self._item is None:
                value = self._given.members.get(name)
                is_secret = is_secret or isinstance(value, Secret)
            else:
                try:
                    value = _present(self._item, name, is_secret=is_secret)
                except Unreadable:
                    is_secret = value = True
            yield form_field(
                name,
                name,
                value="" if is_secret else str(value or ""),
                kept=self._kept,
                is_secret=is_secret,
                is_set=bool(value),
                has_lines=name in _LINES,
                can_generate=name in _GENERATED,
            )


def _present(item: Item, name: str, *, is_secret: bool) -> object:
    """Returns the value of a member; of a secret, whether it has one."""
    if is_secret:
        return item.holds(name)
    return item.name if name == "name" else item.member(name)
