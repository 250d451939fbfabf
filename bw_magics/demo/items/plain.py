"""Plain items: the contents of a demo vault before encryption.

An item is a dict of the shape that `bw list items` prints, so that people can compare the two. A
few members exist only here:

- `itemKey`: whether the item has its own key;
- `unreadable`: by path, such as `login.password` or `key`, the defect to make there: `mac`, or the
  number of an unknown encryption type;
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

# The member that holds the fields of each item type.
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
    """Makes an id that is the same in every run, so that saved references stay valid."""
    return str(uuid.uuid5(_NAMESPACE, "/".join(words)))


@dataclass
class Organization:
    """An organisation in which the account is a confirmed member."""

    id: str
    name: str
    is_enabled: bool = True
    provider: str = ""
    """The id of its provider, if it has one; the provider's key wraps the organisation's."""


@dataclass
class Collection:
    """A collection of an organisation; `hide_passwords` hides secrets from members."""

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
    """The contents of a vault before encryption."""

    items: list[Item] = field(default_factory=list)
    folders: list[Folder] = field(default_factory=list)
    organizations: list[Organization] = field(default_factory=list)
    collections: list[Collection] = field(default_factory=list)

    def copy(self) -> PlainVault:
        """Returns a deep copy."""
        return copy.deepcopy(self)


def item(type: int, name: str, label: str = "", **members: Any) -> Item:
    """Makes an item with every member that `bw` shows; `label` distinguishes equal names."""
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
    """Makes a login; a URI is a string, or a string and its match type."""
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
    """Makes a custom field of type text."""
    return {"name": name, "value": value, "type": TEXT, "linkedId": None}


def hidden(name: str, value: str) -> dict[str, Any]:
    """Makes a custom field of type hidden."""
    return {"name": name, "value": value, "type": HIDDEN, "linkedId": None}


def boolean(name: str, value: bool) -> dict[str, Any]:
    """Makes a custom field of type boolean, whose value is a text."""
    return {"name": name, "value": "true" if value else "false", "type": BOOLEAN, "linkedId": None}


def linked(name: str, to: int) -> dict[str, Any]:
    """Makes a custom field that links to a member: 100 is the user name, 101 the password."""
    return {"name": name, "value": None, "type": LINKED, "linkedId": to}


def attachment(item_name: str, file_name: str, contents: bytes) -> dict[str, Any]:
    """Makes an attachment; its id has 32 characters, like the official server's."""
    return {
        "id": stable_id("attachment", item_name, file_name).replace("-", ""),
        "fileName": file_name,
        "contents": contents,
    }
