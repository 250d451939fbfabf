"""A client's request to create or edit an item, checked like servers do."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from flask import request

from bw_magics.demo.items.plain import MEMBER
from bw_magics.demo.json_object import Json
from bw_magics.demo.service.service import Refused, Service
from bw_magics.demo.shapes.official import OfficialShape
from bw_magics.demo.stored.record import Record, read_date
from bw_magics.demo.stored.stored_vault import StoredVault

_ENCRYPTED = re.compile(r"\d\.[A-Za-z0-9+/=]+(\|[A-Za-z0-9+/=]+)*")

# Texts of an item that are not encrypted.
_CLEAR = frozenset({"passwordRevisionDate", "creationDate", "lastUsedDate"})

_LONGEST_NOTES = 10_000

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
    rules = service.shape.rules
    kind = sent.get("type")
    if stored is not None and rules.keeps_type:
        kind = stored["type"]
    name = MEMBER.get(kind) if isinstance(kind, int) else None
    is_known = name is not None or rules.any_type
    if not isinstance(kind, int) or not service.shape.stores(kind) or not is_known:
        raise service.refuse(400, "Invalid type")
    held = {} if name is None else {name: _cleaned(sent.get(name) or {})}
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
        **held,
    }
    if stored is not None and rules.keeps_key and read["key"] is None:
        read["key"] = stored["key"]
    if stored is not None and rules.keeps_archive and "archivedDate" not in sent:
        read["archivedDate"] = stored["archivedDate"]
    check_folder(service, vault, read["folderId"])
    if not isinstance(read["name"], str) and rules.nameless_item is not None:
        raise _refused(service, rules.nameless_item, Name="The Name field is required.")
    if len(read["notes"] or "") > _LONGEST_NOTES:
        raise service.refuse(400, rules.long_notes)
    for each in ("name", "notes", "key", "fields", "passwordHistory", *held):
        if rules.plain_name is not None:
            _check_encrypted(service, read[each], each, rules.plain_name)
    return read


def check_json(service: Service) -> None:
    """Refuses a body that is not a JSON object."""
    if not isinstance(request.get_json(silent=True, force=True), dict):
        raise service.refuse_by(service.shape.rules.not_json)


def check_folder(service: Service, vault: StoredVault, folder_id: str | None) -> None:
    """Refuses an item that names an unknown folder."""
    if folder_id is not None and folder_id not in vault.folders:
        raise service.refuse_by(service.shape.rules.folder_of_item)


def _refused(service: Service, rule: tuple[int, str], **errors: str) -> Refused:
    status, text = rule
    return service.refuse(status, text, **errors) if text else service.refuse_by(rule)


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
    # As precisely as the client knows it.
    answered = read_date(service.shape.date(stored["revisionDate"]))
    newer = (answered or stored["revisionDate"]) - known
    tolerance = service.shape.rules.stale_by
    if newer > tolerance or (official and -newer > tolerance):
        raise service.refuse(400, _OUT_OF_DATE[official])


def _date(service: Service, sent: Json, name: str) -> datetime | None:
    try:
        return read_date(sent.get(name))
    except (TypeError, ValueError):
        if service.shape.rules.reads_odd_dates:
            return None
        raise service.refuse(400, "The model state is invalid.") from None


def _check_encrypted(service: Service, value: Any, name: str, rule: tuple[int, str]) -> None:
    if isinstance(value, dict):
        for member_name, member in value.items():
            if member_name not in _CLEAR:
                _check_encrypted(service, member, member_name, rule)
    elif isinstance(value, list):
        for element in value:
            _check_encrypted(service, element, name, rule)
    elif isinstance(value, str) and not _ENCRYPTED.fullmatch(value):
        field = name[:1].upper() + name[1:]
        raise _refused(service, rule, **{field: f"{field} is not a valid encrypted string."})


def _cleaned(value: Any) -> Any:
    """Removes the `response` members that the CLI adds."""
    if isinstance(value, dict):
        return {name: _cleaned(member) for name, member in value.items() if name != "response"}
    if isinstance(value, list):
        return [_cleaned(element) for element in value]
    return value
