"""The errors of changes: refused before anything was sent, in conflict, or with a lost answer.

`errors` shows their place in the tree of all errors, and has all of them.
"""

from __future__ import annotations

from collections.abc import Sequence

from bw_magics.base_error import Advice, BitwardenError


class WriteRefused(BitwardenError):
    """Nothing was sent to the server: the values to write have to change first."""


class MaskRefused(WriteRefused, ValueError):
    """A value to write is the mask that stands for a secret in outputs."""


class TooLong(WriteRefused, ValueError):
    """A value is longer, once encrypted, than the server takes.

    `member` names it; `length` and `limit` count characters of the encrypted text.
    """

    def __init__(
        self, fact: str, remedy: Advice = "", *, member: str = "", length: int = 0, limit: int = 0
    ) -> None:
        super().__init__(fact, remedy)
        self.member, self.length, self.limit = member, length, limit


class NotWritable(WriteRefused):
    """An item, folder or collection that this account or this version must not change."""


class RotationOpen(WriteRefused):
    """A rotation of the item began and did not end: both its values are stored."""


class DatabaseRefused(BitwardenError):
    """A database does not accept a password, or did not change one."""


class WriteConflict(BitwardenError):
    """An item was changed elsewhere since it was read, in members that this change names too.

    `ours` and `theirs` name the members that each side changed. Nothing was overwritten.
    """

    def __init__(
        self,
        fact: str,
        remedy: Advice = "",
        *,
        ours: Sequence[str] = (),
        theirs: Sequence[str] = (),
    ) -> None:
        super().__init__(fact, remedy)
        self.ours, self.theirs = tuple(ours), tuple(theirs)


class WriteUnclear(BitwardenError):
    """The server's answer was lost, or differs from the change: look before you write again.

    `is_late` tells whether the server may still be at it: then a look too early finds nothing.
    """

    is_late = False
