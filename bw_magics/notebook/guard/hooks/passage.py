"""The one way past the guard: for a value that is shown on purpose."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar

_IS_OPEN = ContextVar("bw_magics_passage_is_open", default=False)


@contextlib.contextmanager
def letting_through() -> Iterator[None]:
    """Inside, what this thread sends or writes is not masked."""
    token = _IS_OPEN.set(True)
    try:
        yield
    finally:
        _IS_OPEN.reset(token)


def is_open() -> bool:
    """Whether that is the case now."""
    return _IS_OPEN.get()
