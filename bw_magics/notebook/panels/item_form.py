"""`ItemForm`: the form for a new item, or for changes to one: what it draws, and what it saves."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from bw_magics.errors import (
    BitwardenError,
    NotOffered,
    NotWritable,
    Unreadable,
    UsageMistake,
    WriteUnclear,
)
from bw_magics.notebook.panels.given import (
    Given,
    is_secret_uri,
    is_secret_value,
    shown_text,
)
from bw_magics.notebook.panels.item_places import ItemPlaces
from bw_magics.notebook.panels.page_message import LONGEST_VALUE
from bw_magics.secret import Secret
from bw_magics.session.writing.checks import require_change
from bw_magics.shown import harmless
from bw_magics.vault.changes import hidden
from bw_magics.vault.draft import COMMON, type_named
from bw_magics.vault.field_labels import field_labels
from bw_magics.vault.names import normal
from bw_magics.vault.ssh_key import members_of_key
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
_PLACES = ("folder", "owner", "collections")
_KINDS = ("text", "hidden", "boolean")
_TRUTHS = {"true": True, "false": False}
_MOST_ADDED = 100


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
        self._fields = [*self._described()]

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
            "kinds": list(_KINDS),
            **self._places.about(),
        }

    def save(self, plain: bytes) -> tuple[Item, str]:
        """Saves what the panel sends: the fields that were changed, by their names.

        Returns the item, and a line about it. Raises `UsageMistake` for what is not an answer to
        this form; no error repeats a value.
        """
        values = self._read(plain)
        members, fields = self._members(values)
        if self._item is not None:
            return self._edited(
                self._item, values, {**members, **({"fields": fields} if fields else {})}
            )
        owner, collections = self._places.read(values)
        fields = {**self._given.fields, **fields}
        wanted = {"name": "", **self._given.members, **members, "fields": fields}
        created = self._vault.create(
            self._type.name, organization=owner, collections=collections, **wanted
        )
        return created, f"✓ created '{created.name}'"

    # Inside.

    def _edited(
        self, item: Item, values: Mapping[str, Any], members: Mapping[str, Any]
    ) -> tuple[Item, str]:
        """Saves the members, then the collections."""
        _, collections = self._places.read(values)
        moves = self._places.differ(collections)
        if not members and not moves:
            return item, f"'{item.name}' was not changed"
        saved = item.edit(**members) if members else item
        line = f"✓ saved '{saved.name}'"
        if moves:
            try:
                moved = saved.set_collections(collections)
            except WriteUnclear:
                raise
            except BitwardenError as problem:
                if not members:
                    raise
                raise NotWritable(
                    f"The values were saved, and the collections not: {problem.fact}",
                    problem.remedy,
                ) from None
            if moved is None:
                return saved, f"{line}; this account cannot see it any more"
            saved = moved
        return saved, line

    def _members(self, values: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        """Returns the members and the custom fields that the panel sends."""
        members: dict[str, Any] = {}
        fields: dict[str, Any] = {}
        described = {str(field["name"]): field for field in self._fields}
        for name, value in values.items():
            if name in ("owner", "collections", "added"):
                continue
            if name.startswith(_CUSTOM):
                fields[name.removeprefix(_CUSTOM)] = self._field_value(described[name], value)
            elif name == "uris":
                members[name] = [line.strip() for line in value.splitlines() if line.strip()]
            else:
                members[name] = value or None
        fields |= self._added(values.get("added") or [])
        if members.get("privateKey") is not None:
            members |= members_of_key(private_key=members["privateKey"])
        return members, fields

    def _field_value(self, field: Mapping[str, object], value: str) -> Any:
        if field["choices"]:
            return _truth(value)
        # A field of the item keeps its kind; one that is new has none yet.
        return hidden(value) if self._item is None and field["secret"] and value else value or None

    def _added(self, added: list[dict[str, str]]) -> dict[str, Any]:
        """Returns the new custom fields. Raises `UsageMistake` for a missing or known name."""
        known = {normal(name) for name in self._custom_names()}
        found: dict[str, Any] = {}
        for each in added:
            name, kind, value = each["name"].strip(), each["kind"], each["value"]
            if not name and not value:
                continue
            if not name:
                raise UsageMistake("A new custom field has no name.", "Give it one, or remove it.")
            if normal(name) in known:
                raise UsageMistake(
                    f"There is a custom field '{name}' already.", "Choose another name."
                )
            known.add(normal(name))
            if kind == "boolean":
                found[name] = _truth(value)
            else:
                found[name] = hidden(value) if kind == "hidden" else value
        return found

    def _custom_names(self) -> list[str]:
        """Returns what the present custom fields can be called by."""
        if self._item is None:
            return [*self._given.fields]
        names = [field.name for field in self._item.fields]
        return [*names, *field_labels(names)]

    def _read(self, plain: bytes) -> dict[str, Any]:
        try:
            values = json.loads(plain)
        except (ValueError, RecursionError):
            values = None
        known = {str(field["name"]) for field in self._fields} | {"folder", "owner"}
        if not isinstance(values, Mapping) or not all(
            _is_added(value)
            if name == "added"
            else name == "collections" or (name in known and _is_text(value))
            for name, value in values.items()
        ):
            raise UsageMistake("The form cannot be read.", "Shorten what is very long.")
        return dict(values)

    def _described(self) -> Iterator[Answer]:
        names = ["name", *(name for name in self._type.members if name not in _DERIVED)]
        if self._type is LOGIN:
            names.append("uris")
        for name in (*names, "notes"):
            yield self._field(name)
        yield from self._described_custom()

    def _described_custom(self) -> Iterator[Answer]:
        if self._item is None:
            for name, value in self._given.fields.items():
                text = shown_text(value)
                is_truth = isinstance(getattr(value, "value", value), bool)
                yield self._custom(name, text, is_secret_value(value), bool(text), is_truth)
            return
        fields = [*self._item.fields]
        for label, field in zip(field_labels(f.name for f in fields), fields, strict=True):
            if field.kind == "linked" or field.problem is not None or not label:
                continue
            is_secret = isinstance(field.value, Secret) or field.kind == "hidden"
            text = "" if field.value is None else shown_text(field.value)
            yield self._custom(
                label, text, is_secret, field.value is not None, field.kind == "boolean"
            )

    def _custom(
        self, name: str, text: str, is_secret: bool, is_set: bool, is_truth: bool
    ) -> Answer:
        return self._answer(
            f"{_CUSTOM}{name}",
            name,
            value="" if is_secret else text or ("false" if is_truth else ""),
            is_secret=is_secret,
            is_set=is_set,
            choices=[*_TRUTHS] if is_truth else [],
        )

    def _field(self, name: str) -> Answer:
        is_secret = name in self._type.secret or name == "notes"
        value: object = None
        if self._item is not None:
            try:
                is_secret, value = _present(self._item, name, is_secret=is_secret)
            except Unreadable:
                is_secret = value = True
        else:
            value = self._given.members.get(name)
            if name == "uris":
                is_secret = any(map(is_secret_uri, value or ()))
                value = "\n".join(map(shown_text, value or ()))
            is_secret = is_secret or isinstance(value, Secret)
        return self._answer(
            name,
            name,
            value="" if is_secret else str(value or ""),
            is_secret=is_secret,
            is_set=bool(value),
        )

    def _answer(
        self,
        name: str,
        label: str,
        *,
        value: str,
        is_secret: bool,
        is_set: bool,
        choices: list[str] | None = None,
    ) -> Answer:
        kept = "unchanged" if self._item is not None else "given in the cell"
        return {
            "name": name,
            "label": harmless(label),
            "value": value,
            "secret": is_secret,
            "set": is_set,
            "kept": kept if is_set and is_secret else "",
            "lines": name in _LINES,
            "generate": name in _GENERATED or (is_secret and name.startswith(_CUSTOM)),
            "choices": choices or [],
        }


def _present(item: Item, name: str, *, is_secret: bool) -> tuple[bool, object]:
    """Returns whether a member is secret, and its value; of a secret, whether it has one."""
    if name == "uris":
        return any(map(is_secret_uri, item.uris)), "\n".join(item.uris)
    if is_secret:
        return True, item.holds(name)
    return False, item.name if name == "name" else item.member(name)


def _truth(text: str) -> bool:
    if text not in _TRUTHS:
        raise UsageMistake("The form cannot be read.", "Open it again.")
    return _TRUTHS[text]


def _is_text(value: object) -> bool:
    return isinstance(value, str) and len(value) <= LONGEST_VALUE


def _is_added(value: object) -> bool:
    """Tells whether a value is a list of new custom fields."""
    return (
        isinstance(value, list)
        and len(value) <= _MOST_ADDED
        and all(
            isinstance(each, dict)
            and set(each) == {"name", "kind", "value"}
            and all(map(_is_text, each.values()))
            and each["kind"] in _KINDS
            for each in value
        )
    )
