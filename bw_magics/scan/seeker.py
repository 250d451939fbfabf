"""`Seeker`: finds values in bytes, whichever way it knows them."""

from __future__ import annotations

from typing import NamedTuple, Protocol


class Match(NamedTuple):
    """The place of a value in a text, and the names of the fields that have it."""

    start: int
    end: int
    labels: tuple[str, ...]


class Seeker(Protocol):
    """Something that knows values, in the clear or not."""

    @property
    def count(self) -> int:
        """How many values are searched for."""

    @property
    def reach(self) -> int:
        """How many bytes a value can take at most: pieces of a file overlap by so many."""

    def may_hold(self, data: bytes, *, is_joined: bool = False) -> bool:
        """Returns whether a value may be in there: quick, and never a false no.

        `is_joined` where it consists of several texts that `matches` gets one by one.
        """

    def matches(self, data: bytes, *, is_html: bool = False) -> list[Match]:
        """Returns every place of a value, in order."""
