"""Choosing the one item that a query means: exact before loose, and never a silent guess."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from bw_magics.vault.field_name import FieldName
from bw_magics.vault.item import Item
from bw_magics.vault.names import normal


class Choice(NamedTuple):
    """The items left by the first step that leaves any, and the step's name.

    One item is the answer; several are a tie. With none, `lacking` is the first item that was
    named but does not hold `what`.
    """

    items: tuple[Item, ...] = ()
    step: str = ""
    lacking: Item | None = None


def anything(item: Item) -> bool:
    """Fits every item."""
    return True


def choose(
    steps: Iterable[tuple[str, list[Item]]],
    what: FieldName,
    fits: Callable[[Item], bool] = anything,
) -> Choice:
    """Chooses among the items that each step names, the strictest step first.

    Skips items that do not fit and items that do not hold `what`.
    """
    lacking: Item | None = None
    for step, named in steps:
        fitting = [item for item in named if fits(item)]
        holding = [item for item in fitting if item.holds(what)]
        # An unreadable item raises its reason when read; it does not compete with a readable one.
        left = holding or [item for item in fitting if item.problem]
        if left:
            return Choice(tuple(left), step)
        lacking = lacking or (fitting[0] if fitting else None)
    return Choice(lacking=lacking)


def paths_to(item: Item) -> list[str]:
    """Returns every path that leads to an item in a reference, in NFC: the shortest of each kind
    first.
    """
    paths = [item.folder, *item.collections, item.organization]
    if item.organization:
        paths += [f"{item.organization}/{collection}" for collection in item.collections]
    return [normal(path) for path in paths if path]
