"""The answers of servers from before 2024: PascalCase, without later members."""

from __future__ import annotations

import msgspec

from bw_magics.demo.json_object import Json
from bw_magics.demo.shapes.shape import Version, pascal
from bw_magics.demo.shapes.vaultwarden import VaultwardenShape
from bw_magics.demo.stored.record import Record
from bw_magics.demo.stored.stored_vault import StoredVault

_LATER = ("AccountKeys", "UserDecryptionOptions")


class OldShape(VaultwardenShape):
    """Vaultwarden of 2023: every member in PascalCase, and item types 1 to 4 only.

    It has no `AccountKeys`, no `MasterPasswordUnlock` and hardly any config.
    """

    def stores(self, item_type: int) -> bool:
        """Returns True for types 1 to 4."""
        return item_type <= 4

    def token(self, vault: StoredVault, access_token: str, lifetime: int) -> Json:
        """Answers with the legacy members only."""
        answer = super().token(vault, access_token, lifetime)
        for name in _LATER:
            del answer[name]
        return {**answer, "unofficialServer": True}

    def profile(self, vault: StoredVault) -> Json:
        """Describes the account without the new place of the keys."""
        profile = super().profile(vault)
        del profile["accountKeys"]
        return profile

    def item(self, vault: StoredVault, record: Record, kind: str = "cipherDetails") -> Json:
        """Describes an item without its newer members."""
        answer = super().item(vault, record, kind)
        del answer["permissions"], answer["archivedDate"]
        return answer

    def sync(self, vault: StoredVault, *, version: Version | None, domains: bool) -> bytes:
        """Encodes a sync in PascalCase, without `userDecryption`."""
        answer = msgspec.json.decode(super().sync(vault, version=version, domains=domains))
        del answer["userDecryption"]
        return msgspec.json.encode({**pascal(answer), "unofficialServer": True})

    def config(self) -> Json:
        """Describes the server by version, without a name."""
        return {"version": "2023.1.0", "gitHash": "", "environment": {}, "object": "config"}

    def error(self, message: str, errors: dict[str, list[str]] | None = None) -> Json:
        """Returns the error in PascalCase; the OAuth members keep their spelling."""
        answer = super().error(message, errors)
        texts = {name: answer.pop(name) for name in ("error", "error_description")}
        return {**pascal(answer), **texts}
