"""What is being measured just now, on stderr: long work shows that it goes on."""

from __future__ import annotations

import sys
import time

_BEGUN = time.monotonic()


def say(what: str) -> None:
    """One line, with the time since the start."""
    minutes, seconds = divmod(int(time.monotonic() - _BEGUN), 60)
    print(f"[{minutes:2d}:{seconds:02d}] {what}", file=sys.stderr, flush=True)
