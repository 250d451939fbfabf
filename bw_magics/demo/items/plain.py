"""Plain items: how the contents of a demo vault are written down before they are encrypted.

An item is a dict of the shape that `bw list items` prints, because that is what people compare
it with. A few members exist only here:

- `itemKey`: the item has a key of its own (protocol 5.6);
- `unreadable`: a path such as `login.password` or `key`, and what is wrong there: `mac`, or the
  number of an encryption type nobody knows;
- `attachments[].contents`: the file's bytes.
"""

from __future__ import annotations

import copy
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

Item = dict[str, Any]

LOGIN, NOTE, CARD, IDENTITY, SSH_KEY, BANK_ACCOUNT, DRIVERS_LICENSE, PASSPORT = range(1, 9)

# The member that holds what is particular to an item type (protocol 6.3).
MEMBER = {
    LOGIN: "login",
    NOTE: "secureNote",
    CARD: "card",
    IDENTITY: "identity",
    SSH_KEY: "sshKey",
    BANK_ACCOUNT: "bankAccount",
    DRIVERS_LICENSE: "driversLicense",
    PASSPORT: "passport",
}

TEXT, HIDDEN, BOOLEAN, LINKED = range(4)

_NAMESPACE = uuid.UUID("6b1f7a52-0d3c-5e55-9f0e-0de300000000")


def stable_id(*words: str) -> str:
    """An id that is the same in every run, so that saved references stay true."""
    return str(uuid.uuid5(_NAMESPACE, "/".join(words)))


@dataclass
class Organization:
    """An organisation that the account is a confirmed member of."""

    id: str
    name: str
    is_enabled: bool = True
    provider: str = ""
    """The id of the provider that manages it, whose key then wraps the organisation's."""


@dataclass
class Collection:
    """A collection of an organisation; members do not see secrets where `hide_passwords`."""

    id: str
    organization_id: str
    name: str
    hide_passwords: bool = False
    read_only: bool = False


@dataclass
class Folder:
    """A folder of the account."""

    id: str
    name: str


@dataclass
class PlainVault:
    """Everything in a vault, in plain."""

    items: list[Item] = field(default_factory=list)
    folders: list[Folder] = field(default_factory=list)
    organizations: list[Organization] = field(default_factory=list)
    collections: list[Collection] = field(default_factory=list)

    def copy(self) -> PlainVault:
        """The same contents, to be changed without changing these."""
        return copy.deepcopy(self)


def item(type: int, name: str, label: str = "", **members: Any) -> Item:
    """An item with every member that `bw` shows; `label` tells items of one name apart."""
    plain: Item = {
        "id": stable_id("item", name, label),
        "organizationId": None,
        "folderId": None,
        "collectionIds": [],
        "type": type,
        "name": name,
        "notes": None,
        "favorite": False,
        "reprompt": 0,
        "fields": [],
        "passwordHistory": [],
        "attachments": [],
        "creationDate": "2026-03-02T08:15:00.1234567Z",
        "revisionDate": "2026-04-17T14:30:12.5Z",
        "deletedDate": None,
        "archivedDate": None,
        "itemKey": False,
        "unreadable": {},
        "edit": True,
        "viewPassword": True,
    }
    if type == NOTE:
        plain["secureNote"] = {"type": 0}
    plain.update(members)
    return plain


def login(
    name: str,
    username: str | None,
    password: str | None,
    uris: Iterable[str | tuple[str, int]] = (),
    label: str = "",
    totp: str | None = None,
    passkeys: list[dict[str, Any]] | None = None,
    **members: Any,
) -> Item:
    """A login; a URI is a string, or a string and its way of matching."""
    pairs = [(uri, None) if isinstance(uri, str) else uri for uri in uris]
    return item(
        LOGIN,
        name,
        label or username or "",
        login={
            "username": username,
            "password": password,
            "totp": totp,
            "uris": [{"uri": uri, "match": match} for uri, match in pairs],
            "fido2Credentials": passkeys or [],
            "passwordRevisionDate": members.pop("passwordRevisionDate", None),
        },
        **members,
    )


def text(name: str, value: str) -> dict[str, Any]:
    """A custom field of type text."""
    return {"name": name, "value": value, "type": TEXT, "linkedId": None}


def hidden(name: str, value: str) -> dict[str, Any]:
    """A custom field of type hidden."""
    return {"name": name, "value": value, "type": HIDDEN, "linkedId": None}


def boolean(name: str, value: bool) -> dict[str, Any]:
    """A custom field of type boolean; its value is a text (protocol 6.3)."""
    return {"name": name, "value": "true" if value else "false", "type": BOOLEAN, "linkedId": None}


def linked(name: str, to: int) -> dict[str, Any]:
    """A custom field that stands for another member; 100 is the user name, 101 the password."""
    return {"name": name, "value": None, "type": LINKED, "linkedId": to}


def attachment(item_name: str, file_name: str, contents: bytes) -> dict[str, Any]:
    """A file attached to an item; its id has 32 characters, as on the official server."""
    return {
        "id": stable_id("attachment", item_name, file_name).replace("-", ""),
        "fileName": file_name,
        "contents": contents,
    }
