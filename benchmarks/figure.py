"""`Figure`: one thing that was measured, with the goal that it has to reach."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

Unit = Literal["×", "s", "ms", "µs", "MB", ""]

_VERDICTS = {None: "", True: "yes", False: "**no**"}


@dataclass(frozen=True, slots=True)
class Goal:
    """A limit: at least, or at most."""

    limit: float
    is_least: bool = False

    def is_met(self, value: float) -> bool:
        """Whether a value reaches it; the limit itself does."""
        return value >= self.limit if self.is_least else value <= self.limit


def at_least(limit: float) -> Goal:
    """A goal that is met by this and more."""
    return Goal(limit, is_least=True)


def at_most(limit: float) -> Goal:
    """A goal that is met by this and less."""
    return Goal(limit)


@dataclass(frozen=True, slots=True)
class Figure:
    """`value` is what is reported of the `samples`, usually their median. `items` is the size of
    the vault, None where there is none. One without a goal is shown for what it is.
    """

    what: str
    value: float
    unit: Unit
    items: int | None = None
    goal: Goal | None = None
    samples: Sequence[float] = field(default=())

    @property
    def is_met(self) -> bool | None:
        """Whether the goal is reached; None without a goal."""
        return None if self.goal is None else self.goal.is_met(self.value)

    @property
    def row(self) -> list[str]:
        """What, items, measured, goal, met."""
        goal = ""
        if self.goal is not None:
            sign = "≥" if self.goal.is_least else "≤"
            goal = f"{sign} {shown(self.goal.limit, self.unit)}"
        return [
            self.what,
            "" if self.items is None else f"{self.items:,}",
            shown(self.value, self.unit),
            goal,
            _VERDICTS[self.is_met],
        ]

    def as_json(self) -> dict[str, Any]:
        """The same for programs."""
        return {
            "what": self.what,
            "items": self.items,
            "value": self.value,
            "unit": self.unit,
            "goal": self.row[3],
            "is_met": self.is_met,
            "samples": list(self.samples),
        }


@dataclass(frozen=True, slots=True)
class Told:
    """A figure that came as text and was judged where it was measured."""

    what: str
    measured: str
    goal: str
    is_met: bool | None
    items: int | None = None

    @property
    def row(self) -> list[str]:
        """What, no items, measured, goal, met."""
        return [self.what, "", self.measured, self.goal, _VERDICTS[self.is_met]]

    def as_json(self) -> dict[str, Any]:
        """The same for programs."""
        return {
            "what": self.what,
            "items": None,
            "measured": self.measured,
            "goal": self.goal,
            "is_met": self.is_met,
        }


def shown(value: float, unit: Unit) -> str:
    """A value with its unit."""
    return f"{digits(value)} {unit}".rstrip()


def digits(value: float) -> str:
    """A value in about three digits that count, without an exponent; whole numbers as they are."""
    size = abs(value)
    if value == round(value) or size >= 100:
        return f"{value:,.0f}"
    decimals = 1 if size >= 10 else 2 if size >= 0.1 else 3
    return f"{value:.{decimals}f}"
