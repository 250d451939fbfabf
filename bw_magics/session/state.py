"""`State`: the immutable state of a vault."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from bw_magics.errors import NotLoggedIn, StateError, VaultLocked

if TYPE_CHECKING:
    from bw_magics.session.accounts.account import Account
    from bw_magics.session.deadline import Deadline
    from bw_magics.vault.contents import Contents
    from bw_magics.vault.snapshot import Snapshot

Name = Literal["unauthenticated", "locked", "unlocked"]

NEVER_UNLOCKED = "it was not unlocked yet"
NEVER_LOGGED_IN = "nobody has logged in"


@dataclass(frozen=True, slots=True, repr=False)
class State:
    """What a vault is at one moment. Replaced as a whole, never changed.

    `generation` goes up with every login, lock and logout: work that was begun for an older one
    brings no keys back. `reason` says why it is not unlocked. `checked_at` is when the server
    was last asked for news, in seconds since 1970; `checked_moment` is when that was among all
    answers, whatever the clock says. `security_version` is the highest one of the
    account's signed state that was seen, locked or not (protocol 5.7).
    `writes` counts the changes that were saved from here: a download that began before one of
    them may lack it.
    """

    generation: int = 0
    account: Account | None = None
    snapshot: Snapshot | None = None
    contents: Contents | None = None
    deadline: Deadline | None = None
    reason: str = NEVER_LOGGED_IN
    checked_at: float = 0.0
    checked_moment: int = 0
    security_version: int = 0
    is_unattended: bool = False
    writes: int = 0
    profile: str = ""

    @property
    def name(self) -> Name:
        """One of the three honest states."""
        if self.account is None:
            return "unauthenticated"
        return "locked" if self.contents is None else "unlocked"

    def refusal(self) -> StateError:
        """The error that says which state it is, why, and what to type next."""
        what = f"The vault of profile {self.profile}" if self.profile else "The vault"
        unlock = command("%bw_unlock", self.profile)
        if self.account is None:
            login = command("%bw_login", self.profile)
            return NotLoggedIn(
                f"{what} is logged out: {self.reason}.", f"Next: {login}, then {unlock}."
            )
        return VaultLocked(f"{what} is locked: {self.reason}.", f"Next: {unlock}.")


def command(name: str, profile: str) -> str:
    """Writes a command for the vault of that profile."""
    return f"{name} --profile {profile}" if profile else name
