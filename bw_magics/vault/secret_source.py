"""`SecretSource`: the interface of a vault to environment, completion and adapters."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from bw_magics.vault.reference import Reference


class SecretSource(Protocol):
    """A place that secrets come from, such as a vault."""

    def resolve(self, reference: str | Reference) -> object:
        """Returns the value that a reference names, a `Secret` where it is one.

        Raises `UsageMistake` for a malformed reference, `NotFound`, `FieldNotFound`, `Ambiguous`
        and `Unreadable` for one that has no value.
        """

    def names(self) -> Iterable[str]:
        """Returns the names of everything that a reference may name; empty while the source is
        locked.
        """
