"""Retries a login while the server is rate-limiting, up to a limit (`%bw_login --wait`)."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import TypeVar

from bw_magics.errors import RateLimited
from bw_magics.session.background import SLICE, OnWait

Result = TypeVar("Result")

# In seconds: the waits where the server names none, doubled every time up to a minute.
FIRST, LONGEST = 5.0, 60.0

_SAID = "the server asks to wait: {} s left"
_NOT_SAID = "the server did not say how long to wait: next try in {} s"


def patiently(action: Callable[[], Result], *, limit: float, on_wait: OnWait | None) -> Result:
    """Calls `action` until it succeeds, and waits after every `RateLimited`.

    Waits at most `limit` seconds in all, then raises the last `RateLimited`; 0 means no waiting.
    `on_wait` gets the seconds left, every second. A random part is added to every wait, so that
    kernels that were refused together do not retry together.
    """
    started = time.monotonic()
    fallback = FIRST
    while True:
        try:
            return action()
        except RateLimited as busy:
            if limit <= 0:
                raise
            words = _SAID if busy.wait is not None else _NOT_SAID
            asked = busy.wait.total_seconds() if busy.wait is not None else fallback
            fallback = min(LONGEST, fallback * 2)
            pause = asked + random.uniform(0, min(5.0, 0.25 * asked + 0.25))  # noqa: S311
            waited = time.monotonic() - started
            if waited + asked > limit:
                raise RateLimited(
                    f"{busy.fact.rstrip('.')}, also after {waited:.0f} seconds of waiting."
                    if waited >= 1
                    else busy.fact,
                    f"{busy.remedy} That is longer than may be waited here: {limit:.0f} seconds.",
                    wait=busy.wait,
                ) from None
        _count_down(min(pause, limit - waited), words, on_wait)


def _count_down(seconds: float, words: str, on_wait: OnWait | None) -> None:
    """Sleeps in short slices, so that an interrupt gets through at once."""
    end = time.monotonic() + seconds
    shown = -1
    while (left := end - time.monotonic()) > 0:
        whole = int(left) + 1
        if on_wait is not None and whole != shown:
            shown = whole
            on_wait(words.format(whole))
        time.sleep(min(SLICE, left))
