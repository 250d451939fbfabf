"""The Key Connector of members without a master password."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bw_magics.crypto.enc_string import EncString
from bw_magics.errors import (
    BitwardenError,
    KeyConnectorUnconfirmed,
    NoWayToUnlock,
)
from bw_magics.settings import KEY_CONNECTOR, connector_address
from bw_magics.steps import NAME_KEY_CONNECTOR, Remedy

if TYPE_CHECKING:
    from bw_magics.crypto.wrapping import EitherUserKey
    from bw_magics.session.accounts.account import Account
    from bw_magics.vault.snapshot import Snapshot

_SETTING = Remedy(
    f"Name it for unattended runs: {KEY_CONNECTOR}, beside the API key; or {{}}.",
    NAME_KEY_CONNECTOR,
)


@dataclass(frozen=True, slots=True)
class Connector:
    """The Key Connector that holds a member's key.

    `organization` is the one whose connector it is, as the server says. It is None where the
    settings name the connector, which then needs no confirmation.
    """

    url: str
    organization: str | None

    @property
    def host(self) -> str:
        """Host, port and path, for a person to read."""
        return self.url.removeprefix("https://")


def find_connector(account: Account, snapshot: Snapshot) -> Connector:
    """Finds the connector that the settings name, else that of a confirmed organisation.

    Raises `NoWayToUnlock` where no organisation has one, and for an address that is not https.
    """
    if account.server.key_connector is not None:
        return Connector(account.server.key_connector, None)
    for organization in snapshot.organizations:
        if organization.key_connector and organization.is_enabled:
            try:
                url = connector_address(organization.key_connector)
            except BitwardenError as problem:
                raise NoWayToUnlock(
                    f"The Key Connector of your organisation cannot be used: {problem.fact}",
                    "Ask the administrators of your organisation.",
                ) from None
            return Connector(url, organization.name)
    raise NoWayToUnlock(
        "This account has no master password but a Key Connector, and the server does not say "
        "where it is.",
        _SETTING,
    )


def open_with_connector(
    account: Account, connector: Connector, wrapped: str | None, *, confirmed: str | None
) -> EitherUserKey:
    """Opens the wrapped user key with the connector's key. `confirmed` is the address that a person
    agreed to.

    Raises `KeyConnectorUnconfirmed` where no person agreed, `NoWayToUnlock` without a wrapped key,
    `AuthenticationFailed` where the connector's key does not open it, and the request's errors.
    """
    if connector.organization is not None and confirmed != connector.url:
        raise KeyConnectorUnconfirmed(
            f"The key is kept by a Key Connector at {connector.host}, which nobody has confirmed.",
            _SETTING,
            organization=connector.organization,
            url=connector.url,
        )
    if wrapped is None:
        raise NoWayToUnlock(
            "The server did not send the wrapped key that the Key Connector's key opens.",
            "Ask the administrators of your organisation.",
        )
    key = account.connector_key(connector.url)
    # A login needs no keys: it starts faster without them.
    from bw_magics.crypto.wrapping import open_user_key

    return open_user_key(EncString.parse(wrapped), master_key=key)
