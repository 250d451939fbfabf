"""`Store`: what a vault keeps on this machine beyond its process, where that was asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bw_magics.errors import ExtraMissing, NoKeyring
from bw_magics.session.reading import Reading

if TYPE_CHECKING:
    from pathlib import Path

    from bw_magics.client.identity import Login
    from bw_magics.session.accounts.account import Account
    from bw_magics.session.current import CurrentState
    from bw_magics.session.storage.cache import VaultCache
    from bw_magics.session.sync import Sync
    from bw_magics.settings import Server


class Store(Reading):
    """The API key in the operating system's keyring, and the encrypted vault in a file."""

    cache: bool | Path
    profile_name: str
    _current: CurrentState

    @property
    def _sync(self) -> Sync:
        raise NotImplementedError

    def _account(self) -> Account:
        raise NotImplementedError

    def remember(self) -> None:
        """Keeps the API key, never the master password, in the operating system's keyring. Raises
        `ExtraMissing` and `NoKeyring`; it is written to no file instead.
        """
        from bw_magics.session.storage.keyring import Remembered

        Remembered(self.profile_name).keep(self._account())

    def forget(self) -> list[str]:
        """Removes the API key from the keyring, and the vault that is kept of the account that is
        logged in; what there was. Raises as `remember` where there was neither.
        """
        from bw_magics.session.storage.keyring import NAME, Remembered

        account = self._current.state.account
        cache = account and self._cache_of(account.server, account.client_id, is_on=True)
        found = ["the kept vault"] if cache and cache.remove() else []
        try:
            if Remembered(self.profile_name).forget():
                found.append(f"the API key in {NAME}")
        except (ExtraMissing, NoKeyring):
            if not found:
                raise
        return found

    def _cache_of(
        self, server: Server, client_id: str, *, is_on: bool = False
    ) -> VaultCache | None:
        if not (self.cache or is_on):
            return None
        from bw_magics.session.storage.cache import VaultCache, default_folder

        folder = default_folder() if isinstance(self.cache, bool) else self.cache
        return VaultCache(folder, server, client_id)

    def _kept_login(self, server: Server, client_id: str) -> Login | None:
        cache = self._cache_of(server, client_id)
        header = None if cache is None else cache.header()
        if header is None:
            return None
        from bw_magics.session.storage.cache import offline_login

        return offline_login(header, client_id)

    def _use_cache(self, account: Account) -> None:
        cache = self._cache_of(account.server, account.client_id)
        has_vault = self._current.state.snapshot is not None
        self._sync.cache = cache
        self._sync.cached = None if cache is None or has_vault else cache.header()
