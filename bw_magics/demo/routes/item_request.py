"""A client's request to create or edit an item, checked like servers do."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

from bw_magics.demo.items.plain import MEMBER
from bw_magics.demo.json_object import Json
from bw_magics.demo.service.service import Service
from bw_magics.demo.shapes.official import OfficialShape
from bw_magics.demo.stored.record import Record, read_date
from bw_magics.demo.stored.stored_vault import StoredVault

_ENCRYPTED = re.compile(r"\d\.[A-Za-z0-9+/=]+(\|[A-Za-z0-9+/=]+)*")

# Texts of an item that are not encrypted.
_CLEAR = frozenset({"passwordRevisionDate", "creationDate", "lastUsedDate"})

_TOLERANCE = timedelta(seconds=1)

_OUT_OF_DATE = {
    True: "The item cannot be saved because it is out of date. To edit this item, first sync your "
    "vault, or log out and back in.",
    False: "The client copy of this cipher is out of date. Resync the client and try again.",
}


def read_item(
    service: Service,
    vault: StoredVault,
    sent: Json,
    stored: Record | None,
    *,
    is_shared: bool = False,
) -> Record:
    """Reads the members of a record from the request; a missing member is erased.

    `stored` is the edited record, None for a new one. Raises `Refused` where a server would refuse.
    """
    official = isinstance(service.shape, OfficialShape)
    encrypted_for = sent.get("encryptedFor")
    if official and encrypted_for is not None and encrypted_for != vault.account.user_id:
        raise service.refuse(
            400, "Cipher was not encrypted for the current user. Please try again."
        )
    if stored is not None:
        check_age(service, sent, stored, official=official)
        if not is_shared and stored["organizationId"] != sent.get("organizationId"):
            raise service.refuse(400, "Organization mismatch. Re-sync and try again.")
    kind = sent.get("type")
    name = MEMBER.get(kind) if isinstance(kind, int) else None
    if name is None or not service.shape.stores(kind or 0):
        raise service.refuse(400, "Invalid type")
    member = _cleaned(sent.get(name) or {})
    read: Record = {
        "type": kind,
        "organizationId": sent.get("organizationId"),
        "folderId": sent.get("folderId"),
        "favorite": sent.get("favorite") is True,
        "reprompt": 1 if sent.get("reprompt") == 1 else 0,
        "key": sent.get("key"),
        "name": sent.get("name"),
        "notes": sent.get("notes"),
        "fields": _cleaned(sent.get("fields")) or None,
        "passwordHistory": _cleaned(sent.get("passwordHistory")) or None,
        "archivedDate": _date(service, sent, "archivedDate"),
        name: member,
    }
    if read["folderId"] is not None and read["folderId"] not in vault.folders:
        raise service.refuse(400, "Invalid folder")
    if not isinstance(read["name"], str):
        raise service.refuse(400, "The model state is invalid.", Name="The Name field is required.")
    for each in ("name", "notes", "key", "fields", "passwordHistory", name):
        _check_encrypted(service, read[each], each)
    return read


def rewrap_attachments(stored: Record, sent: Json) -> None:
    """Sets names and keys of attachments as `attachments2` says.

    As on official servers, `attachments` without `attachments2` destroys the keys.
    """
    newer = sent.get("attachments2") or {}
    older = sent.get("attachments") or {}
    for id, attachment in stored["attachments"].items():
        if newer:
            if id in newer:
                attachment["fileName"] = newer[id].get("fileName")
                attachment["key"] = newer[id].get("key")
        elif id in older:
            attachment["key"] = None


def check_age(service: Service, sent: Json, stored: Record, *, official: bool) -> None:
    """Refuses to overwrite a newer revision."""
    known = _date(service, sent, "lastKnownRevisionDate")
    if known is None:
        return
    newer = stored["revisionDate"] - known
    if newer > _TOLERANCE or (official and -newer > _TOLERANCE):
        raise service.refuse(400, _OUT_OF_DATE[official])


def _date(service: Service, sent: Json, name: str) -> datetime | None:
    try:
        return read_date(sent.get(name))
    except (TypeError, ValueError):
        raise service.refuse(400, "The model state is invalid.") from None


def _check_encrypted(service: Service, value: Any, name: str) -> None:
    if isinstance(value, dict):
        for member_name, member in value.items():
            if member_name not in _CLEAR:
                _check_encrypted(service, member, member_name)
    elif isinstance(value, list):
        for element in value:
            _check_encrypted(service, element, name)
    elif isinstance(value, str) and not _ENCRYPTED.fullmatch(value):
        field = name[:1].upper() + name[1:]
        raise service.refuse(
            400,
            "The model state is invalid.",
            **{field: f"{field} is not a valid encrypted string."},
        )


def _cleaned(value: Any) -> Any:
    """Removes the `response` members that the CLI adds."""
    if isinstance(value, dict):
        return {name: _cleaned(member) for name, member in value.items() if name != "response"}
    if isinstance(value, list):
        return [_cleaned(element) for element in value]
    return value
