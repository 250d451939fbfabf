"""The result of a route, and how a test tells it to the table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum

from .markers import found

# The name under which pytest's reports carry them.
PROPERTY = "verdicts"

Record = Callable[[str, object], None]
Verdicts = Mapping[str, "Verdict"]


class Verdict(StrEnum):
    """The words of the table."""

    CLEAN = "clean"
    LEAKS = "LEAKS"
    # The guard was off, and nothing came this way: it proves nothing, and is not counted.
    EMPTY = "control empty"
    UNFIT = "not applicable"


def judge(control: str, guarded: str) -> Verdict:
    """What a route let through without the guard and with it."""
    if found(guarded):
        return Verdict.LEAKS
    return Verdict.CLEAN if found(control) else Verdict.EMPTY


def tell(record: Record, column: str, verdicts: Verdicts) -> None:
    """Has the table show them; `record` is pytest's `record_property`."""
    # As plain text: a worker of pytest-xdist sends nothing else.
    record(PROPERTY, (column, {route: str(verdict) for route, verdict in verdicts.items()}))


def named(verdicts: Verdicts, verdict: Verdict) -> list[str]:
    """The routes of which it was said."""
    return [name for name, said in verdicts.items() if said is verdict]
