"""Waits for a condition on a cluster."""

from __future__ import annotations

import time
from collections.abc import Callable

# In seconds.
MOST = 120


def wait_until(is_so: Callable[[], bool]) -> None:
    """Returns once the condition holds, or after two minutes."""
    last = time.monotonic() + MOST
    while not is_so() and time.monotonic() < last:
        time.sleep(0.05)
