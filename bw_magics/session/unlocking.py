"""`Unlocking`: from the master password to the account's user key."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from bw_magics.crypto.kdf import MUCH_MEMORY
from bw_magics.errors import (
    AuthenticationFailed,
    BitwardenError,
    CredentialsError,
    NoWayToUnlock,
    ServerError,
    UsageMistake,
    WrongMasterPassword,
)
from bw_magics.secret import Unpicklable
from bw_magics.session.accounts.way_to_unlock import no_password, way_to_unlock
from bw_magics.session.background import OnWait, Task
from bw_magics.steps import UNLOCK, Remedy

if TYPE_CHECKING:
    from bw_magics.crypto.keys import MasterKey
    from bw_magics.crypto.unlock import MasterPasswordUnlock
    from bw_magics.crypto.wrapping import EitherUserKey
    from bw_magics.session.accounts.account import Account
    from bw_magics.session.current import CurrentState
    from bw_magics.session.sync import Sync

_MOST_TRIES = 3


class Opened(Unpicklable):
    """A user key, and what opened it; a Key Connector opens it without `unlock`."""

    __slots__ = ("master_key", "unlock", "user_key")

    def __init__(
        self,
        user_key: EitherUserKey,
        unlock: MasterPasswordUnlock | None,
        master_key: MasterKey | None = None,
    ) -> None:
        self.user_key = user_key
        self.unlock = unlock
        self.master_key = master_key


class Unlocking:
    """The way to an account's user key, by the newest wrapped key only.

    An older one may still open with a password that is not valid any more.
    """

    def __init__(self, current: CurrentState, sync: Sync, on_wait: OnWait) -> None:
        self._current = current
        self._sync = sync
        self._on_wait = on_wait
        self._unasked: BitwardenError | None = None
        self._is_early = False

    def open_either(
        self, account: Account, *, password: str | None, connector: str | None
    ) -> Opened:
        """Opens the user key with the master password or, without one, by the Key Connector."""
        if password is None:
            return self.open_without_password(account, connector=connector)
        return self.open(account, password=password)

    def open_without_password(self, account: Account, *, connector: str | None) -> Opened:
        """Opens the user key with the key of the organisation's Key Connector.

        `connector` is the address that a person agreed to. Raises `KeyConnectorUnconfirmed`,
        `NoWayToUnlock` and the errors of the request.
        """
        from bw_magics.session.accounts.key_connector import find_connector, open_with_connector

        snapshot = self._sync.first()
        way = way_to_unlock(account, snapshot)
        if way == "master-password":
            raise UsageMistake(
                "This account has a master password.", Remedy("Unlock with it: {}.", UNLOCK)
            )
        if way == "none":
            raise no_password(way)
        place = find_connector(account, snapshot)
        tried: list[str | None] = []
        while (wrapped := self._current.state.newest_wrapped_key) not in tried:
            tried.append(wrapped)
            task = Task(
                lambda wrapped=wrapped: open_with_connector(  # type: ignore[misc]
                    account, place, wrapped, confirmed=connector
                ),
                "asking the Key Connector for the key",
            )
            try:
                return Opened(task.wait(self._on_wait), None)
            except AuthenticationFailed:
                self._ask_for_newer(account)
        raise NoWayToUnlock(
            f"The key that the Key Connector at {place.host} gave does not open this account.",
            "Ask the administrators of your organisation.",
        )

    def open(self, account: Account, *, password: str) -> Opened:
        """Opens the user key with the master password.

        Raises `WrongMasterPassword` only after asking the server for a newer wrapped key,
        `KdfRefused`, `NoWayToUnlock` and the errors of the first sync.
        """
        account.require_master_password()
        way = way_to_unlock(account, self._current.state.snapshot)
        if way != "master-password":
            raise no_password(way)
        tried: list[MasterPasswordUnlock] = []
        for _ in range(_MOST_TRIES):
            unlock = self._untried(account, tried)
            if unlock is None:
                break
            tried.append(unlock)
            unlock.kdf.check()
            if unlock.kdf.memory > MUCH_MEMORY:
                self._on_wait(f"deriving the key takes {unlock.kdf.memory} MiB of memory")
            master_key = Task(
                lambda unlock=unlock: unlock.derive(password=password),  # type: ignore[misc]
                "deriving the key from the master password",
            ).wait(self._on_wait)
            try:
                return Opened(unlock.open(master_key), unlock, master_key)
            except AuthenticationFailed:
                continue
        if not tried:
            raise self._no_way(account)
        raise self._wrong()

    def _wrong(self) -> WrongMasterPassword:
        if self._unasked is None:
            early = " If it was changed just now, wait half a minute." if self._is_early else ""
            return WrongMasterPassword(
                "The master password is wrong.",
                f"It is the one of the web vault, not the API key.{early}",
            )
        return WrongMasterPassword(
            "The master password is wrong for the vault that was downloaded.",
            "It is the one of the web vault, not the API key. Whether it was changed elsewhere is "
            f"not known: {self._unasked.fact}",
        )

    def is_outdated(self, account: Account, opened: Opened) -> bool:
        """Tells whether the user key was wrapped anew since, as for a changed password."""
        newest = self._current.state.newest_unlock
        if newest is None or opened.unlock is None:
            return False
        return newest.wrapped_user_key != opened.unlock.wrapped_user_key

    def _untried(
        self, account: Account, tried: list[MasterPasswordUnlock]
    ) -> MasterPasswordUnlock | None:
        newest = self._current.state.newest_unlock
        if newest is None:
            self._sync.first()
        elif newest in tried:
            self._ask_for_newer(account)
        newest = self._current.state.newest_unlock
        return None if newest in tried else newest

    def _ask_for_newer(self, account: Account) -> None:
        """Asks for a newer wrapped key: by a sync and, where that brings none, by a new login.

        Some servers keep the revision date and the access tokens when the password changes. What
        could not be asked is kept as `_unasked`; a login of a moment ago is not repeated.
        """
        before = self._wrapped()
        self._unasked, self._is_early = None, False
        try:
            self._sync.run(account)
        except (ServerError, CredentialsError) as problem:
            # Where the download fails, a new login may still have brought another.
            self._unasked = problem
        if self._wrapped() != before:
            return
        try:
            anew = Task(account.log_in_anew, f"logging in to {account.server.name}")
            self._is_early = not anew.wait(self._on_wait)
        except (ServerError, CredentialsError) as problem:
            self._unasked = problem
            return
        self._unasked = None
        if self._wrapped() != before:
            with suppress(ServerError, CredentialsError):
                self._sync.run(account)

    def _wrapped(self) -> tuple[object, ...]:
        state = self._current.state
        return state.newest_unlock, state.newest_wrapped_key

    def _no_way(self, account: Account) -> BitwardenError:
        snapshot = self._current.state.snapshot
        problem = account.login.unlock_problem or (snapshot and snapshot.unlock_problem)
        if problem and not problem.remedy:
            return type(problem)(
                f"The wrapped key of the account cannot be used: {problem.fact}",
                "Check the server's address, and look at the account in the web vault.",
            )
        if problem:
            return problem
        way = way_to_unlock(account, snapshot)
        if way != "master-password":
            return no_password(way)
        return NoWayToUnlock(
            "This account has no master password that could unlock it: the API key says who you "
            "are, only a master password decrypts.",
            "Set one in the web vault, or use a device that your organisation trusts.",
        )
