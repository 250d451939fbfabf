"""`TerminalStream`: masks the standard streams of IPython in a terminal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bw_magics.matching.matcher import Matcher
from bw_magics.matching.search.needle import ENCODING, decode, encode
from bw_magics.notebook.guard.hooks.passage import is_open, letting_through
from bw_magics.notebook.guard.hooks.stream import Joint
from bw_magics.notebook.guard.hooks.withheld import SENTENCE


class TerminalStream:
    """The hook that masks what is written to a stream of Python's.

    It replaces the stream's `write`, which also covers code that already holds the stream.
    Output that other programs write to the terminal does not pass here.
    """

    def __init__(
        self,
        stream: Any,
        matcher: Matcher,
        *,
        on_mask: Callable[[], None],
    ) -> None:
        self._stream = stream
        self._matcher = matcher
        self._on_mask = on_mask
        self._joint = Joint(matcher, getattr(stream, "encoding", None) or ENCODING)
        self._is_removed = False
        self._first = self._last = self._put()

    @staticmethod
    def fits(stream: object) -> bool:
        """Returns whether a stream's `write` can be replaced."""
        return hasattr(stream, "__dict__") and hasattr(stream, "write")

    def renew(self) -> None:
        """Replaces `write` again where other code has replaced it.

        IPython does so for the length of each cell, because it keeps what cells print.
        """
        if self._stream.write not in (self._first, self._last):
            self._last = self._put()

    def remove(self) -> None:
        """Restores `write`. Where another `write` has replaced it since, lets everything pass."""
        self._is_removed = True
        write = self._stream.write
        if isinstance(write, _Write) and write in (self._first, self._last):
            del self._stream.write
            if self._stream.write != write.original:
                self._stream.write = write.original

    def show(self, text: str, original: Callable[[str], Any]) -> Any:
        """Writes a text, masked; returns how many characters of it were written. Where nothing is
        masked, returns what the stream does: some return None.
        """
        if self._is_removed or not isinstance(text, str) or self._matcher.is_empty or is_open():
            return original(text)
        try:
            data, is_masked = self._joint.feed(encode(text), may_hold=False)
            shown = decode(data)
        except Exception:
            shown, is_masked = SENTENCE + "\n", False
        # The inner `write` may lead here again: IPython's own `write` to the one that it replaced.
        with letting_through():
            original(shown)
        if is_masked:
            self._on_mask()
        return len(text)

    def _put(self) -> _Write:
        write = self._stream.write = _Write(self, self._stream.write)
        return write


class _Write:
    """A `write` in the place of another one."""

    __slots__ = ("_tap", "original")

    def __init__(self, tap: TerminalStream, original: Callable[[str], Any]) -> None:
        self._tap = tap
        self.original = original

    def __call__(self, text: str) -> Any:
        return self._tap.show(text, self.original)
