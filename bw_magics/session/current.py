"""`CurrentState`: the one place where a vault's state is exchanged."""

from __future__ import annotations

import os
import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

from bw_magics.errors import StateError, VaultLocked
from bw_magics.session.state import NEVER_UNLOCKED, State

if TYPE_CHECKING:
    from bw_magics.session.account import Account
    from bw_magics.session.deadline import Deadline
    from bw_magics.vault.contents import Contents
    from bw_magics.vault.snapshot import Snapshot


class CurrentState:
    """Holds a `State` and exchanges it in one assignment.

    Readers take `state` and no lock. Writers exchange under a lock that is held for the exchange
    only; what was begun for an older generation changes nothing any more. A forked child starts
    locked.
    """

    def __init__(self) -> None:
        self.state = State()
        self._exchange = threading.Lock()
        _every_one.add(self)

    def log_in(self, account: Account) -> None:
        """An account is logged in; of an earlier one of the same user nothing but its unlocked
        vault stays.
        """
        with self._exchange:
            old = self.state
            if old.account is not None and old.account.client_id == account.client_id:
                self.state = replace(old, account=account)
                return
            self.state = State(
                generation=old.generation + 1, account=account, reason=NEVER_UNLOCKED
            )

    def take(
        self, account: Account, generation: int, snapshot: Snapshot, contents: Contents | None
    ) -> None:
        """A newer snapshot of the account arrived, with its contents if the vault was unlocked.

        The snapshot is dropped where another account is logged in meanwhile, the contents where
        the vault was locked meanwhile.
        """
        with self._exchange:
            old = self.state
            if old.account is None or old.account.client_id != account.client_id:
                return
            changes: dict[str, Any] = {"snapshot": snapshot, "checked_at": time.time()}
            if contents is not None and old.generation == generation:
                changes["contents"] = contents
            self.state = replace(old, **changes)

    def checked(self, account: Account) -> None:
        """The server was asked and had nothing newer."""
        with self._exchange:
            if self.state.account is account:
                self.state = replace(self.state, checked_at=time.time())

    def unlock(
        self, generation: int, contents: Contents, deadline: Deadline, *, is_unattended: bool
    ) -> bool:
        """The keys are there; False where the vault was locked or logged out meanwhile."""
        with self._exchange:
            if self.state.generation != generation:
                return False
            self.state = replace(
                self.state,
                contents=contents,
                deadline=deadline,
                reason="",
                is_unattended=is_unattended,
            )
            return True

    def lock(self, reason: str, *, only: Deadline | None = None) -> bool:
        """Forgets the keys; whether there were any. `only` is the deadline that was seen past."""
        with self._exchange:
            old = self.state
            if old.contents is None or (only is not None and old.deadline is not only):
                return False
            self.state = replace(
                old,
                generation=old.generation + 1,
                contents=None,
                deadline=None,
                is_unattended=False,
                reason=reason,
            )
        old.contents.keys.forget(self._refusal)
        return True

    def forbid(self) -> None:
        """Ends work that was begun for this generation, locked or not."""
        with self._exchange:
            self.state = replace(self.state, generation=self.state.generation + 1)

    def log_out(self, reason: str) -> bool:
        """Forgets keys, snapshot, token and API key; whether somebody was logged in."""
        self.lock(reason)
        with self._exchange:
            old = self.state
            self.state = State(generation=old.generation + 1, reason=reason)
        if old.account is None:
            return False
        old.account.close()
        return True

    def _refusal(self) -> StateError:
        if self.state.contents is None:
            return self.state.refusal()
        return VaultLocked(
            "The vault was locked after this was fetched.", "Fetch it again from bw_session."
        )

    def _after_fork(self) -> None:
        self._exchange = threading.Lock()
        if self.state.account is not None:
            self.state.account.renew_lock_after_fork()
        self.lock("this is a forked process, which starts locked")


_every_one: WeakSet[CurrentState] = WeakSet()


def _lock_forked_child() -> None:
    for current in list(_every_one):
        current._after_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_lock_forked_child)
