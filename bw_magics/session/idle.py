"""`IdleLock`: locks a vault after an idle time."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from bw_magics.session.clock import Clock, clock_time
from bw_magics.session.deadline import Deadline

if TYPE_CHECKING:
    from bw_magics.session.current import CurrentState


class IdleLock:
    """The idle time of a vault. A use that may last, such as a running cell, holds it open."""

    def __init__(self, current: CurrentState, *, held: int = 0) -> None:
        self.clock: Clock = time.time
        self.held = held
        self._current = current

    def deadline(self, timeout: float) -> Deadline:
        """Begins an idle time of so many seconds; 0 is never."""
        return Deadline(timeout, self.clock, held=self.held)

    def change(self, timeout: float) -> None:
        """Gives the unlocked vault another idle time, from now on; 0 is never."""
        deadline = self._current.state.deadline
        if deadline is not None:
            deadline.change(timeout)

    def check(self) -> None:
        """Locks the vault where its idle time is over."""
        deadline = self._current.state.deadline
        if deadline is not None and deadline.is_past:
            self._current.lock(f"it was idle since {clock_time(deadline.last_use)}", only=deadline)

    def touch(self) -> bool:
        """Notes a use of the unlocked vault; False where there is nothing to use any more."""
        deadline = self._current.state.deadline
        if deadline is None:
            return False
        if deadline.is_past:
            self.check()
            return False
        deadline.touch()
        return True

    def hold(self) -> str | None:
        """Begins a use that may last. Returns why the vault is locked if it locked itself just now,
        else None.
        """
        was_unlocked = self._current.state.contents is not None
        self.check()
        state = self._current.state
        self.held += 1
        if state.deadline is not None:
            state.deadline.hold()
        return state.reason if was_unlocked and state.contents is None else None

    def release(self) -> None:
        """Ends what `hold` began."""
        self.held = max(0, self.held - 1)
        deadline = self._current.state.deadline
        if deadline is not None:
            deadline.release()
