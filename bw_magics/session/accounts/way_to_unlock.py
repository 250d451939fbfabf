"""The way to unlock an account: a master password, a Key Connector, or none that works here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from bw_magics.errors import BitwardenError, NoWayToUnlock
from bw_magics.steps import UNLOCK_WITHOUT_PASSWORD, Remedy

if TYPE_CHECKING:
    from bw_magics.session.accounts.account import Account
    from bw_magics.vault.snapshot import Snapshot

WayToUnlock = Literal["master-password", "key-connector", "none"]


def way_to_unlock(account: Account, snapshot: Snapshot | None) -> WayToUnlock:
    """Tells what unlocks the account, as far as known; a master password where the server does not
    say.
    """
    login = account.login
    if login.uses_key_connector or (snapshot is not None and snapshot.uses_key_connector):
        return "master-password" if _says_password(account) else "key-connector"
    unlock = login.unlock or (snapshot.unlock if snapshot is not None else None)
    if not login.has_master_password and unlock is None and login.wrapped_user_key is None:
        return "none"
    return "master-password"


def _says_password(account: Account) -> bool:
    """Tells whether a connector is only being introduced: the master password still exists."""
    return account.login.has_master_password and account.login.unlock is not None


def no_password(way: WayToUnlock) -> BitwardenError:
    """Makes the error for an account that a password cannot unlock."""
    if way == "key-connector":
        return NoWayToUnlock(
            "This account has no master password: its organisation keeps the key in a Key "
            "Connector.",
            Remedy("Unlock without one: {}.", UNLOCK_WITHOUT_PASSWORD),
        )
    return NoWayToUnlock(
        "This account has no master password: only devices that your organisation trusts hold "
        "what decrypts it, and the API key only says who you are.",
        "Use the official app on a trusted device, or set a master password in the web vault.",
    )
