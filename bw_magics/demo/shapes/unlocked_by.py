"""What an account without a master password changes in a server's answers."""

from __future__ import annotations

from bw_magics.demo.account import KEY_CONNECTOR, MASTER_PASSWORD, TRUSTED_DEVICE
from bw_magics.demo.json_object import Json
from bw_magics.demo.stored.stored_vault import StoredVault


def token_answer(vault: StoredVault, answer: Json) -> Json:
    """Adapts the answer to a login to how the account is unlocked."""
    how = vault.account.unlocked_by
    if how == MASTER_PASSWORD:
        return answer
    if "UserDecryptionOptions" in answer:
        answer["UserDecryptionOptions"] = {
            "HasMasterPassword": False,
            "Object": "userDecryptionOptions",
        }
    if how == KEY_CONNECTOR:
        answer["ApiUseKeyConnector"] = True
    else:
        answer["Key"] = None
    return answer


def profile_answer(vault: StoredVault, profile: Json) -> Json:
    """Adapts the profile in a sync to how the account is unlocked, and adds its providers."""
    how = vault.account.unlocked_by
    if how == KEY_CONNECTOR:
        profile["usesKeyConnector"] = True
    elif how == TRUSTED_DEVICE:
        profile["key"] = None
    profile["providers"] = vault.providers
    profile["providerOrganizations"] = vault.provider_organizations
    return profile
