"""The signed security state of an account: verified whenever it arrives, never lowered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bw_magics.crypto.keys import UserKey
from bw_magics.errors import SecurityStateRefused
from bw_magics.steps import SYNC_ALL, Remedy

if TYPE_CHECKING:
    from bw_magics.client.identity import Login
    from bw_magics.crypto.account_keys import AccountKeys, OpenedAccount
    from bw_magics.crypto.wrapping import EitherUserKey
    from bw_magics.vault.snapshot import Snapshot

REFUSED = "the server sent a security state of the account that is not valid"

NOT_VERIFIED = (
    "The account's signed state was not verified: this machine's cryptography package cannot check "
    "signatures of the kind ML-DSA-44. Upgrade it: pip install -U cryptography."
)

_REMEDY = Remedy(
    "Nothing was opened. Ask for the state again: {}. If it stays so, check the server's address "
    "and look at the account in the official web vault.",
    SYNC_ALL,
)


def newest_keys(snapshot: Snapshot, login: Login) -> AccountKeys:
    """Returns the account's keys from the sync, or from the login where the sync has none."""
    keys = snapshot.account_keys
    return keys if keys.private_key is not None else login.account_keys


def open_account(
    user_key: EitherUserKey, keys: AccountKeys, *, known_version: int
) -> OpenedAccount | str | None:
    """Opens what opens the organisations' keys: the verified account or, for encryption V1, the
    wrapped private key (None where the account has none).

    `known_version` is the highest security version of this session. Raises `SecurityStateRefused`
    where the state is not valid, or lower.
    """
    if isinstance(user_key, UserKey):
        if known_version:
            raise SecurityStateRefused(
                "The server sends the account with encryption V1 now, and with V2 before.", _REMEDY
            )
        if keys.is_of_version_2:
            raise SecurityStateRefused(
                "The server sends a user key of encryption V1 and other keys of V2.", _REMEDY
            )
        return keys.private_key
    try:
        opened = keys.open(user_key)
    except SecurityStateRefused as refusal:
        raise SecurityStateRefused(refusal.fact, _REMEDY) from None
    if opened.security_version < known_version:
        raise SecurityStateRefused(
            f"The account's security state went back from version {known_version} to "
            f"{opened.security_version}.",
            _REMEDY,
        )
    return opened


def was_upgraded(user_key: EitherUserKey, keys: AccountKeys) -> bool:
    """Tells whether the account was upgraded to encryption V2 since the key was opened."""
    return isinstance(user_key, UserKey) and keys.is_of_version_2
