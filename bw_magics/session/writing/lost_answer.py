"""After an answer to a change was lost: a look at the server, before anything else."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

from bw_magics.errors import ServerError, StateError, WriteUnclear

Record = Mapping[str, Any]
Result = TypeVar("Result")


@contextmanager
def looking(lost: WriteUnclear | None) -> Iterator[None]:
    """Raises `WriteUnclear` where the look after a lost answer fails too: "try again" would be
    wrong then. With None the failure itself is raised.
    """
    try:
        yield
    except (ServerError, StateError) as problem:
        if lost is None:
            raise
        unclear = WriteUnclear(
            f"{lost.fact} Looking at the server failed too: {problem.fact}", lost.remedy
        )
        unclear.is_late = lost.is_late
        raise unclear from None


def settled(
    change: Callable[[], Result],
    look: Callable[[], Record],
    is_done: Callable[[Record], bool],
) -> Result | Record:
    """Makes a change that may be made twice. After a lost answer it looks, and makes it again
    only where it was not done.
    """
    try:
        return change()
    except WriteUnclear as lost:
        with looking(lost):
            now = look()
        if is_done(now):
            return now
    return change()
