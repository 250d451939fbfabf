"""How an account is unlocked, and what that changes in a server's answers (protocol 2.3, 3.5).

Members of an organisation with a Key Connector have no master password: the connector keeps a key
in its place. Members with trusted devices have none either, and only those devices can unlock.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from bw_magics.crypto import EncString, MasterKey, OrganizationKey, PrivateKey, SymmetricKey
from bw_magics.crypto.enc_string import AES_CBC
from bw_magics.crypto.wrapping import wrap_key
from bw_magics.demo.plain import Organization

if TYPE_CHECKING:
    from bw_magics.demo.stored_vault import StoredVault

MASTER_PASSWORD: UnlockedBy = "master-password"
KEY_CONNECTOR: UnlockedBy = "key-connector"
TRUSTED_DEVICE: UnlockedBy = "trusted-device"

UnlockedBy = Literal["master-password", "key-connector", "trusted-device"]

Json = dict[str, Any]


def token_answer(vault: StoredVault, answer: Json) -> Json:
    """The answer to a login, as it is for that account."""
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
    """The account in a sync, as it is for that account."""
    how = vault.account.unlocked_by
    if how == KEY_CONNECTOR:
        profile["usesKeyConnector"] = True
    elif how == TRUSTED_DEVICE:
        profile["key"] = None
    profile["providers"] = vault.providers
    profile["providerOrganizations"] = vault.provider_organizations
    return profile


def legacy_wrap(master_key: MasterKey, user_key: SymmetricKey) -> str:
    """A user key as it was wrapped before 2018: type 0, under the master key itself."""
    # AES-CBC and its padding are those of type 2; the half that authenticates is left out.
    wrapped = SymmetricKey(master_key.material * 2).encrypt(user_key.material)
    return str(EncString(AES_CBC, wrapped.data, wrapped.iv))


def provided(
    organizations: Sequence[Organization],
    keys: Mapping[str, OrganizationKey],
    key_pair: PrivateKey,
) -> tuple[list[Json], list[Json]]:
    """The providers of a profile, and the organisations whose keys theirs wrap (protocol 5.6)."""
    managed = [organization for organization in organizations if organization.provider]
    provider_keys = {o.provider: OrganizationKey.generate() for o in managed}
    providers: list[Json] = [
        {
            "id": id,
            "name": "Demo Managers",
            "key": str(key_pair.wrap(key.material)),
            "status": 2,
            "enabled": True,
        }
        for id, key in provider_keys.items()
    ]
    members: list[Json] = [
        {
            "id": o.id,
            "name": o.name,
            "enabled": o.is_enabled,
            "status": 2,
            "providerId": o.provider,
            "key": str(wrap_key(keys[o.id], under=provider_keys[o.provider])),
        }
        for o in managed
    ]
    return providers, members
