"""`CurrentState`: the one place where a vault's state is exchanged."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from enum import Enum, auto
from typing import TYPE_CHECKING
from weakref import WeakSet

from bw_magics.errors import StateError, VaultLocked
from bw_magics.session.clock import next_moment
from bw_magics.session.state import NEVER_UNLOCKED, State
from bw_magics.steps import FETCH_AGAIN, Remedy

if TYPE_CHECKING:
    from bw_magics.session.accounts.account import Account
    from bw_magics.session.deadline import Deadline
    from bw_magics.vault.contents import Contents
    from bw_magics.vault.snapshot import Snapshot


class Unlocked(Enum):
    """How an unlock ended.

    Either it is unlocked now, or another thread did it already, or it was locked or logged out
    meanwhile, or a newer snapshot arrived meanwhile.
    """

    NOW = auto()
    ALREADY = auto()
    TOO_LATE = auto()
    OUTDATED = auto()


class CurrentState:
    """A `State` that is exchanged in one assignment.

    Readers take `state` and no lock. Writers hold a lock for the exchange only. Work that began for
    an older generation changes nothing. A forked child starts locked.
    """

    def __init__(self, profile: str = "") -> None:
        self.state = State(profile=profile)
        self.on_fork: Callable[[], None] | None = None
        self.on_lock: Callable[[], None] | None = None
        self.on_unlock: Callable[[], None] | None = None
        self._exchange = threading.Lock()
        _every_one.add(self)

    def account(self) -> Account:
        """Returns the account that is logged in. Raises `NotLoggedIn`."""
        state = self.state
        if state.account is None:
            raise state.refusal()
        return state.account

    def contents(self) -> Contents:
        """Returns the unlocked vault. Raises `NotLoggedIn` and `VaultLocked`."""
        state = self.state
        if state.contents is None:
            raise state.refusal()
        return state.contents

    def log_in(self, account: Account) -> None:
        """Takes an account over; the unlocked vault stays where it is the same user's."""
        with self._exchange:
            old = self.state
            if account.is_same_user(old.account):
                self.state = old._replace(account=account)
                return
            self.state = State(
                generation=old.generation + 1,
                account=account,
                reason=NEVER_UNLOCKED,
                profile=old.profile,
            )

    def note_failure(self, reason: str) -> None:
        """Notes why nobody is logged in; an account that is logged in stays as it is."""
        with self._exchange:
            if self.state.account is None:
                self.state = self.state._replace(reason=reason)

    def take(
        self,
        account: Account,
        seen: State,
        snapshot: Snapshot,
        contents: Contents | None,
        *,
        kept_at: float | None = None,
    ) -> bool:
        """Takes a snapshot of the account over.

        `contents` is that snapshot read with the keys of the state `seen`, None where that was
        locked. Returns False, and takes nothing, where the vault was locked or unlocked since.
        Drops the snapshot where another account, or none, is logged in by now. `kept_at` is when it
        was kept on this machine, in seconds since 1970; None for a download.
        """
        with self._exchange:
            old = self.state
            if old.account is not account:
                return True
            if old.contents is not seen.contents:
                return False
            if kept_at is not None and old.snapshot is not None:
                return True  # a download came first
            self.state = old._replace(
                snapshot=snapshot,
                contents=contents,
                checked_at=time.time() if kept_at is None else kept_at,
                downloaded_moment=next_moment() if kept_at is None else 0,
                security_version=_highest(old, contents),
            )
            return True

    def take_written(self, seen: Contents, snapshot: Snapshot, contents: Contents) -> bool:
        """Takes over `contents`, which hold a change that the server saved; `seen` was read before.

        Returns False, and takes nothing, where the vault was locked or synced since.
        """
        with self._exchange:
            old = self.state
            if old.contents is not seen:
                return False
            self.state = old._replace(snapshot=snapshot, contents=contents, writes=old.writes + 1)
            return True

    def checked(self, account: Account) -> None:
        """Notes that the server was asked just now and had nothing newer."""
        with self._exchange:
            if self.state.account is account:
                self.state = self.state._replace(checked_at=time.time())

    def unlock(
        self, generation: int, contents: Contents, deadline: Deadline, *, is_unattended: bool
    ) -> Unlocked:
        """Takes over the keys, and the snapshot that was read with them."""
        with self._exchange:
            old = self.state
            if old.generation != generation:
                return Unlocked.TOO_LATE
            if old.contents is not None:
                return Unlocked.ALREADY
            if old.snapshot is not contents.snapshot:
                return Unlocked.OUTDATED
            self.state = old._replace(
                contents=contents,
                deadline=deadline,
                reason="",
                security_stamp=old.newest_stamp,
                is_unattended=is_unattended,
                security_version=_highest(old, contents),
            )
        if self.on_unlock is not None:
            self.on_unlock()
        return Unlocked.NOW

    def lock(self, reason: str, *, only: Deadline | None = None) -> bool:
        """Forgets the keys; tells whether there were any. `only` is the deadline that is past."""
        with self._exchange:
            old = self.state
            if old.contents is None or (only is not None and old.deadline is not only):
                return False
            self.state = old._replace(
                generation=old.generation + 1,
                contents=None,
                deadline=None,
                is_unattended=False,
                reason=reason,
            )
        old.contents.forget(self._refusal)
        if self.on_lock is not None:
            self.on_lock()
        if old.account is not None and old.account.ends_with_lock:
            self._leave(reason)
        return True

    def forbid(self) -> None:
        """Ends the work that began for this generation, locked or not."""
        with self._exchange:
            self.state = self.state._replace(generation=self.state.generation + 1)

    def log_out(self, reason: str) -> bool:
        """Forgets keys, snapshot, token and API key; tells whether somebody was logged in."""
        was_logged_in = self.state.account is not None
        self.lock(reason)
        self._leave(reason)
        return was_logged_in

    def _leave(self, reason: str) -> None:
        with self._exchange:
            old = self.state
            self.state = State(generation=old.generation + 1, reason=reason, profile=old.profile)
        if old.account is not None:
            old.account.close()

    def _refusal(self) -> StateError:
        if self.state.contents is None:
            return self.state.refusal()
        return VaultLocked(
            "The vault was locked after this was fetched.",
            Remedy("Fetch it again: {}.", FETCH_AGAIN),
        )

    def _after_fork(self) -> None:
        self._exchange = threading.Lock()
        if self.state.account is not None:
            self.state.account.renew_lock_after_fork()
        if self.on_fork is not None:
            self.on_fork()
        self.lock("this is a forked process, which starts locked")


def _highest(old: State, contents: Contents | None) -> int:
    seen = contents.keys.security_version if contents is not None else 0
    return max(old.security_version, seen)


_every_one: WeakSet[CurrentState] = WeakSet()


def _lock_forked_child() -> None:
    for current in list(_every_one):
        current._after_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_lock_forked_child)
