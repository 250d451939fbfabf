"""`Store`: what a vault stores on this machine beyond its process, if the user asks for it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from bw_magics.errors import ExtraMissing, NoKeyring

if TYPE_CHECKING:
    from bw_magics.client.identity import Login
    from bw_magics.session.accounts.account import Account
    from bw_magics.session.preferences import Preferences
    from bw_magics.session.storage.cache import VaultCache
    from bw_magics.session.storage.cache_file import Header
    from bw_magics.settings import Server


class Store:
    """The API key in the operating system's keyring, and the encrypted vault in a file.

    The profile names the entry of the keyring.
    """

    def __init__(self, preferences: Preferences) -> None:
        self._preferences = preferences

    def remember(self, account: Account) -> None:
        """Keeps the API key in the keyring. Raises `ExtraMissing` and `NoKeyring`."""
        from bw_magics.session.storage.keyring import Remembered

        Remembered(self._preferences.profile_name).keep(account)

    def forget(self, account: Account | None) -> list[str]:
        """Removes the API key and the vault of the account; returns what was removed.

        Raises as `remember` where there was neither.
        """
        from bw_magics.session.storage.keyring import NAME, Remembered

        cache = account and self._file(account.server, account.client_id, is_on=True)
        found = ["the kept vault"] if cache and cache.remove() else []
        try:
            if Remembered(self._preferences.profile_name).forget():
                found.append(f"the API key in {NAME}")
        except (ExtraMissing, NoKeyring):
            if not found:
                raise
        return found

    def login(self, server: Server, client_id: str) -> Login | None:
        """Returns the kept answer to a login, for when the server cannot be reached; None where
        none is kept.
        """
        cache = self._file(server, client_id)
        header = None if cache is None else cache.header()
        if header is None:
            return None
        from bw_magics.session.storage.cache import offline_login

        return offline_login(header, client_id)

    def open(self, account: Account) -> tuple[VaultCache | None, Header | None]:
        """Returns the file of the account and its header; None for each that is missing."""
        cache = self._file(account.server, account.client_id)
        return cache, None if cache is None else cache.header()

    def _file(self, server: Server, client_id: str, *, is_on: bool = False) -> VaultCache | None:
        place = self._preferences.cache
        if not (place or is_on):
            return None
        from bw_magics.session.storage.cache import VaultCache, default_folder

        folder = place if isinstance(place, Path) else default_folder()
        return VaultCache(folder, server, client_id)
