"""The answers of Vaultwarden."""

from __future__ import annotations

import secrets
from datetime import datetime

import msgspec

from bw_magics.demo.items.plain import SSH_KEY
from bw_magics.demo.json_object import Json
from bw_magics.demo.shapes.shape import Shape, costs, kdf_block, utc
from bw_magics.demo.shapes.write_rules import VAULTWARDEN
from bw_magics.demo.stored.record import Record
from bw_magics.demo.stored.stored_vault import StoredVault

_UNAUTHORIZED = {
    "error": {
        "code": 401,
        "reason": "Unauthorized",
        "description": "The request requires user authentication.",
    }
}


class VaultwardenShape(Shape):
    """Vaultwarden of August 2026."""

    token_lifetime = 7200
    rules = VAULTWARDEN
    no_room = "Attachment storage limit reached! Delete some attachments to free up space"

    def date(self, moment: datetime | None) -> str | None:
        """Formats exactly six fractional digits."""
        return utc(moment).strftime("%Y-%m-%dT%H:%M:%S.%fZ") if moment else None

    def salt(self, vault_salt: str, email: str) -> str:
        """Returns the e-mail, always."""
        return email

    def size_name(self, size: int) -> str:
        """Words a size with two decimals."""
        power = 0 if size < 1024 else 1 if size < 1024**2 else 2
        return f"{size / 1024**power:.2f} {('bytes', 'KB', 'MB')[power]}"

    def attachment_id(self) -> str:
        """Makes an id of 20 hexadecimal digits."""
        return secrets.token_hex(10)

    def stores(self, item_type: int) -> bool:
        """Returns False for types 6 to 8, which Vaultwarden refuses."""
        return item_type <= SSH_KEY or item_type > 8

    def token(self, vault: StoredVault, access_token: str, lifetime: int) -> Json:
        """Answers without `MasterPasswordPolicy`, with both spellings of the wrapped key."""
        kind, iterations, memory, parallelism = costs(vault.account.kdf)
        return {
            "access_token": access_token,
            "expires_in": lifetime,
            "token_type": "Bearer",
            "Key": vault.wrapped_user_key,
            "PrivateKey": vault.private_key,
            "Kdf": kind,
            "KdfIterations": iterations,
            "KdfMemory": memory,
            "KdfParallelism": parallelism,
            "ResetMasterPassword": False,
            "ForcePasswordReset": False,
            "scope": "api",
            "AccountKeys": {
                "publicKeyEncryptionKeyPair": {
                    "wrappedPrivateKey": vault.private_key,
                    "publicKey": vault.public_key,
                    "Object": "publicKeyEncryptionKeyPair",
                },
                "Object": "privateKeys",
            },
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
                    "MasterKeyWrappedUserKey": vault.wrapped_user_key,
                    "Salt": vault.salt,
                },
                "Object": "userDecryptionOptions",
            },
        }

    def profile(self, vault: StoredVault) -> Json:
        """Describes the account, with `_status` and without `verifyDevices`."""
        account = vault.account
        return {
            "_status": 0,
            "accountKeys": {
                "publicKeyEncryptionKeyPair": {
                    "wrappedPrivateKey": vault.private_key,
                    "publicKey": vault.public_key,
                    "signedPublicKey": None,
                    "object": "publicKeyEncryptionKeyPair",
                },
                "securityState": None,
                "signatureKeyPair": None,
                "object": "privateKeys",
            },
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
            "securityStamp": vault.security_stamp,
            "organizations": [
                self.organization(vault, organization, key)
                for organization, key in vault.organizations
            ],
            "providers": [],
            "providerOrganizations": [],
            "forcePasswordReset": False,
            "avatarColor": None,
            "usesKeyConnector": False,
            "creationDate": self.date(vault.created),
            "object": "profile",
        }

    def item(self, vault: StoredVault, record: Record, kind: str = "cipherDetails") -> Json:
        """Describes an item: always with details, without `data`, lists never null."""
        return {
            "object": "cipherDetails",
            "id": record["id"],
            "type": record["type"],
            "creationDate": self.date(record["creationDate"]),
            "revisionDate": self.date(record["revisionDate"]),
            "deletedDate": self.date(record["deletedDate"]),
            "reprompt": record["reprompt"],
            "organizationId": record["organizationId"],
            "key": record["key"],
            "attachments": self.attachments(record),
            "organizationUseTotp": True,
            "collectionIds": record["collectionIds"],
            "name": record["name"],
            "notes": record["notes"],
            "fields": record["fields"] or [],
            "passwordHistory": record["passwordHistory"] or [],
            **self.item_member(record),
            "folderId": record["folderId"],
            "favorite": record["favorite"],
            "archivedDate": self.date(record["archivedDate"]),
            "edit": record["edit"],
            "viewPassword": record["viewPassword"],
            "permissions": {"delete": record["edit"], "restore": record["edit"]},
        }

    def unlock(self, vault: StoredVault) -> Json:
        """Returns both spellings of the wrapped key."""
        return {
            "kdf": kdf_block(vault.account.kdf),
            "masterKeyEncryptedUserKey": vault.wrapped_user_key,
            "masterKeyWrappedUserKey": vault.wrapped_user_key,
            "salt": vault.salt,
        }

    def config(self) -> Json:
        """Describes the server by name; the version is that of the official server it follows."""
        return {
            "version": "2026.6.0",
            "gitHash": None,
            "server": {
                "name": "Vaultwarden",
                "url": "https://github.com/dani-garcia/vaultwarden",
            },
            "settings": {
                "disableUserRegistration": True,
                "suppressOnboardingInterstitials": False,
            },
            "environment": {
                "vault": self.base,
                "api": f"{self.base}/api",
                "identity": f"{self.base}/identity",
                "notifications": f"{self.base}/notifications",
                "sso": "",
                "cloudRegion": None,
            },
            "push": {"pushTechnology": 0, "vapidPublicKey": None},
            "featureStates": {"pm-19148-innovation-archive": True},
            "communication": None,
            "object": "config",
        }

    def error(self, message: str, errors: dict[str, list[str]] | None = None) -> Json:
        """Returns the official model, with the message under every name that clients read."""
        return {
            "message": message,
            "error": "",
            "error_description": "",
            "validationErrors": {"": [message]},
            "errorModel": {"message": message, "object": "error"},
            "exceptionMessage": None,
            "exceptionStackTrace": None,
            "innerExceptionMessage": None,
            "object": "error",
        }

    def key_refused(self, message: str) -> Json:
        """Returns a message that names the wrong half."""
        return self.error(message)

    def unauthorized(self, accept: str) -> tuple[bytes, dict[str, str]]:
        """Returns the web framework's body: JSON or HTML, depending on `Accept`."""
        if "application/json" in accept:
            return msgspec.json.encode(_UNAUTHORIZED), {"Content-Type": "application/json"}
        return b"<!DOCTYPE html><h1>401: Unauthorized</h1>", {"Content-Type": "text/html"}

    def not_found(self) -> Json:
        """Returns the web framework's body, not the error model."""
        return {
            "error": {
                "code": 404,
                "reason": "Not Found",
                "description": "The requested resource could not be found.",
            }
        }
