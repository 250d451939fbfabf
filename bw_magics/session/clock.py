"""The clocks of a session: wall time, a time of day for a person, and an order without a clock."""

from __future__ import annotations

import itertools
from collections.abc import Callable

Clock = Callable[[], float]

_moments = itertools.count(1)


def next_moment() -> int:
    """Returns a number above all earlier ones: it orders answers independently of the clock."""
    return next(_moments)


def clock_time(moment: float) -> str:
    """Formats a time of day for a person: 02:10, with the date where it is not today."""
    from datetime import datetime

    then = datetime.fromtimestamp(moment)
    now = datetime.now()
    return then.strftime("%H:%M" if then.date() == now.date() else "%d %B %H:%M")
