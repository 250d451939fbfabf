"""The one immutable state of a vault, and what is told about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from bw_magics.errors import NotLoggedIn, StateError, VaultLocked

if TYPE_CHECKING:
    from bw_magics.session.account import Account
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
    was last asked for news, in seconds since 1970. `security_version` is the highest one of the
    account's signed state that was seen, locked or not (protocol 5.7).
    """

    generation: int = 0
    account: Account | None = None
    snapshot: Snapshot | None = None
    contents: Contents | None = None
    deadline: Deadline | None = None
    reason: str = NEVER_LOGGED_IN
    checked_at: float = 0.0
    security_version: int = 0
    is_unattended: bool = False

    @property
    def name(self) -> Name:
        """One of the three honest states."""
        if self.account is None:
            return "unauthenticated"
        return "locked" if self.contents is None else "unlocked"

    def refusal(self) -> StateError:
        """The error that says which state it is, why, and what to type next."""
        if self.account is None:
            return NotLoggedIn(
                f"The vault is logged out: {self.reason}.", "Next: %bw_login, then %bw_unlock."
            )
        return VaultLocked(f"The vault is locked: {self.reason}.", "Next: %bw_unlock.")


@dataclass(frozen=True, slots=True)
class Status:
    """What `%bw_status` tells, as data: nothing in it is secret.

    Times are in seconds since 1970. `problem` is what is wrong although the vault works, such
    as a rotated API key.
    """

    state: Name
    reason: str | None = None
    server: str | None = None
    source: str | None = None
    items: int | None = None
    unreadable: int = 0
    synced_at: float | None = None
    is_syncing: bool = False
    locks_at: float | None = None
    problem: str | None = None

    @property
    def next_step(self) -> str | None:
        """The command that leads on, None where none is needed."""
        return {"unauthenticated": "%bw_login", "locked": "%bw_unlock"}.get(self.state)


def clock_time(moment: float) -> str:
    """A time of day for a person: 02:10, with the date where it is not today."""
    then = datetime.fromtimestamp(moment)
    now = datetime.now()
    return then.strftime("%H:%M" if then.date() == now.date() else "%d %B %H:%M")
