"""Dates and times as servers write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

# .NET's smallest and largest moments stand for "never".
_NEVER = (1, 9999)
_MIDNIGHT = ("T24:00:00", " 24:00:00")
_LEAP_SECOND = ":60"
_UTC = ("UTC", "GMT")


def read_moment(text: str | None) -> datetime | None:
    """Returns a date and time with its zone, UTC where none is given; None where it is missing,
    cannot be read, or stands for "never".
    """
    # Programs write small letters, blanks, UTC, 24:00 for the end of a day, and leap seconds.
    text = text and text.strip().upper()
    is_midnight = bool(text and text[10:].startswith(_MIDNIGHT))
    if text and is_midnight:
        text = f"{text[:11]}00{text[13:]}"
    is_leap_second = bool(text and text[16:19] == _LEAP_SECOND)
    if text and is_leap_second:
        text = f"{text[:17]}59{text[19:]}"
    if text and text.endswith(_UTC):
        text = f"{text[:-3].rstrip()}Z"
    try:
        moment = datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    if moment is None or moment.year in _NEVER:
        return None
    moment += timedelta(days=is_midnight, seconds=is_leap_second)
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
