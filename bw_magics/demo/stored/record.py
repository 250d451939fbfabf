"""`Record`: an item as a server stores it, with every secret encrypted."""

from __future__ import annotations

import copy
from datetime import UTC, datetime
from typing import Any

from bw_magics.crypto import AttachmentKey, EncString, ItemKey, encrypt_file
from bw_magics.crypto.uri_checksum import uri_checksum
from bw_magics.crypto.wrapping import EitherKey, wrap_key
from bw_magics.demo.items.plain import MEMBER, Item

Record = dict[str, Any]

# Members of an item type that are stored in clear.
_CLEAR = frozenset(
    {"passwordRevisionDate", "autofillOnPageLoad", "creationDate", "lastUsedDate", "response"}
)

# The size in bytes that a generated item's attachment claims; it has no file.
_MISSING_FILE = 48 * 1024


def encrypt_item(plain: Item, owner_key: EitherKey) -> tuple[Record, dict[str, bytes]]:
    """Encrypts an item; returns its record, and its encrypted files by attachment id.

    `owner_key` is the user key or the organisation's. Dates in the record are `datetime`; each
    kind of server formats them differently.
    """
    item_key = ItemKey.generate() if plain["itemKey"] else None
    key: EitherKey = item_key or owner_key
    record: Record = {
        "id": plain["id"],
        "organizationId": plain["organizationId"],
        "folderId": plain["folderId"],
        "collectionIds": list(plain["collectionIds"]),
        "type": plain["type"],
        "name": _encrypted(plain["name"], key),
        "notes": _encrypted(plain["notes"], key),
        "favorite": plain["favorite"],
        "reprompt": plain["reprompt"],
        "key": str(wrap_key(item_key, under=owner_key)) if item_key else None,
        "fields": _encrypted(plain["fields"], key) or None,
        "passwordHistory": _encrypted(plain["passwordHistory"], key) or None,
        "creationDate": read_date(plain["creationDate"]),
        "revisionDate": read_date(plain["revisionDate"]),
        "deletedDate": read_date(plain["deletedDate"]),
        "archivedDate": read_date(plain["archivedDate"]),
        "edit": plain["edit"],
        "viewPassword": plain["viewPassword"],
    }
    member = MEMBER.get(plain["type"])
    if member:
        record[member] = _encrypted(plain[member], key)
        for uri in record[member].get("uris") or ():
            uri["uriChecksum"] = key.encrypt_text(uri.pop("checksum"))
    files: dict[str, bytes] = {}
    attachments = [_attach(attachment, key, files) for attachment in plain["attachments"]]
    record["attachments"] = {a["id"]: a for a in attachments}
    for path, defect in plain["unreadable"].items():
        _spoil(record, path, defect)
    return record, files


def read_date(text: str | None) -> datetime | None:
    """Parses a date with up to seven fractional digits."""
    if text is None:
        return None
    return datetime.fromisoformat(text).astimezone(UTC)


def _encrypted(value: Any, key: EitherKey) -> Any:
    """Encrypts every text in `value` except the members that stay in clear."""
    if isinstance(value, str):
        return key.encrypt_text(value)
    if isinstance(value, list):
        return [_encrypted(element, key) for element in value]
    if isinstance(value, dict):
        encrypted = {
            name: member if name in _CLEAR else _encrypted(member, key)
            for name, member in value.items()
        }
        if "match" in value:
            encrypted["checksum"] = uri_checksum(value["uri"])
        return encrypted
    return value


def _attach(plain: dict[str, Any], key: EitherKey, files: dict[str, bytes]) -> dict[str, Any]:
    file_key = AttachmentKey.generate()
    contents = plain["contents"]
    if contents is not None:
        files[plain["id"]] = encrypt_file(file_key, contents)
    return {
        "id": plain["id"],
        "fileName": key.encrypt_text(plain["fileName"]),
        "key": str(wrap_key(file_key, under=key)),
        "size": len(files[plain["id"]]) if contents is not None else _MISSING_FILE,
    }


def _spoil(record: Record, path: str, defect: str) -> None:
    """Makes the value at a path unreadable with the named defect."""
    *parents, last = path.split(".")
    place: Any = record
    for parent in parents:
        place = place[int(parent)] if parent.isdigit() else place[parent]
    value = place[last]
    if defect == "mac":
        good = EncString.parse(value)
        # A COSE message ends with its tag.
        data, end = (good.data, good.mac) if good.mac else (good.data[:-16], good.data[-16:])
        bad = bytes(byte ^ 0xFF for byte in end)
        if good.mac:
            place[last] = str(EncString(good.type, data, good.iv, bad))
        else:
            place[last] = str(EncString(good.type, data + bad))
    else:
        place[last] = f"{defect}.{value.partition('.')[2]}"


def duplicate(record: Record) -> Record:
    """Returns a deep copy."""
    return copy.deepcopy(record)
