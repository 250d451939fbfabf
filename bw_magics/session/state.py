"""`State`: the immutable state of a vault."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from bw_magics.errors import NotLoggedIn, StateError, VaultLocked
from bw_magics.steps import LOG_IN, LOG_IN_WITH_TOKEN, UNLOCK, Remedy

if TYPE_CHECKING:
    from bw_magics.crypto.unlock import MasterPasswordUnlock
    from bw_magics.session.accounts.account import Account
    from bw_magics.session.deadline import Deadline
    from bw_magics.vault.contents import Contents
    from bw_magics.vault.snapshot import Snapshot

Name = Literal["unauthenticated", "locked", "unlocked"]

NEVER_UNLOCKED = "it was not unlocked yet"
NEVER_LOGGED_IN = "nobody has logged in"


class State(NamedTuple):
    """A vault at one moment. Replaced as a whole, never changed.

    `generation` goes up with every login, lock and logout: work that began for an older one brings
    no keys back. `reason` says why it is not unlocked. `checked_at` is when the server was last
    asked for news, in seconds since 1970. `downloaded_moment` is when the snapshot was downloaded,
    in the order of `clock.next_moment`; 0 for one that was kept on this machine. `security_stamp`
    is the account's when the vault was unlocked. `security_version` is the highest one of the
    account's signed state, locked or not. `writes` counts the changes saved from here: a download
    that began before one of them may lack it.
    """

    generation: int = 0
    account: Account | None = None
    snapshot: Snapshot | None = None
    contents: Contents | None = None
    deadline: Deadline | None = None
    reason: str = NEVER_LOGGED_IN
    checked_at: float = 0.0
    downloaded_moment: int = 0
    security_stamp: str | None = None
    security_version: int = 0
    is_unattended: bool = False
    writes: int = 0
    profile: str = ""

    def __repr__(self) -> str:
        return f"<State {self.name}>"

    @property
    def name(self) -> Name:
        """The name of the state."""
        if self.account is None:
            return "unauthenticated"
        return "locked" if self.contents is None else "unlocked"

    @property
    def login_is_newer(self) -> bool:
        """Whether the last login is the newer answer; one that was kept is as old as its vault."""
        account = self.account
        return account is not None and account.logged_in_moment >= self.downloaded_moment

    @property
    def newest_unlock(self) -> MasterPasswordUnlock | None:
        """The wrapped key that the server sent last, with a login or a download."""
        given = self.account.login.unlock if self.account is not None else None
        downloaded = self.snapshot.unlock if self.snapshot is not None else None
        return (given or downloaded) if self.login_is_newer else (downloaded or given)

    @property
    def newest_wrapped_key(self) -> str | None:
        """The user key that a Key Connector's key opens, as the server sent it last."""
        given = self.account.login.wrapped_user_key if self.account is not None else None
        downloaded = self.snapshot.wrapped_user_key if self.snapshot is not None else None
        return (given or downloaded) if self.login_is_newer else (downloaded or given)

    @property
    def newest_stamp(self) -> str | None:
        """The security stamp that the server sent last; None where it sends none."""
        given = self.account.login.security_stamp if self.account is not None else None
        downloaded = self.snapshot.security_stamp if self.snapshot is not None else None
        return (given or downloaded) if self.login_is_newer else (downloaded or given)

    def refusal(self) -> StateError:
        """Makes the error that names the state, its reason, and the next step."""
        what = f"The vault of profile {self.profile}" if self.profile else "The vault"
        unlock = UNLOCK.of(self.profile)
        if self.account is None:
            return NotLoggedIn(
                f"{what} is logged out: {self.reason}.",
                Remedy("Next: {}, then {}.", LOG_IN.of(self.profile), unlock),
            )
        return VaultLocked(f"{what} is locked: {self.reason}.", Remedy("Next: {}.", unlock))


def no_machine() -> NotLoggedIn:
    """Makes the error for a reference to the Secrets Manager while nobody is logged in there."""
    return NotLoggedIn(
        "bws:// names a secret of the Secrets Manager, and nobody is logged in there.",
        Remedy("Next: {}.", LOG_IN_WITH_TOKEN),
    )
