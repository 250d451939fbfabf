"""`Figure`: one thing that was measured, with the goal that it has to reach."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

Unit = Literal["×", "s", "ms", "µs", "MB", ""]


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
            {None: "", True: "yes", False: "**no**"}[self.is_met],
        ]


def shown(value: float, unit: Unit) -> str:
    """A value with its unit, in three digits or so; a ratio near one in two decimals."""
    if value and abs(value) < 10 and value != round(value):
        # Three digits that count, but not more decimals than anybody reads.
        text = f"{value:.2f}" if abs(value) >= 0.1 else f"{value:.3f}"
    elif abs(value) < 100 and value != round(value):
        text = f"{value:.1f}"
    else:
        text = f"{value:,.0f}"
    return f"{text} {unit}".rstrip()
