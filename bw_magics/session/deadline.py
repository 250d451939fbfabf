"""`Deadline`: the time at which an idle vault locks itself."""

from __future__ import annotations

import time

from bw_magics.session.clock import Clock


class Deadline:
    """The end of an idle time, in wall time: a laptop's sleep counts.

    A clock that is set back does not prolong it: `ticks` counts on, and the longer of both times
    counts. `timeout` is in seconds; 0 or None is never. Idle means: no use, and nothing held (a
    running cell holds it). `held` is how often it is held from the start.
    """

    __slots__ = ("_clock", "_held", "_tick", "_ticks", "last_use", "timeout")

    def __init__(
        self,
        timeout: float | None,
        clock: Clock = time.time,
        *,
        held: int = 0,
        ticks: Clock = time.monotonic,
    ) -> None:
        self.timeout = timeout or None
        self._clock = clock
        self._held = held
        self._ticks = ticks
        self.last_use, self._tick = clock(), ticks()

    @property
    def at(self) -> float | None:
        """The time of the lock if nothing uses the vault, in seconds since 1970; None for never."""
        return None if self.timeout is None else self.last_use + self.timeout

    @property
    def is_past(self) -> bool:
        """Whether it was reached."""
        if self.timeout is None or self._held:
            return False
        return max(self._clock() - self.last_use, self._ticks() - self._tick) >= self.timeout

    def touch(self) -> None:
        """Notes a use."""
        self.last_use, self._tick = self._clock(), self._ticks()

    def change(self, timeout: float) -> None:
        """Begins another idle time."""
        self.touch()
        self.timeout = timeout or None

    def hold(self) -> None:
        """Keeps it from being reached until `release`."""
        self._held += 1

    def release(self) -> None:
        """Ends one `hold`; the idle time starts now."""
        self._held = max(0, self._held - 1)
        self.touch()
