"""`ByName`: values that are found by their names, and listed as a whole."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from typing import Generic, TypeVar

from bw_magics.errors import Ambiguous, NotFound

Value = TypeVar("Value")


class ByName(Generic[Value]):
    """A source of values: `source[name]` finds one, a loop has all, `in` takes a name or a value.

    Where the values cannot be read, each of these raises the error that names the next step.
    """

    __slots__ = ()

    @abstractmethod
    def __getitem__(self, name: str) -> Value:
        """Returns the value of exactly that name or id; `NotFound` is a `KeyError`."""

    @abstractmethod
    def __iter__(self) -> Iterator[Value]:
        """Yields every value."""

    def __contains__(self, name: object) -> bool:
        """Returns whether a name or id, or a value, is here. Several of a name are here, too."""
        wanted = name if isinstance(name, str) else getattr(name, "id", None)
        if not isinstance(wanted, str):
            return any(name is each for each in self)
        try:
            self[wanted]
        except NotFound:
            return False
        except Ambiguous:
            pass
        return True

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __bool__(self) -> bool:
        # It is there, however many values it has, and while they cannot be read.
        return True
