"""`ItemJson`: an item in the JSON of the `bw` CLI, read as what a draft takes.

The CLI takes it in base64. Here it may be a mapping, JSON text, or base64 of it.
"""

from __future__ import annotations

import binascii
import json
from base64 import b64decode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from bw_magics.errors import UsageMistake
from bw_magics.secret import Unpicklable
from bw_magics.steps import GET_TEMPLATE, Remedy
from bw_magics.vault.changes import MATCHES, FieldValue, hidden, linked, matching
from bw_magics.vault.field_labels import field_labels
from bw_magics.vault.types import BOOLEAN, HIDDEN, ITEM_TYPES, LINKED, LINKED_MEMBERS, ItemType

# Members that the server or the client sets itself: `bw` does not take these either.
_KEPT = frozenset(
    {
        "object", "id", "key", "creationDate", "revisionDate", "deletedDate", "archivedDate",
        "attachments", "edit", "viewPassword", "permissions", "organizationUseTotp",
        "passwordRevisionDate",
    }
)  # fmt: skip
# Members that other actions set; no JSON sets them.
_GROWN = frozenset({"passwordHistory", "fido2Credentials"})
_PLAIN = frozenset({"name", "notes", "favorite"})


@dataclass(frozen=True, slots=True, repr=False)
class ItemJson(Unpicklable):
    """The parts that the JSON of an item names: its type, its members as `Draft.update` takes them,
    and the ids of its organisation and collections.
    """

    item_type: ItemType
    members: Mapping[str, Any]
    organization: str | None = None
    collections: tuple[str, ...] = ()

    @classmethod
    def read(cls, value: object, *, is_new: bool) -> ItemJson:
        """Reads a mapping, JSON text or base64 of it.

        A member that is null empties the one of an item; with `is_new` it is left out. Raises
        `UsageMistake` for what is not the JSON of an item, and for a member that cannot be
        written: nothing is left out in silence. No error repeats a value.
        """
        record = _mapping(value)
        item_type = ITEM_TYPES.get(record.get("type", 1))
        if item_type is None:
            raise UsageMistake("The JSON names a type of item that is not known.", _START)
        own = record.get(item_type.name)
        if own is not None and not isinstance(own, Mapping):
            raise UsageMistake(f"{item_type.name} in the JSON is not an object.", _START)
        members = dict(_common(record, item_type))
        members |= _of_type(own or {}, item_type)
        if is_new:
            members = {name: each for name, each in members.items() if each not in (None, {}, [])}
            _refuse_grown(record, "passwordHistory")
            _refuse_grown(own or {}, "fido2Credentials")
        collections = record.get("collectionIds") or ()
        return cls(item_type, members, record.get("organizationId"), tuple(collections))


_START = Remedy("Start from a template: {}.", GET_TEMPLATE)


def _mapping(value: object) -> Mapping[str, Any]:
    if isinstance(value, str):
        value = _parsed(value)
    if not isinstance(value, Mapping):
        raise UsageMistake(
            "This is not the JSON of an item, which is a dict, JSON text or base64 of JSON text.",
            _START,
        )
    return value


def _parsed(text: str) -> object:
    text = str.__str__(text)
    try:
        if not text.lstrip().startswith("{"):
            text = b64decode(text, validate=True).decode()
        return json.loads(text)
    except (ValueError, binascii.Error):
        return None


def _common(record: Mapping[str, Any], item_type: ItemType) -> Iterable[tuple[str, Any]]:
    others = {each.name for each in ITEM_TYPES.values()} - {item_type.name}
    for name, value in record.items():
        if name in _PLAIN:
            yield name, value
        elif name == "reprompt":
            yield name, bool(value)
        elif name == "folderId":
            yield "folder", value
        elif name == "fields":
            yield name, _fields(value or ())
        elif name in others and value is not None:
            raise UsageMistake(
                f"The JSON has {name}, and its type is {item_type.name}.",
                "The number in type says which object holds the members.",
            )
        elif name not in _KEPT | _GROWN | others | {
            "type", "organizationId", "collectionIds", item_type.name,
        }:  # fmt: skip
            raise _unknown(name)


def _of_type(own: Mapping[str, Any], item_type: ItemType) -> dict[str, Any]:
    members: dict[str, Any] = {}
    for name, value in own.items():
        if name in item_type.members:
            members[name] = value
        elif name == "uris":
            members[name] = [_uri(each) for each in value or ()]
        elif name not in _KEPT | _GROWN and (name, item_type.name) != ("type", "secureNote"):
            raise _unknown(name)
    return members


def _fields(entries: Iterable[Any]) -> dict[str, Any]:
    entries = [_entry(each, "a field") for each in entries]
    labels = field_labels(str(entry.get("name") or "") for entry in entries)
    return dict(zip(labels, map(_field_value, entries), strict=True))


def _field_value(entry: Mapping[str, Any]) -> Any:
    kind, value = entry.get("type", 0), entry.get("value")
    if kind == HIDDEN:
        return hidden(value or "")
    if kind == BOOLEAN:
        return FieldValue(str(value).lower() == "true", BOOLEAN)
    if kind == LINKED:
        return linked(LINKED_MEMBERS.get(entry.get("linkedId") or 0, ""))
    return value


def _uri(entry: Any) -> Any:
    entry = _entry(entry, "a URI")
    match = entry.get("match")
    if match is None:
        return entry.get("uri")
    known = isinstance(match, int) and 0 <= match < len(MATCHES)
    return matching(entry.get("uri") or "", MATCHES[match] if known else str(match))


def _entry(entry: Any, what: str) -> Mapping[str, Any]:
    if not isinstance(entry, Mapping):
        raise UsageMistake(f"{what[:1].upper()}{what[1:]} in the JSON is not an object.", _START)
    return entry


def _refuse_grown(record: Mapping[str, Any], name: str) -> None:
    if record.get(name):
        raise UsageMistake(
            f"A new item cannot be given {name}.", "Leave it out: the item gets it in time."
        )


def _unknown(name: str) -> UsageMistake:
    return UsageMistake(
        f"The JSON has a member that is not known here: '{name}'.",
        "Nothing was saved. Leave it out, or edit the item in the web vault.",
    )
