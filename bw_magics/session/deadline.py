"""When an idle vault locks itself (design 3, "Locking")."""

from __future__ import annotations

import time
from collections.abc import Callable

Clock = Callable[[], float]


class Deadline:
    """The end of an idle time, in wall time: a laptop's sleep counts.

    `timeout` is in seconds; 0 or None means never. Idle is: no use, and nothing held (a running
    cell holds it); `held` is how often it is held from the start.
    """

    __slots__ = ("_clock", "_held", "last_use", "timeout")

    def __init__(self, timeout: float | None, clock: Clock = time.time, *, held: int = 0) -> None:
        self.timeout = timeout or None
        self._clock = clock
        self._held = held
        self.last_use = clock()

    @property
    def at(self) -> float | None:
        """When it is reached if nothing happens, in seconds since 1970; None for never."""
        return None if self.timeout is None else self.last_use + self.timeout

    @property
    def is_past(self) -> bool:
        """Whether it was reached."""
        return (
            self.timeout is not None
            and not self._held
            and self._clock() >= self.last_use + self.timeout
        )

    def touch(self) -> None:
        """Notes a use."""
        self.last_use = self._clock()

    def hold(self) -> None:
        """Keeps it from being reached until `release`."""
        self._held += 1

    def release(self) -> None:
        """Ends one `hold`; the idle time starts now."""
        self._held = max(0, self._held - 1)
        self.touch()
