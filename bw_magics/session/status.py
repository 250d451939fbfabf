"""`Status`: the public status of a vault; nothing in it is secret."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Name = Literal["unauthenticated", "locked", "unlocked"]


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
