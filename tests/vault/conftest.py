"""Encrypted snapshots, written here from the protocol; everything in them is made up."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

from bw_magics.announcing import Secrets
from bw_magics.crypto import ItemKey, OrganizationKey, PrivateKey, SymmetricKey, UserKey
from bw_magics.errors import VaultLocked
from bw_magics.secret import Secret
from bw_magics.vault.contents import Contents
from bw_magics.vault.item import Item
from bw_magics.vault.key_store import KeyStore
from bw_magics.vault.snapshot import Snapshot

Json = dict[str, Any]

# The member that holds what is particular to a type.
HOLDERS = {
    1: "login",
    2: "secureNote",
    3: "card",
    4: "identity",
    5: "sshKey",
    6: "bankAccount",
    7: "driversLicense",
    8: "passport",
}

# What is not encrypted inside an item.
_CLEAR = frozenset({"id", "lastUsedDate", "creationDate", "passwordRevisionDate", "url", "size"})


class Raw(str):
    """A text that is sent as it stands, not encrypted."""

    __slots__ = ()


@cache
def key_pair() -> PrivateKey:
    """An account's key pair, made once because it takes long."""
    return PrivateKey.generate()


def stable_id(name: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_DNS, name))


def spoiled(text: str) -> str:
    """An encrypted text with a wrong MAC."""
    head, _, mac = text.rpartition("|")
    return f"{head}|{'A' * (len(mac) - 1)}="


def pascal(value: Any) -> Any:
    """The old spelling of every member, at every depth."""
    if isinstance(value, dict):
        return {name[:1].upper() + name[1:]: pascal(member) for name, member in value.items()}
    return [pascal(element) for element in value] if isinstance(value, list) else value


class Writer:
    """Writes the answer to a sync, as a server would hold it.

    `announced` are the secrets that were told to `on_secret`, `uses` counts the uses.
    """

    def __init__(self) -> None:
        self.user_key = UserKey.generate()
        self.organization_keys: dict[str, OrganizationKey] = {}
        self.private_key: str | None = str(self.user_key.encrypt(key_pair().pkcs8))
        self.items: list[Any] = []
        self.folders: list[Json] = []
        self.collections: list[Json] = []
        self.organizations: list[Json] = []
        self.policies: list[Json] = []
        self.announced: list[Secret] = []
        self.uses = 0

    def folder(self, name: str) -> str:
        id = stable_id(f"folder {name}")
        self.folders.append({"id": id, "name": self.user_key.encrypt_text(name)})
        return id

    def organization(self, name: str, **members: Any) -> str:
        id = stable_id(f"organization {name}")
        key = self.organization_keys[id] = OrganizationKey.generate()
        wrapped = str(key_pair().wrap(key.material))
        self.organizations.append({"id": id, "name": name, "key": wrapped, **members})
        return id

    def collection(self, name: str, organization: str) -> str:
        id = stable_id(f"collection {name}")
        sealed = self.organization_keys[organization].encrypt_text(name)
        self.collections.append({"id": id, "organizationId": organization, "name": sealed})
        return id

    def add(
        self, name: str | None, type: int = 1, *, has_key: bool = False, **members: Any
    ) -> Json:
        """Adds an item; texts are encrypted unless they are `Raw`. `has_key` gives it its own."""
        owner: SymmetricKey = self.user_key
        organization = members.get("organizationId")
        if organization in self.organization_keys:
            owner = self.organization_keys[organization]
        item_key = ItemKey.generate() if has_key else None
        self.key = item_key or owner
        clear: Json = {
            "id": stable_id(f"item {len(self.items)} {name}"),
            "organizationId": None,
            "folderId": None,
            "collectionIds": [],
            "key": str(owner.encrypt(item_key.material)) if item_key else None,
            "revisionDate": "2026-01-02T03:04:05.1234567Z",
            "creationDate": "2025-01-02T03:04:05Z",
            "deletedDate": None,
            "archivedDate": None,
        }
        texts = {"name": name, **{k: v for k, v in members.items() if k not in clear}}
        clear |= {k: v for k, v in members.items() if k in clear}
        record = {**clear, "type": type, **self.sealed(texts, self.key)}
        self.items.append(record)
        return record

    def login(self, name: str, username: str | None = None, *uris: str, **members: Any) -> Json:
        """A login with a password; its URIs have checksums."""
        login: Json = {"username": username, "password": members.pop("password", f"pw-{name}")}
        login["totp"] = members.pop("totp", None)
        login["uris"] = [{"uri": uri, "uriChecksum": checksum(uri), "match": None} for uri in uris]
        return self.add(name, login=login, **members)

    def sealed(self, value: Any, key: SymmetricKey) -> Any:
        if isinstance(value, Raw):
            return str(value)
        if isinstance(value, str):
            return key.encrypt_text(value)
        if isinstance(value, list):
            return [self.sealed(element, key) for element in value]
        if isinstance(value, dict):
            return {k: v if k in _CLEAR else self.sealed(v, key) for k, v in value.items()}
        return value

    @property
    def answer(self) -> Json:
        return {
            "profile": {
                "id": stable_id("user"),
                "email": "nobody@vault.example",
                "securityStamp": "stamp-1",
                "privateKey": self.private_key,
                "organizations": self.organizations,
            },
            "folders": self.folders,
            "policies": self.policies,
            "collections": self.collections,
            "ciphers": self.items,
            "userDecryption": {"masterPasswordUnlock": None},
            "object": "sync",
        }

    @property
    def snapshot(self) -> Snapshot:
        return Snapshot.parse(json.dumps(self.answer).encode())

    def used(self) -> None:
        self.uses += 1

    def open(self, previous: Contents | None = None) -> Contents:
        """The contents, unlocked."""
        snapshot = self.snapshot
        keys = previous.keys if previous else None
        if keys is None:
            keys = KeyStore(self.user_key, secrets=Secrets(self.announced.append), on_use=self.used)
        keys.renew(snapshot.private_key, snapshot.organizations)
        return Contents(snapshot, keys, previous=previous)

    def item(self, record: Json) -> Item:
        """The item of a record that was added, unlocked."""
        return self.open().item(record["id"])


def checksum(uri: str) -> str:
    """The checksum of a URI (docs/protocol.md, Checksums of URIs), written down again."""
    import base64
    import hashlib

    return base64.b64encode(hashlib.sha256(uri.encode()).digest()).decode()


def locked() -> VaultLocked:
    return VaultLocked("The vault is locked: a test did it.", "Next: %bw_unlock.")


@pytest.fixture
def writer() -> Writer:
    return Writer()


Read = Callable[[Item], object]
