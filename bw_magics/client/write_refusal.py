"""The typed error for a server's refusal of a change (docs/protocol.md, Writing).

A server's texts are compared with known ones and never shown: they could repeat the sent values.
"""

from __future__ import annotations

from collections.abc import Iterator

from bw_magics.answer import Answer
from bw_magics.client.known_reason import known_reason
from bw_magics.client.refusal import refused
from bw_magics.client.reply import Reply, messages
from bw_magics.errors import (
    BitwardenError,
    NotFound,
    NotWritable,
    WriteConflict,
    WriteRefused,
    WriteUnclear,
)
from bw_magics.settings import Server

# What a proxy says that did not get the server's answer: the server may still be at it.
_FROM_A_GATEWAY = (502, 504)
# Beginnings of messages in lower case, official servers' and Vaultwarden's.
_OUT_OF_DATE = (
    "the item cannot be saved because it is out of date",
    "the client copy of this cipher is out of date",
    "the cipher you are updating is out of date",
)
_GONE = (
    "cipher doesn't exist",
    "cipher does not exist",
    "cipher not found",
    "cipher attachment does not exist",
    "attachment doesn't exist",
    "attachment not found",
    "resource not found",
)
# The same for the place of an item, which is gone while the item is not.
_PLACES = {
    "invalid folder": "folder",
    "folder doesn't exist": "folder",
    "folder not found": "folder",
    "organization not found": "organisation",
}
_FORBIDDEN = (
    "you do not have permissions to",
    "cipher is not accessible",
    "cipher is not owned by user",
    "cipher is not write accessible",
    "cipher can't be",
    "cipher cannot be",
    "collection cannot be changed",
    "no rights to modify the collection",
    "you don't have permission",
    "invalid collection id provided",
)
_LENGTH = (
    "the file arrived with another length than it has",
    "Try again; if it stays so, look at the proxy in front of the server.",
)
_REASONS = {
    "not encrypted with the current user key": (
        "the keys of the account were changed elsewhere",
        "Sync, lock the vault and unlock it again; then make the change again.",
    ),
    "not encrypted for the current user": (
        "it was made for another account",
        "Log out, log in again, and make the change again.",
    ),
    "update to the latest version": ("it asks for a newer client", "Update bw_magics."),
    "collectionid does not exist": (
        "a collection that was named is not in its organisation",
        "Sync, and look at the names of the collections.",
    ),
    "belongs to an organization already": (
        "it is in an organisation already",
        "Sync, and look at it again.",
    ),
    "does not match expected file length": _LENGTH,
    "file size does not match": _LENGTH,
    "due to an enterprise policy": (
        "a policy of your organisation keeps items out of personal vaults",
        "Create it in the organisation: organization=…, collections=[…].",
    ),
    "personal ownership": (
        "a policy of your organisation keeps items out of personal vaults",
        "Create it in the organisation: organization=…, collections=[…].",
    ),
    "you must have premium status": (
        "attachments need a premium account there",
        "Keep the contents in a note or a custom field.",
    ),
    "not enough storage": ("its storage is full", "Delete attachments, or buy storage."),
    "attachment storage limit": ("its storage is full", "Delete attachments first."),
    "attachments are disabled": (
        "attachments are switched off there",
        "Keep the contents in a note or a custom field.",
    ),
    "this organization cannot use attachments": (
        "its organisation cannot use attachments",
        "Keep the contents in a note or a custom field.",
    ),
    "max file size": ("the file is too large", "Attach a smaller one."),
    "invalid type": (
        "it does not store items of this type",
        "Use a secure note with custom fields instead.",
    ),
    "organization mismatch": (
        "the item was moved to another organisation meanwhile",
        "Sync, and look at it again.",
    ),
}


def _texts(answer: Answer) -> Iterator[str]:
    """Yields the texts of a refusal: the messages, and those of each field."""
    yield from messages(answer)
    errors = answer.object("validationErrors")
    for name in errors.members:
        yield from errors.texts(name)


def write_refused(reply: Reply, server: Server, what: str) -> BitwardenError:
    """Explains why a server did not write; `what` names the thing, such as "the item"."""
    name, status = server.name, reply.status
    texts = tuple(text.strip().lower() for text in _texts(reply.answer))
    if any(text.startswith(_OUT_OF_DATE) for text in texts):
        return WriteConflict(
            f"{what[:1].upper()}{what[1:]} was changed on {name} since it was read.",
            "Sync, look at it, and make the change again.",
        )
    for beginning, place in _PLACES.items():
        if place not in what and any(text.startswith(beginning) for text in texts):
            return WriteRefused(
                f"{name} refused {what}: it no longer has the {place} that was named.",
                "Sync and look again.",
            )
    if status == 404 or any(text.startswith((*_GONE, *_PLACES)) for text in texts):
        return NotFound(
            f"{name} no longer has {what}, or does not let you see it.", "Sync and look again."
        )
    if any(text.startswith(_FORBIDDEN) for text in texts):
        return NotWritable(
            f"{name} does not let you change {what}.", "Ask an administrator for the right to."
        )
    for beginning, (reason, remedy) in _REASONS.items():
        if any(beginning in text for text in texts):
            return WriteRefused(f"{name} refused {what}: {reason}.", remedy)
    if any("exceeds the maximum encrypted value length" in text for text in texts) or any(
        "must be an encrypted string up to" in text for text in texts
    ):
        return WriteRefused(f"{name} refused {what}: a value is too long.", "Shorten it.")
    if status == 413:
        return WriteRefused(f"{what[:1].upper()}{what[1:]} is too large for {name}.", "Shorten it.")
    if status >= 500:
        unclear = WriteUnclear(
            f"{name} failed while it wrote {what} (status {status}).",
            "It may have been written: sync and look before you write again.",
        )
        unclear.is_late = status in _FROM_A_GATEWAY
        return unclear
    if known := known_reason(reply, server):
        return known
    if status in (400, 422):
        return WriteRefused(
            f"{name} refused {what} as it is (status {status}).",
            "Look at it in the web vault; if it is fine there, report the server's version.",
        )
    return refused(reply, server, what=what)
