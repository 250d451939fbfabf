"""The rate limit of logins, which official servers and Vaultwarden have."""

from __future__ import annotations

import math
import threading
import time


class Limiter:
    """A rate limit of `burst` requests at once, and as many again in every `period` seconds.

    It is a token bucket that fills evenly, like Vaultwarden's. With `tells`, a refusal names the
    seconds to wait (`Retry-After`), like an official server's.
    """

    def __init__(self, burst: int, period: float, *, tells: bool = True) -> None:
        self.tells = tells
        self._burst = float(burst)
        self._rate = burst / period
        self._left = self._burst
        self._at = time.monotonic()
        self._lock = threading.Lock()

    def wait(self) -> float:
        """Returns 0 if the request may pass, else the seconds until the next one may."""
        with self._lock:
            now = time.monotonic()
            self._left = min(self._burst, self._left + (now - self._at) * self._rate)
            self._at = now
            if self._left >= 1:
                self._left -= 1
                return 0.0
            return (1 - self._left) / self._rate

    def headers(self, wait: float) -> dict[str, str]:
        """Returns the headers of a refusal: whole seconds, rounded up."""
        return {"Retry-After": str(max(1, math.ceil(wait)))} if self.tells else {}
