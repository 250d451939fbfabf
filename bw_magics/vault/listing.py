"""`Items`: a list of items that shows itself as a short table."""

from __future__ import annotations

from bw_magics.shown import told_apart
from bw_magics.vault.item import Item

_MOST = 20


class Items(list[Item]):
    """The items of a vault. Its repr is a table of names, types and folders, without any value."""

    def __repr__(self) -> str:
        rows = [(item.type, item.folder or "") for item in self[:_MOST]]
        names = told_apart([item.name for item in self[:_MOST]])
        lines = [
            " · ".join(filter(None, (name, *row))) for name, row in zip(names, rows, strict=True)
        ]
        more = f", the first {_MOST} shown" if len(self) > _MOST else ""
        count = "1 item" if len(self) == 1 else f"{len(self)} items"
        return "\n".join([*lines, f"{count}{more}"])
