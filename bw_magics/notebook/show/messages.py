"""One-line messages, and a line about the work that a cell waits for."""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager

from bw_magics.shown import harmless


class Messages:
    """The printed messages: what happened, one line each, without any value of the vault.

    The next line overwrites a line about waiting.
    """

    def __init__(self) -> None:
        self._pending = 0
        self._elsewhere: Callable[[str], None] | None = None

    def say(self, text: str) -> None:
        """Prints a line."""
        self.done()
        print(_printable(text))  # noqa: T201

    def waiting(self, what: str) -> None:
        """Prints what a cell waits for, until `done` or the next line."""
        if self._elsewhere is not None:
            self._elsewhere(what)
            return
        self.done()
        text = _printable(f"… {what}")
        self._pending = len(text)
        print(text, end="\r", flush=True)  # noqa: T201

    def done(self) -> None:
        """Removes the line about waiting."""
        if self._pending:
            print(" " * self._pending, end="\r", flush=True)  # noqa: T201
            self._pending = 0

    @contextmanager
    def elsewhere(self, show: Callable[[str], None]) -> Generator[None]:
        """Passes what a cell waits for to `show` within the block."""
        before, self._elsewhere = self._elsewhere, show
        try:
            yield
        finally:
            self._elsewhere = before


def _printable(text: str) -> str:
    text = harmless(text)
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    return text.encode(encoding, "replace").decode(encoding)
