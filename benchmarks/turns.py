"""Contestants measured in turns, so that other load on the machine affects all."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from benchmarks.figure import digits

Taken = TypeVar("Taken")


def in_turns(
    contestants: Mapping[str, Callable[[], Taken]],
    repeat: int,
    *,
    on_turn: Callable[[int], None] = lambda turn: None,
) -> dict[str, list[Taken]]:
    """What each gave in each turn. Every turn begins with another one."""
    names = list(contestants)
    taken: dict[str, list[Taken]] = {name: [] for name in names}
    for turn in range(repeat):
        on_turn(turn)
        first = turn % len(names)
        for name in names[first:] + names[:first]:
            taken[name].append(contestants[name]())
    return taken


def ratios(slower: Sequence[float], faster: Sequence[float]) -> list[float]:
    """How many times as long one took as the other, turn by turn."""
    return [a / b for a, b in zip(slower, faster, strict=True)]


def spread(values: Sequence[float]) -> str:
    """The median and, in brackets, the least and the most."""
    least, most = digits(min(values)), digits(max(values))
    return f"{digits(statistics.median(values))} ({least} to {most})"
