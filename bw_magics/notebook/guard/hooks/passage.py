"""`letting_through`: the only way past the guard, for values that are shown on purpose."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar

_IS_OPEN = ContextVar("bw_magics_passage_is_open", default=False)


@contextlib.contextmanager
def letting_through() -> Iterator[None]:
    """Lets this thread's output pass unmasked inside the `with` block."""
    token = _IS_OPEN.set(True)
    try:
        yield
    finally:
        _IS_OPEN.reset(token)


def is_open() -> bool:
    """Returns whether this thread's output passes unmasked now."""
    return _IS_OPEN.get()
