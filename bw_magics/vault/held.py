"""Where the JSON object of an item comes from, and what stands for one that is lost."""

from __future__ import annotations

from bw_magics.answer import Answer
from bw_magics.errors import Unreadable
from bw_magics.steps import SYNC, Remedy

LOST_PROBLEM = "Its copy in the vault that is kept on this machine is damaged."


class LostRecord(Answer):
    """Stands for the JSON object of an item whose copy on this machine is damaged."""

    __slots__ = ()

    def __init__(self, id: str | None) -> None:
        super().__init__({"id": id or "", "edit": False})

    def require(self, name: str) -> None:
        """Raises `Unreadable`; `name` is the item's."""
        raise Unreadable(
            f"'{name}' cannot be read: {LOST_PROBLEM}", Remedy("Download it again: {}.", SYNC)
        )
