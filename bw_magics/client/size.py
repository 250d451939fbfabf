"""Sizes in words for a person."""

from __future__ import annotations

_UNITS = ("bytes", "KiB", "MiB", "GiB")
_STEP = 1024


def size_in_words(size: int) -> str:
    """Returns a size in the unit that fits it: `35 bytes`, `3.4 MiB`."""
    unit = _unit(size)
    return f"{_number(size, unit)} {_name(size, unit)}"


def progress_in_words(done: int, size: int | None) -> str:
    """Returns how much of a transfer is done, `size` being None or 0 where that is not known."""
    if not size:
        return size_in_words(done)
    unit = _unit(size)
    return f"{_number(done, unit)} of {_number(size, unit)} {_name(size, unit)}"


def _unit(size: int) -> int:
    unit = 0
    # 1023.96 KiB would be shown as 1024.0.
    while unit + 1 < len(_UNITS) and round(size / _STEP**unit, 1 if unit else 0) >= _STEP:
        unit += 1
    return unit


def _name(size: int, unit: int) -> str:
    return "byte" if size == 1 else _UNITS[unit]


def _number(size: int, unit: int) -> str:
    return f"{size / _STEP**unit:.1f}".removesuffix(".0") if unit else str(size)
