"""Answers as servers of before 2024 wrote them: PascalCase, and nothing that came later."""

from __future__ import annotations

import msgspec

from bw_magics.demo.json_object import Json
from bw_magics.demo.shapes.shape import Version, pascal
from bw_magics.demo.shapes.vaultwarden import VaultwardenShape
from bw_magics.demo.stored.record import Record
from bw_magics.demo.stored.stored_vault import StoredVault

_LATER = ("AccountKeys", "UserDecryptionOptions")


class OldShape(VaultwardenShape):
    """Vaultwarden of 2023: every member in PascalCase, no `AccountKeys`, no
    `MasterPasswordUnlock`, an item type at most 4, no config worth the name (protocol 10).
    """

    def stores(self, item_type: int) -> bool:
        """Types 1 to 4."""
        return item_type <= 4

    def token(self, vault: StoredVault, access_token: str, lifetime: int) -> Json:
        """The legacy members only."""
        answer = super().token(vault, access_token, lifetime)
        for name in _LATER:
            del answer[name]
        return {**answer, "unofficialServer": True}

    def profile(self, vault: StoredVault) -> Json:
        """Without the keys' new place."""
        profile = super().profile(vault)
        del profile["accountKeys"]
        return profile

    def item(self, vault: StoredVault, record: Record, kind: str = "cipherDetails") -> Json:
        """With `Data`, which repeated a login's members."""
        answer = super().item(vault, record, kind)
        del answer["permissions"], answer["archivedDate"]
        return answer

    def sync(self, vault: StoredVault, *, version: Version | None, domains: bool) -> bytes:
        """Everything in PascalCase, without `userDecryption`."""
        answer = msgspec.json.decode(super().sync(vault, version=version, domains=domains))
        del answer["userDecryption"]
        return msgspec.json.encode({**pascal(answer), "unofficialServer": True})

    def config(self) -> Json:
        """A version, and no name."""
        return {"version": "2023.1.0", "gitHash": "", "environment": {}, "object": "config"}

    def error(self, message: str, errors: dict[str, list[str]] | None = None) -> Json:
        """In PascalCase, with the OAuth members in their own spelling."""
        answer = super().error(message, errors)
        texts = {name: answer.pop(name) for name in ("error", "error_description")}
        return {**pascal(answer), **texts}
