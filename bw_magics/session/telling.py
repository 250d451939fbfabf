"""`Telling`: what a vault says of itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bw_magics.session.status import Status
from bw_magics.session.store import Store

if TYPE_CHECKING:
    from bw_magics.session.accounts.key_connector import WayToUnlock

OFFLINE = (
    "The server cannot be reached: the vault is the one that was kept on this machine, read only. "
    "It is asked again with every sync."
)


class Telling(Store):
    """The state of a vault, its server, and what its account asks for; nothing in it is secret."""

    def _lock_if_idle(self) -> None:
        raise NotImplementedError

    @property
    def is_offline(self) -> bool:
        """Whether the server could not be reached since the login, so that the vault is the one
        that was kept on this machine.
        """
        account = self._current.state.account
        return account is not None and account.is_offline

    @property
    def status(self) -> Status:
        """The state, why, and what to do next; notices an idle vault."""
        self._lock_if_idle()
        state = self._current.state
        if state.account is None:
            return Status(state.name, reason=state.reason, profile=self.profile_name)
        problem = state.account.problem or self._sync.problem
        contents = state.contents
        remark = str(problem) if problem is not None else self._sync.cache_problem
        if state.account.is_offline:
            remark = OFFLINE
        if remark is None and contents is not None and not contents.keys.is_verified:
            from bw_magics.session.security import NOT_VERIFIED

            remark = NOT_VERIFIED
        return Status(
            state.name,
            reason=state.reason or None,
            server=state.account.server.name,
            source=state.account.source,
            items=len(contents) if contents is not None else None,
            unreadable=contents.unreadable if contents is not None else 0,
            synced_at=state.checked_at or None,
            is_syncing=self._sync.is_running,
            locks_at=state.deadline.at if state.deadline is not None else None,
            problem=remark,
            profile=self.profile_name,
        )

    def server_software(self, *, patience: float = 1.0) -> str | None:
        """What the server says it is, such as `Bitwarden 2026.8.0`; None while logged out, where
        it does not say, and where that takes longer than `patience` seconds.
        """
        account = self._current.state.account
        return account.software(patience) if account is not None else None

    @property
    def way_to_unlock(self) -> WayToUnlock:
        """What unlocks the account that is logged in: a master password, a Key Connector, or
        nothing that can be used here.
        """
        from bw_magics.session.accounts.key_connector import way_to_unlock

        return way_to_unlock(self._account(), self._current.state.snapshot)

    @property
    def must_change_password(self) -> bool:
        """Whether the server asks for a new master password."""
        account = self._current.state.account
        return account is not None and account.login.force_password_reset
