"""Dates and times as servers write them."""

from __future__ import annotations

from datetime import UTC, datetime

# .NET's smallest and largest moments stand for "never".
_NEVER = (1, 9999)


def read_moment(text: str | None) -> datetime | None:
    """Returns a date and time with its zone, UTC where none is given; None where it is missing,
    cannot be read, or stands for "never".
    """
    try:
        moment = datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    if moment is None or moment.year in _NEVER:
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
