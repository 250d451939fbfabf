"""`Shape`: the answers that all kinds of server have in common."""

from __future__ import annotations

import secrets
from abc import ABC, abstractmethod
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

import msgspec

from bw_magics.crypto import Argon2id, Kdf
from bw_magics.demo.account import MASTER_PASSWORD, DemoPolicy
from bw_magics.demo.items.plain import (
    BANK_ACCOUNT,
    MEMBER,
    SSH_KEY,
    Collection,
    Organization,
    stable_id,
)
from bw_magics.demo.json_object import Json
from bw_magics.demo.shapes.unlocked_by import profile_answer
from bw_magics.demo.shapes.write_rules import WriteRules
from bw_magics.demo.stored.record import Record
from bw_magics.demo.stored.stored_vault import StoredVault

Version = tuple[int, ...]

# Item types are left out of a sync for older clients.
_SSH_KEYS_SINCE = (2024, 12, 0)
_NEW_TYPES_SINCE = (2026, 2, 0)

# The members that every login has, even if empty.
_LOGIN = {
    "uri": None,
    "uris": None,
    "username": None,
    "password": None,
    "passwordRevisionDate": None,
    "totp": None,
    "autofillOnPageLoad": None,
    "fido2Credentials": None,
}


class Shape(ABC):
    """The answers of one kind of server, as Python values to be encoded as JSON.

    `base` is the server's address, `key_connector` that of the organisations' connector.
    `rules` are those for writes. `no_room` is the refusal of a file for which there is no storage.
    `trashes_first` is True where
    an item has to be in the trash before it can be deleted.
    """

    token_lifetime: int
    rules = WriteRules()
    no_room = "Not enough storage available."
    trashes_first = False

    def __init__(self, base: str) -> None:
        self.base = base
        self.key_connector: str | None = None

    @abstractmethod
    def date(self, moment: datetime | None) -> str | None:
        """Formats a date."""

    @abstractmethod
    def salt(self, vault_salt: str, email: str) -> str:
        """Chooses the salt of the key derivation."""

    @abstractmethod
    def stores(self, item_type: int) -> bool:
        """Returns True if this kind of server stores items of that type."""

    @abstractmethod
    def token(self, vault: StoredVault, access_token: str, lifetime: int) -> Json:
        """Answers a login."""

    @abstractmethod
    def profile(self, vault: StoredVault) -> Json:
        """Describes the account."""

    @abstractmethod
    def item(self, vault: StoredVault, record: Record, kind: str = "cipherDetails") -> Json:
        """Describes an item."""

    @abstractmethod
    def config(self) -> Json:
        """Describes the server and its features."""

    @abstractmethod
    def error(self, message: str, errors: dict[str, list[str]] | None = None) -> Json:
        """Words a refusal."""

    @abstractmethod
    def key_refused(self, message: str) -> Json:
        """Words the refusal of an API key; `message` is Vaultwarden's text."""

    @abstractmethod
    def unauthorized(self, accept: str) -> tuple[bytes, dict[str, str]]:
        """Returns body and headers of a 401."""

    @abstractmethod
    def not_found(self) -> Json:
        """Returns the body of a 404 for an unknown address."""

    @abstractmethod
    def unlock(self, vault: StoredVault) -> Json:
        """Returns the `masterPasswordUnlock` of a sync."""

    def sync(self, vault: StoredVault, *, version: Version | None, domains: bool) -> bytes:
        """Encodes a whole sync as JSON, for a client of that version."""
        disabled = {o.id for o, _ in vault.organizations if not o.is_enabled}
        items = [
            self.item(vault, record)
            for record in vault.items.values()
            if self.shows(record["type"], version) and record["organizationId"] not in disabled
        ]
        answer = {
            "profile": profile_answer(vault, self.profile(vault)),
            "folders": [self.folder(folder) for folder in vault.folders.values()],
            "collections": [self.collection(c, name) for c, name in vault.collections.values()],
            "ciphers": items,
            "domains": self.domains() if domains else None,
            "policies": [self.policy(vault, policy) for policy in vault.account.policies],
            "sends": [],
            "userDecryption": {
                "masterPasswordUnlock": self.unlock(vault)
                if vault.account.unlocked_by == MASTER_PASSWORD
                else None
            },
            "object": "sync",
        }
        return msgspec.json.encode(answer)

    def gate(self, version: Version | None) -> tuple[bool, bool]:
        """Returns whether a client of that version gets SSH keys, and the newer item types."""
        return (
            version is not None and version >= _SSH_KEYS_SINCE,
            version is not None and version >= _NEW_TYPES_SINCE,
        )

    def shows(self, item_type: int, version: Version | None) -> bool:
        """Returns True if a client of that version gets items of that type."""
        ssh_keys, new_types = self.gate(version)
        if item_type == SSH_KEY:
            return ssh_keys
        return new_types or item_type < BANK_ACCOUNT

    def item_member(self, record: Record) -> Json:
        """Returns the members of all item types; all but the item's own are null."""
        members: Json = dict.fromkeys(MEMBER.values())
        name = MEMBER.get(record["type"])
        if name == "login":
            login = {**_LOGIN, **record[name]}
            login["uri"] = login["uris"][0]["uri"] if login["uris"] else None
            login["fido2Credentials"] = login["fido2Credentials"] or None
            members[name] = login
        elif name:
            members[name] = record[name]
        return members

    def attachments(self, record: Record) -> list[Json] | None:
        """Describes an item's attachments; None if it has none."""
        if not record["attachments"]:
            return None
        return [self.attachment(record, each) for each in record["attachments"].values()]

    def attachment(self, record: Record, attachment: Record, token: str = "") -> Json:
        """Describes an attachment; a token makes its address downloadable."""
        address = f"{self.base}/attachments/{record['id']}/{attachment['id']}"
        size = attachment["size"]
        return {
            "id": attachment["id"],
            "url": f"{address}?token={token}" if token else address,
            "fileName": attachment["fileName"],
            "key": attachment["key"],
            "size": str(size),
            "sizeName": self.size_name(size),
            "object": "attachment",
        }

    def size_name(self, size: int) -> str:
        """Words a size for a person."""
        if size < 1024:
            return f"{size} Bytes"
        return f"{size / 1024:.2f}".rstrip("0").rstrip(".") + " KB"

    def attachment_id(self) -> str:
        """Makes an id for a new attachment."""
        return secrets.token_hex(16)

    def folder(self, folder: Record) -> Json:
        """Describes a folder."""
        return {
            "id": folder["id"],
            "name": folder["name"],
            "revisionDate": self.date(folder["revisionDate"]),
            "object": "folder",
        }

    def collection(self, collection: Collection, name: str) -> Json:
        """Describes a collection and the account's permissions in it."""
        return {
            "id": collection.id,
            "organizationId": collection.organization_id,
            "name": name,
            "externalId": None,
            "type": 0,
            "defaultUserCollectionEmail": None,
            "readOnly": collection.read_only,
            "hidePasswords": collection.hide_passwords,
            "manage": False,
            "object": "collectionDetails",
        }

    def policy(self, vault: StoredVault, policy: DemoPolicy) -> Json:
        """Describes a policy of the account's first organisation."""
        owner = vault.organizations[0][0].id
        return {
            "id": stable_id("policy", f"{owner} {policy.type}"),
            "organizationId": owner,
            "type": policy.type,
            "data": policy.data,
            "enabled": policy.is_enabled,
            "object": "policy",
        }

    def organization(self, vault: StoredVault, organization: Organization, key: str) -> Json:
        """Describes a confirmed membership."""
        return {
            "id": organization.id,
            "name": organization.name,
            "enabled": organization.is_enabled,
            "status": 2,
            "type": vault.account.role,
            "key": key,
            "userId": vault.account.user_id,
            "identifier": None,
            "productTierType": 3,
            "useTotp": True,
            "usePolicies": True,
            "useGroups": True,
            "useEvents": True,
            "useApi": True,
            "useSso": False,
            "useScim": False,
            "useDirectory": False,
            "useKeyConnector": self.key_connector is not None,
            "useSecretsManager": False,
            "usePasswordManager": True,
            "useResetPassword": False,
            "useCustomPermissions": True,
            "use2fa": True,
            "usersGetPremium": True,
            "selfHost": True,
            "seats": 20,
            "maxCollections": None,
            "maxStorageGb": 10,
            "hasPublicAndPrivateKeys": True,
            "ssoBound": False,
            "resetPasswordEnrolled": False,
            "limitCollectionCreation": True,
            "limitCollectionDeletion": True,
            "limitItemDeletion": False,
            "allowAdminAccessToAllCollectionItems": True,
            "keyConnectorEnabled": self.key_connector is not None,
            "keyConnectorUrl": self.key_connector,
            "providerId": None,
            "providerName": None,
            "providerType": None,
            "accessSecretsManager": False,
            "permissions": dict.fromkeys(
                (
                    "accessEventLogs",
                    "accessImportExport",
                    "accessReports",
                    "createNewCollections",
                    "editAnyCollection",
                    "deleteAnyCollection",
                    "manageGroups",
                    "managePolicies",
                    "manageSso",
                    "manageUsers",
                    "manageResetPassword",
                    "manageScim",
                ),
                False,
            ),
            "object": "profileOrganization",
        }

    def page(self, status: int) -> bytes:
        """Returns the web framework's own page for a request that it cannot read."""
        return f"<!DOCTYPE html><h1>{status}: {HTTPStatus(status).phrase}</h1>".encode()

    def domains(self) -> Json:
        """Returns the equivalent domains; the demo has none."""
        return {"equivalentDomains": [], "globalEquivalentDomains": [], "object": "domains"}


def costs(kdf: Kdf) -> tuple[int, int, int | None, int | None]:
    """Returns kind, iterations, memory and parallelism; PBKDF2 has only the first two."""
    if isinstance(kdf, Argon2id):
        return 1, kdf.iterations, kdf.memory, kdf.parallelism
    return 0, kdf.iterations, None, None


def kdf_block(kdf: Kdf) -> Json:
    """Describes a key derivation in the block of newer servers, in camelCase."""
    kind, iterations, memory, parallelism = costs(kdf)
    return {
        "kdfType": kind,
        "iterations": iterations,
        "memory": memory,
        "parallelism": parallelism,
    }


def pascal(value: Any) -> Any:
    """Converts names to PascalCase and drops null members, recursively."""
    if isinstance(value, dict):
        return {
            name[:1].upper() + name[1:]: pascal(member)
            for name, member in value.items()
            if member is not None
        }
    if isinstance(value, list):
        return [pascal(element) for element in value]
    return value


def utc(moment: datetime) -> datetime:
    """Converts a moment to UTC."""
    return moment.astimezone(UTC)
