"""A record and a draft become the request that saves them, and nothing else changes.

The rule of every edit: the request is built from the record as the server sent it just before;
every encrypted text that the draft does not name goes back byte for byte, members that are not
known here included (docs/protocol.md, Writing).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bw_magics.crypto.uri_checksum import uri_checksum, uri_fits
from bw_magics.errors import AuthenticationFailed, CryptographyError, Unreadable, UsageMistake
from bw_magics.vault.changes import (
    NO_MATCH,
    FieldValue,
    RenameField,
    SetField,
    SetMember,
    SetUris,
    UriValue,
)
from bw_magics.vault.draft import Draft
from bw_magics.vault.field_labels import field_labels
from bw_magics.vault.history import Author, clear_values, remember
from bw_magics.vault.lengths import check_length
from bw_magics.vault.names import normal
from bw_magics.vault.record import (
    Record,
    TextKey,
    fields_of,
    kept_record,
    member_of,
    text_or_none,
)
from bw_magics.vault.types import (
    BOOLEAN,
    LINKED,
    LINKED_MEMBERS,
    LOGIN,
    SECURE_NOTE,
    TEXT,
    ItemType,
)

_TRUTHS = {"true": "true", "false": "false"}


def new_record(draft: Draft, key: TextKey, author: Author, *, wrapped_key: str | None) -> Record:
    """Returns the request for a new item.

    `key` encrypts its texts; `wrapped_key` is that key under its owner's key, None where it is
    the owner's key itself. A folder and an organisation are added by the caller, by their ids.
    Raises `UsageMistake` where the name or a member that the type needs is missing; `TooLong`.
    """
    item_type = draft.item_type
    record: Record = {
        "type": item_type.number,
        "organizationId": None,
        "folderId": None,
        "favorite": False,
        "reprompt": 0,
        "key": wrapped_key,
        "name": None,
        "notes": None,
        "fields": None,
        "passwordHistory": None,
        item_type.name: {"type": 0} if item_type is SECURE_NOTE else {},
    }
    _apply(record, draft, key)
    if record["name"] is None:
        raise UsageMistake("A new item needs a name.", 'Give one, such as name="Sales DB".')
    _refuse_gaps(record, {}, item_type)
    if author.user_id:
        record["encryptedFor"] = author.user_id
    return record


def edited_record(record: Mapping[str, Any], draft: Draft, key: TextKey, author: Author) -> Record:
    """Returns the request that edits a record as the draft says.

    `record` is the item's JSON object as the server sent it just before, `key` the one that
    encrypts its texts. Earlier passwords and dates follow the rules of the official clients.
    Raises `NotWritable` where the item cannot be edited here at all, `Unreadable` where a member
    that would change cannot be read, `UsageMistake` where the type needs one that would be empty,
    `TooLong`.
    """
    present = kept_record(record)
    before = clear_values(present, key)
    request = kept_record(record)
    _apply(request, draft, key)
    _refuse_gaps(request, present, draft.item_type)
    remember(request, before, clear_values(request, key), key, author)
    request["lastKnownRevisionDate"] = member_of(record, "revisionDate")
    if author.user_id:
        request["encryptedFor"] = author.user_id
    return request


def changed_members(before: Record, after: Record, key: TextKey) -> list[str]:
    """Returns the names of what differs between two requests, as `Draft.touched` names it."""
    names = []
    for name in ("name", "notes", "favorite", "reprompt"):
        if _differ(before.get(name), after.get(name), key):
            names.append(name)
    if before.get("folderId") != after.get("folderId"):
        names.append("folder")
    held = next((name for name in after if isinstance(after[name], dict)), "")
    old, new = before.get(held) or {}, after.get(held) or {}
    for name in sorted({*old, *new} - {"uris", "fido2Credentials"}):
        if _differ(old.get(name), new.get(name), key):
            names.append(name)
    for name, label in (("uris", "uris"), ("fido2Credentials", "passkeys")):
        if old.get(name) != new.get(name):
            names.append(label)
    fields = [_labelled_fields(record, key) for record in (before, after)]
    for name in sorted({*fields[0], *fields[1]}):
        if fields[0].get(name) != fields[1].get(name):
            names.append(f"field:{name}")
    return names


def _differ(before: object, after: object, key: TextKey) -> bool:
    """Returns whether two members differ; the same text encrypted anew does not count."""
    if before == after:
        return False
    texts = [text_or_none(value, key) for value in (before, after)]
    return texts[0] is None or texts[0] != texts[1]


def _refuse_gaps(record: Record, before: Record, item_type: ItemType) -> None:
    """Raises where a member is emptied, or missing, without which official clients fail."""
    held, had = record.get(item_type.name) or {}, before.get(item_type.name) or {}
    for name in item_type.needed:
        if not held.get(name) and (had.get(name) or not before):
            raise UsageMistake(
                f"Official clients cannot open a vault in which a {item_type.name} has no {name}.",
                f"Give all of {', '.join(item_type.needed)}.",
            )


# Applying a draft.


def _apply(record: Record, draft: Draft, key: TextKey) -> None:
    # A label means the same field for the whole draft, also after a removal before it.
    fields = _labelled_fields(record, key)
    for change in draft.changes:
        match change:
            case SetMember(name, value):
                _set_member(record, draft.item_type, name, value, key)
            case SetField(name, value):
                _set_field(record, fields, normal(name), value, key)
            case RenameField(name, to):
                entry = fields.pop(normal(name), None)
                if entry is not None:
                    entry["name"] = _encrypted(key, "name", to, "the name of a custom field")
                    fields[normal(to)] = entry
            case SetUris(uris):
                _set_uris(record, uris, key)


def _set_member(
    record: Record, item_type: ItemType, name: str, value: str | bool | None, key: TextKey
) -> None:
    if name == "favorite":
        record["favorite"] = value is True
    elif name == "reprompt":
        record["reprompt"] = int(value is True)
    elif name != "folder":  # resolved to an id by the session
        holder = record if name in ("name", "notes") else record[item_type.name]
        text = value if isinstance(value, str) else None
        if _read(holder.get(name), key, name) != text:
            holder[name] = None if text is None else _encrypted(key, name, text, name)


def _set_field(
    record: Record,
    fields: dict[str, Record],
    name: str,
    wanted: FieldValue | None,
    key: TextKey,
) -> None:
    entry = fields.get(name)
    if wanted is None:
        if entry is not None:
            _read(entry.get("value"), key, f"field:{name}")
            del fields[name]
        record["fields"] = [each for each in fields_of(record) if each is not entry] or None
        return
    if entry is None:
        entry = {"type": TEXT, "name": _encrypted(key, "name", name, f"field:{name}")}
        record["fields"] = [*fields_of(record), entry]
        fields[name] = entry
    before = entry.get("type")
    kind = before if wanted.kind is None else wanted.kind
    entry["type"] = kind
    if kind == LINKED:
        _link_field(entry, name, wanted)
        return
    if before == LINKED:
        entry["linkedId"] = None
    text = _field_text(name, kind, wanted.value)
    if entry.get("value") is None or _read(entry["value"], key, f"field:{name}") != text:
        label = f"field:{name}"
        entry["value"] = None if text is None else _encrypted(key, "value", text, label)


def _link_field(entry: Record, name: str, wanted: FieldValue) -> None:
    if wanted.kind is None:
        raise UsageMistake(
            f"The field '{name}' shows another member of the item, and has no text of its own.",
            'Use linked("username"), or hidden(value) to make it a field with a value.',
        )
    numbers = {member: number for number, member in LINKED_MEMBERS.items()}
    entry["value"] = None
    entry["linkedId"] = numbers[str(wanted.value)]


def _field_text(name: str, kind: int | None, value: str | bool | None) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    if kind == BOOLEAN and value is not None:
        known = _TRUTHS.get(value.strip().casefold())
        if known is None:
            raise UsageMistake(f"The field '{name}' is true or false.", "Use True or False.")
        return known
    return None if value is None else str.__str__(value)


def _set_uris(record: Record, uris: tuple[UriValue, ...], key: TextKey) -> None:
    """Sets the wanted URIs in their order. A URI that the item has already keeps its entry
    unchanged; one that cannot be read stays, at the end.
    """
    held = record[LOGIN.name]
    readable: list[tuple[str, Record]] = []
    unreadable: list[Record] = []
    for entry in held.get("uris") or ():
        try:
            uri = key.decrypt_text(entry["uri"])
            # A URI that clients leave out was not shown, so the user did not remove it.
            if record.get("key") is not None and not uri_fits(
                uri, key.decrypt_text(entry["uriChecksum"])
            ):
                raise AuthenticationFailed("The checksum is another URI's.")
            readable.append((uri, entry))
        except (CryptographyError, KeyError, TypeError, AttributeError):
            unreadable.append(entry)
    entries = []
    for wanted in uris:
        text = str.__str__(wanted.uri)
        found = next((pair for pair in readable if pair[0] == text), None)
        match = None if wanted.match == NO_MATCH else wanted.match
        if found is None:
            entry = {
                "uri": _encrypted(key, "uri", text, "a URI"),
                "uriChecksum": key.encrypt_text(uri_checksum(text)),
                "match": match,
            }
        else:
            readable.remove(found)
            entry = found[1] if wanted.match is None else {**found[1], "match": match}
        entries.append(entry)
    held["uris"] = [*entries, *unreadable] or None


def _labelled_fields(record: Record, key: TextKey) -> dict[str, Record]:
    """Returns the custom fields by their labels; one whose name cannot be read has none."""
    named = []
    for entry in fields_of(record):
        name = text_or_none(entry.get("name"), key) if entry.get("name") else ""
        if name is not None:
            named.append((name, entry))
    labels = field_labels([name for name, _ in named])
    return {label: entry for label, (_, entry) in zip(labels, named, strict=True)}


def _read(value: object, key: TextKey, what: str) -> str | None:
    if not isinstance(value, str) or not value:
        return None
    try:
        return key.decrypt_text(value)
    except CryptographyError as problem:
        raise Unreadable(
            f"The present value of {what} cannot be read, so it is not overwritten: {problem.fact}",
            "Look at the item in the web vault.",
        ) from None


def _encrypted(key: TextKey, member: str, text: str, label: str) -> str:
    return check_length(member, key.encrypt_text(str.__str__(text)), label)
