"""How one custom field among several is named: `NAME`, then `NAME#2` for the next of that name."""

from __future__ import annotations

import re
from collections.abc import Iterable

from bw_magics.lean_regex import regex
from bw_magics.vault.names import normal

_NUMBERED = regex(r"(.*)#([0-9]{1,6})", re.DOTALL)


def field_labels(names: Iterable[str]) -> list[str]:
    """Returns a label for each of several names, all of them different; `labelled` reads them."""
    all = [*map(normal, names)]
    found: list[str] = []
    for index, name in enumerate(all):
        number = str(all[:index].count(name) + 1)
        label = name
        while number != "1" and (label == name or label in all):
            # A field may be called `NAME#2` itself: then the number gets a zero before it.
            label, number = f"{name}#{number}", f"0{number}"
        found.append(label)
    return found


def labelled(names: Iterable[str | None], label: str) -> int | None:
    """Returns the index of the name that a label means; an exact name comes before a number.

    A name of None, one that cannot be read, has no label.
    """
    all = [None if name is None else normal(name) for name in names]
    wanted, number = normal(label), 1
    if wanted not in all and (found := _NUMBERED.fullmatch(wanted)):
        wanted, number = found[1], int(found[2])
    indexes = [index for index, name in enumerate(all) if name == wanted]
    return indexes[number - 1] if 0 < number <= len(indexes) else None
