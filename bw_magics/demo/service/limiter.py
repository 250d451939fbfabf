"""The rate limit of logins, as official servers and Vaultwarden have one (protocol 2.5)."""

from __future__ import annotations

import math
import threading
import time


class Limiter:
    """Lets `burst` requests through at once, and then as many again in every `period` seconds.

    A bucket of tokens that fills evenly: what Vaultwarden does. `tells` is whether a refusal says
    how long to wait (`Retry-After`), which official servers do.
    """

    def __init__(self, burst: int, period: float, *, tells: bool = True) -> None:
        self.tells = tells
        self._burst = float(burst)
        self._rate = burst / period
        self._left = self._burst
        self._at = time.monotonic()
        self._lock = threading.Lock()

    def wait(self) -> float:
        """0 where the request may pass, else in how many seconds the next one may."""
        with self._lock:
            now = time.monotonic()
            self._left = min(self._burst, self._left + (now - self._at) * self._rate)
            self._at = now
            if self._left >= 1:
                self._left -= 1
                return 0.0
            return (1 - self._left) / self._rate

    def headers(self, wait: float) -> dict[str, str]:
        """Those of a refusal: whole seconds, rounded up."""
        return {"Retry-After": str(max(1, math.ceil(wait)))} if self.tells else {}
