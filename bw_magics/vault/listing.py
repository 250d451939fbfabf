"""`Items`: a list of items that shows itself as a short table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bw_magics.shown import one_line, told_apart
from bw_magics.vault.item import Item

_MOST = 20
_MOST_NAMED = 3


class Items(list[Item]):
    """The items of a vault. Its repr is a table of names, types and folders, without any value.

    `not_compared` names the items whose regular expression would have taken too long to compare
    with a URL: whether they are for it is not known.
    """

    def __init__(self, items: Iterable[Item] = (), *, not_compared: Sequence[str] = ()) -> None:
        super().__init__(items)
        self.not_compared = tuple(not_compared)

    @property
    def remark(self) -> str:
        """A sentence about the items that were not compared; empty if all were."""
        return left_out(self.not_compared)

    def __repr__(self) -> str:
        rows = [(item.type, item.folder or "") for item in self[:_MOST]]
        names = told_apart([item.name for item in self[:_MOST]])
        lines = [
            " · ".join(filter(None, (name, *row))) for name, row in zip(names, rows, strict=True)
        ]
        more = f", the first {_MOST} shown" if len(self) > _MOST else ""
        count = "1 item" if len(self) == 1 else f"{len(self)} items"
        return "\n".join([*lines, f"{count}{more}", *filter(None, [self.remark])])


def left_out(names: Sequence[str]) -> str:
    """Returns a sentence about items whose regular expression takes too long; empty without any."""
    if not names:
        return ""
    shown = ", ".join(f"'{one_line(name)}'" for name in names[:_MOST_NAMED])
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return f"Not compared: {shown}{more}. The regular expression in the URI takes too long."
