"""What the answers of both server styles have in common (protocol 6)."""

from __future__ import annotations

from abc import ABC, abstractmethod
from datetime import UTC, datetime
from typing import Any

import msgspec

from bw_magics.crypto import Argon2id, Kdf
from bw_magics.demo.account import MASTER_PASSWORD
from bw_magics.demo.items.plain import BANK_ACCOUNT, MEMBER, SSH_KEY, Collection, Organization
from bw_magics.demo.json_object import Json
from bw_magics.demo.shapes.unlocked_by import profile_answer
from bw_magics.demo.stored.record import Record
from bw_magics.demo.stored.stored_vault import StoredVault

Version = tuple[int, ...]

# Item types are left out of a sync for clients that are older (protocol 6.8).
_SSH_KEYS_SINCE = (2024, 12, 0)
_NEW_TYPES_SINCE = (2026, 2, 0)

# What logins carry even where they have no value.
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
    """How one kind of server writes its answers.

    `base` is the server's address, `key_connector` that of the organisations' connector. The
    methods return what goes into JSON.
    """

    token_lifetime: int

    def __init__(self, base: str) -> None:
        self.base = base
        self.key_connector: str | None = None

    @abstractmethod
    def date(self, moment: datetime | None) -> str | None:
        """A date as text."""

    @abstractmethod
    def salt(self, vault_salt: str, email: str) -> str:
        """The salt of the key derivation (protocol 4.1)."""

    @abstractmethod
    def stores(self, item_type: int) -> bool:
        """Whether a server of this kind can hold items of that type."""

    @abstractmethod
    def token(self, vault: StoredVault, access_token: str, lifetime: int) -> Json:
        """The answer to a login (protocol 2.3)."""

    @abstractmethod
    def profile(self, vault: StoredVault) -> Json:
        """The account (protocol 6.2)."""

    @abstractmethod
    def item(self, vault: StoredVault, record: Record, kind: str = "cipherDetails") -> Json:
        """An item (protocol 6.3)."""

    @abstractmethod
    def config(self) -> Json:
        """What the server is and can (protocol 1.3)."""

    @abstractmethod
    def error(self, message: str, errors: dict[str, list[str]] | None = None) -> Json:
        """A refusal (protocol 7.9)."""

    @abstractmethod
    def key_refused(self, message: str) -> Json:
        """A refused API key; `message` is what Vaultwarden says (protocol 2.5)."""

    @abstractmethod
    def unauthorized(self, accept: str) -> tuple[bytes, dict[str, str]]:
        """Body and headers of a 401."""

    @abstractmethod
    def not_found(self) -> Json:
        """The body of a 404 for an address that does not exist."""

    @abstractmethod
    def unlock(self, vault: StoredVault) -> Json:
        """The `masterPasswordUnlock` of a sync (protocol 6.1)."""

    def sync(self, vault: StoredVault, *, version: Version | None, domains: bool) -> bytes:
        """A whole sync as JSON, for a client of that version (protocol 6.1)."""
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
            "policies": [],
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
        """Which of the gated item types a client of that version is shown."""
        return (
            version is not None and version >= _SSH_KEYS_SINCE,
            version is not None and version >= _NEW_TYPES_SINCE,
        )

    def shows(self, item_type: int, version: Version | None) -> bool:
        """Whether an item of that type is sent to a client of that version (protocol 6.8)."""
        ssh_keys, new_types = self.gate(version)
        if item_type == SSH_KEY:
            return ssh_keys
        return new_types or item_type < BANK_ACCOUNT

    def item_member(self, record: Record) -> Json:
        """The members that hold what is particular to each type; all but one are null."""
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
        """An item's attachments; null where it has none (protocol 9.5)."""
        if not record["attachments"]:
            return None
        return [self.attachment(record, each) for each in record["attachments"].values()]

    def attachment(self, record: Record, attachment: Record, token: str = "") -> Json:
        """An attachment's metadata; with a token its address can be fetched (protocol 7.6)."""
        address = f"{self.base}/attachments/{record['id']}/{attachment['id']}"
        size = attachment["size"]
        return {
            "id": attachment["id"],
            "url": f"{address}?token={token}" if token else address,
            "fileName": attachment["fileName"],
            "key": attachment["key"],
            "size": str(size),
            "sizeName": f"{size} Bytes"
            if size < 1024
            else f"{size / 1024:.2f}".rstrip("0").rstrip(".") + " KB",
            "object": "attachment",
        }

    def folder(self, folder: Record) -> Json:
        """A folder."""
        return {
            "id": folder["id"],
            "name": folder["name"],
            "revisionDate": self.date(folder["revisionDate"]),
            "object": "folder",
        }

    def collection(self, collection: Collection, name: str) -> Json:
        """A collection, with what the account may do in it."""
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

    def organization(self, vault: StoredVault, organization: Organization, key: str) -> Json:
        """A confirmed membership (protocol 6.2)."""
        return {
            "id": organization.id,
            "name": organization.name,
            "enabled": organization.is_enabled,
            "status": 2,
            "type": 2,
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

    def domains(self) -> Json:
        """Domains that count as the same; the demo has none."""
        return {"equivalentDomains": [], "globalEquivalentDomains": [], "object": "domains"}


def costs(kdf: Kdf) -> tuple[int, int, int | None, int | None]:
    """Kind, iterations, memory and parallelism as servers store them; PBKDF2 has only two."""
    if isinstance(kdf, Argon2id):
        return 1, kdf.iterations, kdf.memory, kdf.parallelism
    return 0, kdf.iterations, None, None


def pascal(value: Any) -> Any:
    """A structure with PascalCase members, and without those that are null."""
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
    """The moment in UTC."""
    return moment.astimezone(UTC)
