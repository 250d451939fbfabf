"""`Draft`: the wanted changes to an item, as a list.

A draft holds no record and decrypts nothing by itself: it reads the present values from an item
and keeps the wanted ones. `bw_magics.vault.revision` turns it into a request. Because it is a list
of changes, the same draft can be applied again to a newer record of the item.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, MutableMapping, MutableSequence
from typing import Any, Protocol, overload

from bw_magics.errors import UsageMistake
from bw_magics.secret import Secret, Unpicklable
from bw_magics.shown import one_line
from bw_magics.vault.changes import (
    Change,
    FieldValue,
    RenameField,
    SetField,
    SetMember,
    SetUris,
    UriValue,
    camel_case,
    refuse_mask,
    touched,
)
from bw_magics.vault.field_labels import field_labels
from bw_magics.vault.names import as_name, normal
from bw_magics.vault.types import BOOLEAN, HIDDEN, ITEM_TYPES, LOGIN, ItemType

_OF_FIELDS = (SetField, RenameField)

# What every item has beside the members of its type.
COMMON = ("name", "notes", "folder", "favorite", "reprompt")


class Original(Protocol):
    """The item that a draft changes; the draft reads its members as attributes."""

    name: str

    @property
    def item_type(self) -> ItemType | None:
        """The type, None for one that is not known."""

    @property
    def fields(self) -> Iterable[Any]:
        """The custom fields, each with `name` and `value`."""

    @property
    def uris(self) -> Iterable[str]:
        """The URIs of a login."""


class Draft(Unpicklable):
    """The changes to an item, or the contents of a new one.

    Members are attributes, in Bitwarden's spelling or Python's: `draft.username = "analyst"`;
    None empties one. `draft.fields` maps the names of the custom fields to their values,
    `draft.uris` is the list of a login's URIs. Reading gives the wanted value, else the present
    one. Nothing is sent before the draft is saved.

    Setting raises `UsageMistake` for a member that the type does not have and for a value of
    another Python type, and `MaskRefused` for a text that is the mask of a secret.
    """

    __slots__ = ("_item", "_item_type", "changes", "fields", "uris")

    changes: list[Change]
    fields: DraftFields
    uris: MutableSequence[Any]

    def __init__(self, item_type: ItemType, item: Original | None = None) -> None:
        for name, value in (
            ("_item_type", item_type),
            ("_item", item),
            ("changes", []),
            ("fields", DraftFields(self, item)),
            ("uris", DraftUris(self, item)),
        ):
            object.__setattr__(self, name, value)

    @classmethod
    def of(cls, item: Original) -> Draft:
        """Returns an empty draft for an item. Raises `UsageMistake` where its type is not known."""
        if item.item_type is None:
            raise UsageMistake(
                f"'{item.name}' is of a type that this version does not know.",
                "Edit it in the web vault, or update bw_magics.",
            )
        return cls(item.item_type, item)

    @classmethod
    def new(cls, type_name: str) -> Draft:
        """Returns a draft for a new item of a type, by its name or the CLI's (`note`, `sshkey`)."""
        return cls(type_named(as_name(type_name)))

    def __repr__(self) -> str:
        touched = one_line(", ".join(self.touched))
        return f"<Draft of {self._item_type.name}: {touched or 'no changes'}>"

    @property
    def item_type(self) -> ItemType:
        """The type of the item."""
        item_type: ItemType = self._item_type
        return item_type

    @property
    def touched(self) -> tuple[str, ...]:
        """The names of what changes: members, `field:NAME`, `uris`; each once, no values."""
        return tuple(dict.fromkeys(touched(self.changes)))

    def secrets(self) -> Iterator[tuple[str, str]]:
        """Yields the new values that are secret, each with a label, for those who mask outputs."""
        label = self.name or "new item"
        for change in self.changes:
            if isinstance(change, SetMember) and isinstance(change.value, str):
                if change.name == "notes" or change.name in self._item_type.secret:
                    yield change.value, f"{label} / {change.name}"
            elif isinstance(change, SetField) and change.value is not None:
                value = change.value
                if isinstance(value.value, str) and (
                    value.kind == HIDDEN or isinstance(value.value, Secret)
                ):
                    yield value.value, f"{label} / {change.name}"

    def update(self, members: Mapping[str, Any]) -> None:
        """Takes over several members at once; `fields` is a mapping, `uris` a list."""
        for name, value in members.items():
            if name == "fields":
                self.fields.update(_mapping(value))
            elif name == "uris":
                self.uris[:] = _texts(value)
            else:
                setattr(self, name, value)

    def __setattr__(self, name: str, value: object) -> None:
        if name == "uris":
            self.uris[:] = _texts(value)
            return
        if name == "fields":
            wanted = _mapping(value)
            for gone in [field for field in self.fields if field not in map(normal, wanted)]:
                del self.fields[gone]
            self.fields.update(wanted)
            return
        member = self._member(name)
        if member in ("favorite", "reprompt"):
            if not isinstance(value, bool):
                raise UsageMistake(f"{member} has to be True or False.", "")
            self.changes.append(SetMember(member, value))
            return
        text = _text(value, member)
        if member == "name" and not text:
            raise UsageMistake("An item needs a name.", 'Give one, such as name="Sales DB".')
        self.changes.append(SetMember(member, text))

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        try:
            member = self._member(name)
        except UsageMistake as mistake:
            raise AttributeError(mistake.fact) from None
        for change in reversed(self.changes):
            if isinstance(change, SetMember) and change.name == member:
                return change.value
        if self._item is None:
            return False if member in ("favorite", "reprompt") else None
        present = {"favorite": "is_favorite", "reprompt": "has_reprompt"}.get(member, member)
        return getattr(self._item, present if member != "totp" else "totp_seed")

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *COMMON, *self._item_type.members]

    def _member(self, name: str) -> str:
        member = camel_case(name)
        if member in COMMON or member in self._item_type.members:
            return member
        from difflib import get_close_matches

        known = (*COMMON, *self._item_type.members)
        close = get_close_matches(member, known, n=1)
        hint = f"Did you mean '{close[0]}'?" if close else f"It has: {', '.join(known)}."
        raise UsageMistake(f"A {self._item_type.name} item has no member '{name}'.", hint)


class DraftFields(MutableMapping[str, Any]):
    """The custom fields of a draft by name; of several with one name, `name#2` is the second.

    A plain text keeps the kind that a field has; a new one is a text field, or a hidden one where
    the value is a `Secret` or `hidden(…)`. True and False make a boolean field.
    """

    __slots__ = ("_draft", "_item")

    def __init__(self, draft: Draft, item: Original | None) -> None:
        self._draft = draft
        self._item = item

    def __repr__(self) -> str:
        # The item is not read: that decrypts, and fails where the vault is locked.
        named = touched(change for change in self._draft.changes if isinstance(change, _OF_FIELDS))
        return f"<DraftFields: {one_line(', '.join(dict.fromkeys(named))) or 'no changes'}>"

    def __setitem__(self, name: str, value: object) -> None:
        if not isinstance(name, str) or not name:
            raise UsageMistake("A custom field needs a name.", "Use a text that is not empty.")
        refuse_mask(name, "the name of a custom field")
        self._draft.changes.append(SetField(name, _field_value(name, value)))

    def __delitem__(self, name: str) -> None:
        if normal(name) not in self._values():
            raise UsageMistake(f"No custom field is named '{name}'.", _known(self))
        self._draft.changes.append(SetField(name, None))

    def __getitem__(self, name: str) -> Any:
        value = self._values()[normal(as_name(name))]
        return value.value if isinstance(value, FieldValue) else value

    def __iter__(self) -> Iterator[str]:
        return iter(self._values())

    def __len__(self) -> int:
        return len(self._values())

    def rename(self, name: str, to: str) -> None:
        """Gives a field another name; its value stays as it is."""
        if normal(name) not in self._values():
            raise UsageMistake(f"No custom field is named '{name}'.", _known(self))
        if not to:
            raise UsageMistake("A custom field needs a name.", "Use a text that is not empty.")
        refuse_mask(to, "the name of a custom field")
        self._draft.changes.append(RenameField(name, to))

    def _values(self) -> dict[str, Any]:
        fields = tuple(self._item.fields) if self._item is not None else ()
        labels = field_labels(field.name for field in fields)
        values: dict[str, Any] = dict(zip(labels, (field.value for field in fields), strict=True))
        for change in self._draft.changes:
            if isinstance(change, SetField) and change.value is None:
                values.pop(normal(change.name), None)
            elif isinstance(change, SetField):
                values[normal(change.name)] = change.value
            elif isinstance(change, RenameField) and normal(change.name) in values:
                values = {
                    normal(change.to) if name == normal(change.name) else name: value
                    for name, value in values.items()
                }
        return values


class DraftUris(MutableSequence[Any]):
    """The URIs of a draft; `matching(uri, "exact")` sets how one is compared with a page."""

    __slots__ = ("_draft", "_item")

    def __init__(self, draft: Draft, item: Original | None) -> None:
        self._draft = draft
        self._item = item

    def __repr__(self) -> str:
        is_set = any(isinstance(change, SetUris) for change in self._draft.changes)
        return f"<DraftUris: {len(self) if is_set else 'no changes'}>"

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index: int | slice) -> str | list[str]:
        if isinstance(index, slice):
            return [value.uri for value in self._values()[index]]
        return self._values()[index].uri

    def __setitem__(self, index: int | slice, value: Any) -> None:
        values = self._values()
        if isinstance(index, slice):
            values[index] = [_uri_value(each) for each in value]
        else:
            values[index] = _uri_value(value)
        self._set(values)

    def __delitem__(self, index: int | slice) -> None:
        values = self._values()
        del values[index]
        self._set(values)

    def __len__(self) -> int:
        return len(self._values())

    def insert(self, index: int, value: object) -> None:
        """Puts a URI before that position."""
        values = self._values()
        values.insert(index, _uri_value(value))
        self._set(values)

    def _values(self) -> list[UriValue]:
        for change in reversed(self._draft.changes):
            if isinstance(change, SetUris):
                return list(change.uris)
        uris = self._item.uris if self._item is not None else ()
        return [UriValue(uri) for uri in uris]

    def _set(self, values: list[UriValue]) -> None:
        if self._draft.item_type is not LOGIN:
            raise UsageMistake("Only a login has URIs.", "Keep the address in a custom field.")
        self._draft.changes.append(SetUris(tuple(values)))


def type_named(name: str) -> ItemType:
    """Returns the type of that name, as Bitwarden or its CLI spells it. Raises `UsageMistake`."""
    wanted = name.replace("_", "").replace("-", "").casefold()
    wanted = {"note": "securenote"}.get(wanted, wanted)
    for item_type in ITEM_TYPES.values():
        if item_type.name.casefold() == wanted:
            return item_type
    known = ", ".join(item_type.name for item_type in ITEM_TYPES.values())
    raise UsageMistake(f"'{name}' is not a type of item.", f"Use one of: {known}.")


def _text(value: object, what: str) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str):
        raise UsageMistake(f"{what} has to be a text, not {type(value).__name__}.", "")
    refuse_mask(value, what)
    return value or None


def _field_value(name: str, value: object) -> FieldValue:
    if isinstance(value, FieldValue):
        if isinstance(value.value, str):
            refuse_mask(value.value, f"the field '{name}'")
        return value
    if isinstance(value, bool):
        return FieldValue(value, BOOLEAN)
    if value is None:
        return FieldValue(None)
    text = _text(value, f"the field '{name}'")
    return FieldValue(text, HIDDEN if isinstance(value, Secret) else None)


def _uri_value(value: object) -> UriValue:
    if isinstance(value, UriValue):
        return value
    text = _text(value, "a URI")
    if text is None:
        raise UsageMistake("A URI is empty.", "Leave it out, or delete it from the list.")
    return UriValue(text)


def _mapping(value: object) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise UsageMistake("fields has to map names to values.", 'Write fields={"host": "…"}.')
    return value


def _texts(value: object) -> list[Any]:
    if isinstance(value, str) or not isinstance(value, Iterable):
        raise UsageMistake("uris has to be a list of texts.", 'Write uris=["https://…"].')
    return list(value)


def _known(fields: Iterable[str]) -> str:
    names = ", ".join(fields)
    return f"It has: {names}." if names else "It has none."
