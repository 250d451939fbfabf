"""A record's texts under another key: an item that is shared or copied."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from bw_magics.crypto.enc_string import EncString
from bw_magics.crypto.wrapping import unwrap_attachment_key, wrap_key
from bw_magics.errors import CryptographyError, NotWritable, Unreadable
from bw_magics.vault.record import ENCRYPTED, Record, TextKey, kept_record, member_of
from bw_magics.vault.types import LOGIN

if TYPE_CHECKING:
    from bw_magics.crypto.wrapping import EitherKey


def under_other_key(value: Any, old: TextKey, new: TextKey) -> Any:
    """Returns a copy of a JSON value whose encrypted texts are encrypted with another key.

    Raises `Unreadable` where one cannot be read: it would be lost.
    """
    if isinstance(value, dict):
        return {name: under_other_key(member, old, new) for name, member in value.items()}
    if isinstance(value, list):
        return [under_other_key(element, old, new) for element in value]
    if not isinstance(value, str) or not ENCRYPTED.match(value):
        return value
    try:
        return new.encrypt_text(old.decrypt_text(value))
    except CryptographyError as problem:
        raise Unreadable(
            f"A value of the item cannot be read, and would be lost: {problem.fact}",
            "Look at the item in the web vault.",
        ) from None


def moved_record(
    record: Mapping[str, Any], old: EitherKey, new: EitherKey, *, wrapped_key: str | None
) -> Record:
    """Returns the request that moves a record to another owner.

    `new` encrypts its texts, `wrapped_key` is that key under its owner's, None where it is the
    owner's own. With `old` and `new` the same key, every text stays as it is. Attachments'
    names and keys go along; their contents stay. Raises `NotWritable` where a file has no key
    of its own, `Unreadable`.
    """
    request = kept_record(record)
    files = _attachments(record)
    if old is not new:
        keeps = {"key": request.pop("key")}
        request = under_other_key(request, old, new) | keeps
        files = {id: _file_under_other_key(file, old, new) for id, file in files.items()}
    request["key"] = wrapped_key
    if files:
        request["attachments2"] = files
    request["lastKnownRevisionDate"] = member_of(record, "revisionDate")
    return request


def copied_record(
    record: Mapping[str, Any], old: TextKey, new: TextKey, *, wrapped_key: str | None
) -> Record:
    """Returns the request for a personal copy: without passkeys, files and earlier passwords."""
    request = kept_record(record)
    held = request.get(LOGIN.name)
    if isinstance(held, dict):
        held.pop("fido2Credentials", None)
    request |= {"key": None, "passwordHistory": None, "organizationId": None, "archivedDate": None}
    request = under_other_key(request, old, new)
    request["key"] = wrapped_key
    return request  # type: ignore[no-any-return] # a dict stays one


def _file_under_other_key(
    file: Mapping[str, str], old: EitherKey, new: EitherKey
) -> dict[str, str]:
    try:
        key = unwrap_attachment_key(EncString.parse(file["key"]), under=old)
        name = new.encrypt_text(old.decrypt_text(file["fileName"]))
    except CryptographyError as problem:
        raise Unreadable(
            f"An attachment of the item cannot be read, and would be lost: {problem.fact}",
            "Delete it first, or attach it again.",
        ) from None
    return {"fileName": name, "key": str(wrap_key(key, under=new))}


def _attachments(record: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Returns the names and wrapped keys of a record's files, by id."""
    found = {}
    for entry in member_of(record, "attachments") or ():
        name, key = member_of(entry, "fileName"), member_of(entry, "key")
        if not key:
            raise NotWritable(
                "The item has an attachment without a key of its own, as old clients made them.",
                "Upgrade it first: attachment(FILE).upgrade().",
            )
        found[str(member_of(entry, "id"))] = {"fileName": name, "key": key}
    return found
