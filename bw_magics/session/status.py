"""`Status`: the public status of a vault; nothing in it is secret."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bw_magics.session.state import Name, State
from bw_magics.steps import LOG_IN, UNLOCK

if TYPE_CHECKING:
    from bw_magics.session.sync import Sync
    from bw_magics.vault.snapshot import Snapshot

OFFLINE = (
    "The server cannot be reached: the vault is the one that was kept on this machine, read only. "
    "It is asked again with every sync."
)

DAMAGED = (
    "A part of the vault that is kept on this machine is damaged: some items cannot be read until "
    "it is downloaded again."
)
# From this part of a ceiling on, the status says how near it is.
_NEAR = 0.8


@dataclass(frozen=True, slots=True)
class Status:
    """The data that `%bw_status` shows.

    Times are in seconds since 1970. `problem` is what is wrong although the vault works, such
    as a rotated API key. `is_unconfirmed` says that the vault is the one kept on this machine and
    that the server has not answered yet; `synced_at` is its age then.
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
    is_unconfirmed: bool = False

    @property
    def next_step(self) -> str | None:
        """The next step, as a magic in a notebook and a call elsewhere; None where unlocked."""
        step = {"unauthenticated": LOG_IN, "locked": UNLOCK}.get(self.state)
        return str(step.of(self.profile)) if step is not None else None


def read_status(state: State, sync: Sync) -> Status:
    """Reads the status off a state and its sync."""
    account, contents = state.account, state.contents
    if account is None:
        return Status(state.name, reason=state.reason, profile=state.profile)
    return Status(
        state.name,
        reason=state.reason or None,
        server=account.server.name,
        source=account.source,
        items=len(contents) if contents is not None else None,
        unreadable=contents.unreadable if contents is not None else 0,
        synced_at=state.checked_at or None,
        is_syncing=sync.is_running,
        locks_at=state.deadline.at if state.deadline is not None else None,
        problem=_problem(state, sync),
        profile=state.profile,
        is_unconfirmed=sync.is_unconfirmed,
    )


def _problem(state: State, sync: Sync) -> str | None:
    """Returns the most serious problem."""
    account, contents = state.account, state.contents
    if account is not None and account.is_offline:
        return OFFLINE
    problem = (account.problem if account is not None else None) or sync.problem
    if problem is not None:
        return str(problem)
    if contents is not None and contents.snapshot.is_damaged:
        return DAMAGED
    if state.snapshot is not None and (near := _near_a_ceiling(state.snapshot)):
        return near
    if sync.cache_problem is None and contents is not None and not contents.keys.is_verified:
        from bw_magics.session.security import NOT_VERIFIED

        return NOT_VERIFIED
    return sync.cache_problem


def _near_a_ceiling(snapshot: Snapshot) -> str | None:
    """Tells how near the vault is to what can be downloaded; None where it is far from it."""
    from bw_magics.client.body import MIB
    from bw_magics.client.size import size_in_words
    from bw_magics.client.transport import SYNC_CEILING
    from bw_magics.vault.snapshot import MOST_ITEMS

    items = len(snapshot.records)
    size = 0 if snapshot.kept is not None else len(snapshot.body or b"")
    if max(items / MOST_ITEMS, size / SYNC_CEILING) < _NEAR:
        return None
    # Of a vault in a file, only the number of items is known.
    within = f" in {size_in_words(size)}" if size else ""
    return (
        f"The vault has {items:,} items{within}. Above {MOST_ITEMS:,} items or "
        f"{SYNC_CEILING // MIB:,} MiB it cannot be opened here: move items to another account."
    )
