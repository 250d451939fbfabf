"""The streams of IPython in a terminal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bw_magics.notebook.guard.matcher import Matcher
from bw_magics.notebook.guard.needle import decode, encode
from bw_magics.notebook.guard.passage import is_open
from bw_magics.notebook.guard.stream import Joint
from bw_magics.notebook.guard.withheld import SENTENCE


class TerminalStream:
    """Masks what is written to a stream of Python's.

    It replaces the stream's `write`, so that whoever holds the stream already is covered too.
    What programs write to the terminal themselves does not pass here.
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
        self._joint = Joint(matcher)
        self._original: Any = None
        self.renew()

    @staticmethod
    def fits(stream: object) -> bool:
        """Whether a stream's `write` can be replaced."""
        return hasattr(stream, "__dict__") and hasattr(stream, "write")

    def renew(self) -> None:
        """Replaces `write` again where somebody put it back: IPython does at the end of each cell,
        because it keeps what cells print.
        """
        if self._stream.write != self._write:
            self._original = self._stream.write
            self._stream.write = self._write

    def remove(self) -> None:
        """Takes it away."""
        if self._stream.write == self._write:
            del self._stream.write
            if self._stream.write != self._original:
                self._stream.write = self._original

    def _write(self, text: str) -> int:
        if not isinstance(text, str) or self._matcher.is_empty or is_open():
            return int(self._original(text))
        try:
            data, is_masked = self._joint.feed(encode(text), may_hold=False)
            shown = decode(data)
        except Exception:
            shown, is_masked = SENTENCE + "\n", False
        self._original(shown)
        if is_masked:
            self._on_mask()
        return len(text)
