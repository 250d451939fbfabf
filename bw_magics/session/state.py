"""The one immutable state of a vault, and what is told about it."""

from __future__ import annotations

import itertools
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


_moments = itertools.count(1)


def next_moment() -> int:
    """A number above all earlier ones: which of two answers came later, by no clock."""
    return next(_moments)


@dataclass(frozen=True, slots=True, repr=False)
class State:
    """What a vault is at one moment. Replaced as a whole, never changed.

    `generation` goes up with every login, lock and logout: work that was begun for an older one
    brings no keys back. `reason` says why it is not unlocked. `checked_at` is when the server
    was last asked for news, in seconds since 1970; `checked_moment` is when that was among all
    answers, whatever the clock says. `security_version` is the highest one of the
    account's signed state that was seen, locked or not (protocol 5.7).
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
    profile: str = ""

    @property
    def next_step(self) -> str | None:
        """The command that leads on, None where none is needed."""
        name = {"unauthenticated": "%bw_login", "locked": "%bw_unlock"}.get(self.state)
        return name and command(name, self.profile)


def command(name: str, profile: str) -> str:
    """A command for the vault of that profile."""
    return f"{name} --profile {profile}" if profile else name


def clock_time(moment: float) -> str:
    """A time of day for a person: 02:10, with the date where it is not today."""
    then = datetime.fromtimestamp(moment)
    now = datetime.now()
    return then.strftime("%H:%M" if then.date() == now.date() else "%d %B %H:%M")
