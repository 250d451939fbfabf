"""One item's JSON object as the server sends it, and the part of it that goes back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any, Protocol

from bw_magics.errors import CryptographyError, NotWritable
from bw_magics.lean_regex import regex
from bw_magics.vault.types import ITEM_TYPES, ItemType

Record = dict[str, Any]

# The members that a request takes from a record, beside the object of the type.
KEPT = (
    "type",
    "organizationId",
    "folderId",
    "favorite",
    "reprompt",
    "key",
    "name",
    "notes",
    "fields",
    "passwordHistory",
    "archivedDate",
)


ENCRYPTED = regex(r"\d\.")


class TextKey(Protocol):
    """A key that encrypts the texts of an item."""

    def encrypt_text(self, text: str) -> str:
        """Returns the text as an EncString."""

    def decrypt_text(self, text: str) -> str:
        """Returns the text of an EncString. Raises `CryptographyError`."""


def kept_record(record: Mapping[str, Any]) -> Record:
    """Returns a request that changes nothing: all that a client sends of a record, unchanged.

    Raises `NotWritable` for an item that this version does not understand as a whole.
    """
    item_type = ITEM_TYPES.get(member_of(record, "type"))
    if item_type is None:
        raise NotWritable(
            "The item is of a type that this version does not know.",
            "Edit it in the web vault, or update bw_magics.",
        )
    if is_blob(record):
        raise NotWritable(
            "The item is stored as one encrypted block, which this version only reads.",
            "Edit it in the web vault.",
        )
    copy = _camel if "Type" in record else deepcopy
    request = {name: copy(member_of(record, name)) for name in KEPT}
    held = copy(member_of(record, item_type.name))
    held = held if isinstance(held, dict) else {}
    # The server makes this one from the first URI.
    held.pop("uri", None)
    request[item_type.name] = held
    return request


def is_blob(record: Mapping[str, Any]) -> bool:
    """Returns whether the contents are one encrypted block: official servers also send a copy of
    every item's members in `data`, which is not one.
    """
    data = member_of(record, "data")
    return isinstance(data, str) and '"format_version"' in data


def changed_texts(sent: Mapping[str, Any], answer: Mapping[str, Any]) -> list[str]:
    """Returns the paths of encrypted texts that a server answers otherwise than they were sent.

    Only members that were sent are compared. What the answer lacks is listed where it is one of
    the members that every server stores.
    """
    known = ITEM_TYPES.get(sent.get("type") or 0)
    names = ("key", "name", "notes", "fields", "passwordHistory", known.name if known else "")
    meant, came = (
        dict(_texts({name: _camel(member_of(record, name)) for name in names if name in sent}))
        for record in (sent, answer)
    )
    stored = set(_stored_paths(meant, known))
    came.pop(f"{known.name if known else ''}.uri", None)  # made by the server from the first URI
    return sorted(
        path
        for path in {*meant, *came}
        if meant.get(path) != came.get(path) and (path in came or path in stored)
    )


def changed(sent: Mapping[str, Any], answer: Mapping[str, Any]) -> list[str]:
    """Returns the paths of all that a server answers otherwise than it was sent."""
    return [*changed_texts(sent, answer), *changed_settings(sent, answer)]


def changed_settings(sent: Mapping[str, Any], answer: Mapping[str, Any]) -> list[str]:
    """Returns the names of members in clear that a server answers otherwise than they were sent.

    A member that the answer does not have at all is not compared: some answers lack those that
    are each member's own.
    """
    found = []
    for name in ("folderId", "organizationId", "favorite", "reprompt", "archivedDate"):
        if name in sent and (name in answer or name[:1].upper() + name[1:] in answer):
            meant, came = sent[name], member_of(answer, name)
            if name == "archivedDate":
                meant, came = meant is not None, came is not None
            if _plain(meant) != _plain(came):
                found.append(name)
    for path, member in (("fields", "type"), ("fields", "linkedId"), ("login.uris", "match")):
        meant_list, came_list = (_entries(record, path) for record in (sent, answer))
        if came_list is None or meant_list is None:
            continue
        pairs = zip(meant_list, came_list, strict=False)
        if any(member_of(one, member) != member_of(other, member) for one, other in pairs):
            found.append(f"{path}.{member}")
    return found


def _plain(value: object) -> object:
    """Returns a setting as it is compared: an id in one case, and nothing like false and zero."""
    return value.casefold() if isinstance(value, str) else value or None


def _entries(record: Mapping[str, Any], path: str) -> list[Record] | None:
    value: Any = record
    for name in path.split("."):
        value = member_of(value, name) if isinstance(value, dict) else None
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else None


def kept_texts(record: Mapping[str, Any]) -> Record:
    """Returns the texts of a record as an answer has to repeat them."""
    return {name: member_of(record, name) for name in ("type", "key", "name", "notes")}


def fields_of(record: Record) -> list[Record]:
    """Returns the custom fields of a record."""
    return [entry for entry in record.get("fields") or () if isinstance(entry, dict)]


def text_or_none(value: object, key: TextKey) -> str | None:
    """Returns the text of an EncString, None where it is empty or cannot be read."""
    try:
        return key.decrypt_text(value) if isinstance(value, str) and value else None
    except CryptographyError:
        return None


def member_of(record: Mapping[str, Any], name: str) -> Any:
    """Returns a member of a record in either spelling; old servers write PascalCase."""
    value = record.get(name)
    return record.get(name[:1].upper() + name[1:]) if value is None else value


def _camel(value: Any) -> Any:
    """Returns a copy whose names begin with a small letter, at every depth."""
    if isinstance(value, dict):
        return {name[:1].lower() + name[1:]: _camel(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_camel(element) for element in value]
    return value


def _texts(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Yields the encrypted texts in a JSON value, by path."""
    if isinstance(value, dict):
        for name, member in value.items():
            yield from _texts(member, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for index, element in enumerate(value):
            yield from _texts(element, f"{path}[{index}]")
    elif isinstance(value, str) and ENCRYPTED.match(value):
        yield path, value


def _stored_paths(meant: Mapping[str, str], item_type: ItemType | None) -> Iterator[str]:
    """Returns those of the paths that every server stores."""
    held = item_type.name if item_type else ""
    members = item_type.members if item_type else ()
    plain = {"key", "name", "notes", *(f"{held}.{member}" for member in members)}
    lists = ("fields[", "passwordHistory[", f"{held}.uris[", f"{held}.fido2Credentials[")
    ends = (".name", ".value", ".password", ".uri", ".uriChecksum", ".keyValue", ".credentialId")
    for path in meant:
        if path in plain or (path.startswith(lists) and path.endswith(ends)):
            yield path
