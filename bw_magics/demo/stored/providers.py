"""Providers: companies that manage organisations and wrap their keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bw_magics.crypto import OrganizationKey, PrivateKey
from bw_magics.crypto.wrapping import wrap_key
from bw_magics.demo.items.plain import Organization
from bw_magics.demo.json_object import Json


def provided(
    organizations: Sequence[Organization],
    keys: Mapping[str, OrganizationKey],
    key_pair: PrivateKey,
) -> tuple[list[Json], list[Json]]:
    """Makes a profile's providers, and the organisations whose keys those wrap."""
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
