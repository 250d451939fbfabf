"""`ItemForm`: the form of the vault browser for a new item, or for changes to one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from bw_magics.errors import NotOffered, Unreadable, UsageMistake
from bw_magics.notebook.panels.page_message import LONGEST_VALUE
from bw_magics.secret import Secret
from bw_magics.shown import harmless
from bw_magics.vault.types import LOGIN, SECURE_NOTE, ItemType

if TYPE_CHECKING:
    from bw_magics.session.vault import Vault
    from bw_magics.vault.item import Item

Answer = dict[str, object]

TYPES = ("login", "note", "card", "identity", "sshkey")
# Not typed by anybody: they follow from the private key.
_DERIVED = ("publicKey", "keyFingerprint")
_LINES = ("notes", "privateKey", "uris")
_GENERATED = ("password",)
_CUSTOM = "field:"


class ItemForm:
    """One form. `item` is None for a new item.

    The panel gets the values that are not secret. A secret stays in the vault: its field is empty,
    and is left alone unless something is typed into it.
    """

    def __init__(self, vault: Vault, item_type: ItemType, item: Item | None = None) -> None:
        self._vault = vault
        self._type = item_type
        self._item = item
        self._fields = [*self._described()]

    @classmethod
    def new(cls, vault: Vault, type_name: str) -> ItemForm:
        """Returns a form for a new item of a type. Raises `UsageMistake` for another name."""
        from bw_magics.vault.draft import type_named

        return cls(vault, type_named(type_name))

    @classmethod
    def of(cls, vault: Vault, item: Item) -> ItemForm:
        """Returns a form for changes to an item. Raises `NotOffered` for an unknown type."""
        if item.item_type is None:
            raise NotOffered(f"'{item.name}' is of a type that this version does not know.")
        return cls(vault, item.item_type, item)

    def about(self) -> Answer:
        """Returns what the panel draws."""
        item = self._item
        folders = sorted(place.name for place in self._vault.places("folder"))
        return {
            "title": f"Edit '{harmless(item.name)}'" if item else "New item",
            "types": [] if item else list(TYPES),
            "type": "note" if self._type is SECURE_NOTE else self._type.name.lower(),
            "fields": self._fields,
            "folders": folders,
            "folder": (item.folder if item else None) or "",
        }

    def save(self, plain: bytes) -> tuple[Item, str]:
        """Saves what the panel sends: the fields that were changed, by their names.

        Returns the item, and a line about it. Raises `UsageMistake` for what is not an answer to
        this form; no error repeats a value.
        """
        values = self._read(plain)
        members: dict[str, Any] = {}
        fields: dict[str, str | None] = {}
        for name, value in values.items():
            if name.startswith(_CUSTOM):
                fields[name.removeprefix(_CUSTOM)] = value
            elif name == "uris":
                members[name] = [line.strip() for line in value.splitlines() if line.strip()]
            else:
                members[name] = value or None
        if fields:
            members["fields"] = fields
        if members.get("privateKey") is not None:
            from bw_magics.vault.ssh_key import members_of_key

            members |= members_of_key(private_key=members["privateKey"])
        if self._item is not None:
            if not members:
                return self._item, f"'{self._item.name}' was not changed"
            saved = self._item.edit(**members)
            return saved, f"✓ saved '{saved.name}'"
        created = self._vault.create(self._type.name, **{"name": "", **members})
        return created, f"✓ created '{created.name}'"

    # Inside.

    def _read(self, plain: bytes) -> dict[str, str]:
        try:
            values = json.loads(plain)
        except (ValueError, RecursionError):
            values = None
        known = {str(field["name"]) for field in self._fields} | {"folder"}
        if not isinstance(values, Mapping) or not all(
            name in known and isinstance(value, str) and len(value) <= LONGEST_VALUE
            for name, value in values.items()
        ):
            raise UsageMistake("The form cannot be read.", "Shorten what is very long.")
        return dict(values)

    def _described(self) -> list[Answer]:
        names = ["name", *(name for name in self._type.members if name not in _DERIVED)]
        if self._type is LOGIN:
            names.append("uris")
        described = [self._field(name) for name in (*names, "notes")]
        for field in self._item.fields if self._item else ():
            if field.kind in ("text", "hidden") and field.problem is None:
                is_secret = isinstance(field.value, Secret)
                described.append(
                    _field(
                        f"{_CUSTOM}{field.name}",
                        field.name,
                        value="" if is_secret else str(field.value or ""),
                        is_secret=is_secret,
                        is_set=field.value is not None,
                    )
                )
        return [each for each in described if each]

    @staticmethod
    def _present(item: Item, name: str, *, is_secret: bool) -> tuple[bool, object]:
        """Returns whether a member of an item is secret, and its value; of a secret, whether it has
        one.
        """
        if name == "uris":
            return any(isinstance(uri, Secret) for uri in item.uris), "\n".join(item.uris)
        if is_secret:
            return True, item.holds(name)
        return False, item.name if name == "name" else item.member(name)

    def _field(self, name: str) -> Answer:
        is_secret = name in self._type.secret or name == "notes"
        value: object = None
        if self._item is not None:
            try:
                is_secret, value = self._present(self._item, name, is_secret=is_secret)
            except Unreadable:
                is_secret = value = True
        return _field(
            name,
            name,
            value="" if is_secret else str(value or ""),
            is_secret=is_secret,
            is_set=bool(value),
        )


def _field(name: str, label: str, *, value: str, is_secret: bool, is_set: bool) -> Answer:
    return {
        "name": name,
        "label": harmless(label),
        "value": value,
        "secret": is_secret,
        "set": is_set,
        "lines": name in _LINES,
        "generate": name in _GENERATED or (is_secret and name.startswith(_CUSTOM)),
    }
