"""The answers of the official server."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from bw_magics.demo.items.plain import MEMBER
from bw_magics.demo.json_object import Json
from bw_magics.demo.shapes.shape import Shape, costs, kdf_block, pascal, utc
from bw_magics.demo.stored.record import Record
from bw_magics.demo.stored.stored_vault import StoredVault


class OfficialShape(Shape):
    """The official server, self-hosted, of August 2026."""

    token_lifetime = 3600

    def date(self, moment: datetime | None) -> str | None:
        """Formats up to seven fractional digits, without trailing zeros."""
        if moment is None:
            return None
        seventh = "7" if moment.microsecond % 10 else ""
        text = utc(moment).strftime(f"%Y-%m-%dT%H:%M:%S.%f{seventh}").rstrip("0").rstrip(".")
        return text + "Z"

    def salt(self, vault_salt: str, email: str) -> str:
        """Returns the account's own salt."""
        return vault_salt

    def stores(self, item_type: int) -> bool:
        """Returns True: it stores every type."""
        return True

    def token(self, vault: StoredVault, access_token: str, lifetime: int) -> Json:
        """Answers in PascalCase, with camelCase inside `AccountKeys` and no refresh token."""
        kind, iterations, memory, parallelism = costs(vault.account.kdf)
        return {
            "access_token": access_token,
            "expires_in": lifetime,
            "token_type": "Bearer",
            "scope": "api",
            "PrivateKey": vault.private_key,
            "AccountKeys": vault.keys.block,
            "Key": vault.wrapped_user_key,
            "MasterPasswordPolicy": {
                "MinComplexity": None,
                "MinLength": None,
                "RequireLower": None,
                "RequireUpper": None,
                "RequireNumbers": None,
                "RequireSpecial": None,
                "EnforceOnLogin": None,
                "Object": "masterPasswordPolicy",
            },
            "ForcePasswordReset": False,
            "Kdf": kind,
            "KdfIterations": iterations,
            "KdfMemory": memory,
            "KdfParallelism": parallelism,
            "UserDecryptionOptions": {
                "HasMasterPassword": True,
                "MasterPasswordUnlock": {
                    "Kdf": {
                        "KdfType": kind,
                        "Iterations": iterations,
                        "Memory": memory,
                        "Parallelism": parallelism,
                    },
                    "MasterKeyEncryptedUserKey": vault.wrapped_user_key,
                    "Salt": vault.salt,
                },
                "Object": "userDecryptionOptions",
            },
        }

    def profile(self, vault: StoredVault) -> Json:
        """Describes the account, with the keys in the old and the new place."""
        account = vault.account
        return {
            "id": account.user_id,
            "name": account.name,
            "email": account.email,
            "emailVerified": True,
            "premium": True,
            "premiumFromOrganization": False,
            "culture": "en-US",
            "twoFactorEnabled": False,
            "key": vault.wrapped_user_key,
            "privateKey": vault.private_key,
            "accountKeys": vault.keys.block,
            "securityStamp": vault.security_stamp,
            "forcePasswordReset": False,
            "usesKeyConnector": False,
            "avatarColor": None,
            "creationDate": self.date(vault.created),
            "verifyDevices": True,
            "organizations": [
                self.organization(vault, organization, key)
                for organization, key in vault.organizations
            ],
            "organizationsNew": None,
            "providers": [],
            "providerOrganizations": [],
            "object": "profile",
        }

    def item(self, vault: StoredVault, record: Record, kind: str = "cipherDetails") -> Json:
        """Describes an item twice: as members, and as JSON with PascalCase members in `data`."""
        member = self.item_member(record)
        history = [
            {"password": entry["password"], "lastUsedDate": entry["lastUsedDate"]}
            for entry in record["passwordHistory"] or ()
        ]
        answer: Json = {
            "id": record["id"],
            "organizationId": record["organizationId"],
            "type": record["type"],
            "data": _data(record, member, history),
            "name": record["name"],
            "notes": record["notes"],
            **member,
            "fields": record["fields"],
            "passwordHistory": history or None,
            "attachments": self.attachments(record),
            "organizationUseTotp": record["organizationId"] is not None,
            "revisionDate": self.date(record["revisionDate"]),
            "creationDate": self.date(record["creationDate"]),
            "deletedDate": self.date(record["deletedDate"]),
            "reprompt": record["reprompt"],
            "key": record["key"],
            "object": kind,
        }
        if kind == "cipherMini":
            return answer
        answer |= {
            "folderId": record["folderId"],
            "favorite": record["favorite"],
            "edit": record["edit"],
            "viewPassword": record["viewPassword"],
            "archivedDate": self.date(record["archivedDate"]),
            "permissions": {"delete": record["edit"], "restore": record["edit"]},
        }
        if kind == "cipherDetails":
            answer["collectionIds"] = record["collectionIds"]
        return answer

    def unlock(self, vault: StoredVault) -> Json:
        """Returns only one spelling of the wrapped key."""
        return {
            "kdf": kdf_block(vault.account.kdf),
            "masterKeyEncryptedUserKey": vault.wrapped_user_key,
            "salt": vault.salt,
            "containedKeyId": None,
        }

    def config(self) -> Json:
        """Describes the server; a null `server` means the official one."""
        return {
            "version": "2026.8.0",
            "gitHash": "0de30de3",
            "server": None,
            "environment": {
                "cloudRegion": None,
                "vault": self.base,
                "api": f"{self.base}/api",
                "identity": f"{self.base}/identity",
                "notifications": f"{self.base}/notifications",
                "sso": f"{self.base}/sso",
            },
            "featureStates": {
                "cipher-key-encryption": True,
                "pm-32009-new-item-types": True,
                "pm-19148-innovation-archive": True,
                "pm-27632-cipher-crud-operations-to-sdk": False,
            },
            "push": {"pushTechnology": 0, "vapidPublicKey": None},
            "communication": None,
            "settings": {
                "disableUserRegistration": True,
                "suppressOnboardingInterstitials": False,
            },
            "object": "config",
        }

    def error(self, message: str, errors: dict[str, list[str]] | None = None) -> Json:
        """Returns the `ErrorResponseModel`."""
        return {
            "message": message,
            "validationErrors": errors,
            "exceptionMessage": None,
            "exceptionStackTrace": None,
            "innerExceptionMessage": None,
            "object": "error",
        }

    def key_refused(self, message: str) -> Json:
        """Returns the same body without a message for every reason."""
        return {"error": "invalid_client"}

    def unauthorized(self, accept: str) -> tuple[bytes, dict[str, str]]:
        """Returns an empty body."""
        return b"", {"WWW-Authenticate": 'Bearer error="invalid_token"'}

    def not_found(self) -> Json:
        """Returns the error model, the same as for an unknown item."""
        return self.error("Resource not found.")


def _data(record: Record, member: Json, history: list[Any]) -> str:
    """Encodes the item as in the server's database."""
    columns = {
        **(member.get(MEMBER.get(record["type"], "")) or {}),
        "name": record["name"],
        "notes": record["notes"],
        "fields": record["fields"],
        "passwordHistory": history or None,
    }
    return msgspec.json.encode(pascal(columns)).decode()
