"""`Joint` and `KernelStream`: secrets that reach a stream in several pieces."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable, Iterator
from typing import Any

from bw_magics.matching.matcher import Matcher
from bw_magics.matching.search.needle import ENCODING, decode, encode
from bw_magics.notebook.guard.hooks.passage import is_open
from bw_magics.notebook.guard.hooks.withheld import SENTENCE

# How long the end of a text may be held back as the possible beginning of a secret.
_PATIENCE = 1.0
# Output of so many cells is remembered, for threads that go on printing.
_CELLS = 64


class Searched(str):
    """A text in a kernel's message that its stream has searched already."""

    __slots__ = ()


class Joint:
    """One stream's text, searched across the pieces it comes in.

    A piece that ends like a secret begins is held back in part; `rest` gives it out. `encoding`
    is what a mask has to fit in.
    """

    def __init__(self, matcher: Matcher, encoding: str = ENCODING) -> None:
        self._matcher = matcher
        self._encoding = encoding
        self._sent = b""
        self._held = b""

    @property
    def is_holding(self) -> bool:
        """Whether something is held back."""
        return bool(self._held)

    def feed(self, data: bytes, *, may_hold: bool = True) -> tuple[bytes, bool]:
        """Returns the text to send now, and whether it was masked."""
        begin = len(self._sent)
        data = self._sent + self._held + data
        parts: list[bytes] = []
        done = begin
        is_masked = False
        for found in self._matcher.finds(data, is_whole=False):
            if found.end > begin:
                mask = self._matcher.mask_of(found).encode(self._encoding, "replace")
                parts += (
                    data[done : max(found.start, done)],
                    encode(mask.decode(self._encoding)),
                )
                done = found.end
                is_masked = True
        held = min(self._matcher.begun(data), len(data) - done) if may_hold else 0
        stop = len(data) - held
        parts.append(data[done:stop])
        self._held = data[stop:]
        # Masked text must not be found again together with the next piece.
        self._sent = data[max(done if is_masked else 0, stop - self._matcher.longest) : stop]
        return b"".join(parts), is_masked

    def rest(self) -> bytes:
        """Returns the text that was held back."""
        held, self._held = self._held, b""
        self._sent = (self._sent + held)[-self._matcher.longest :]
        return held


class KernelStream:
    """The hook that joins what a kernel's `OutStream` flushes, for each cell (docs/jupyter.md,
    Streams).
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
        self._joints: dict[str, tuple[dict[str, Any], Joint]] = {}
        # The cells with text held back.
        self.holding: set[str] = set()
        self._lock = threading.RLock()
        self._process = os.getpid()
        self._releases = False
        # Until ipykernel 6.18 a stream had one buffer and one parent.
        self._name = "_flush_buffers" if hasattr(stream, "_flush_buffers") else "_flush_buffer"
        self._original = getattr(stream, self._name)
        self._wrapper = self._many if self._name == "_flush_buffers" else self._one
        setattr(stream, self._name, self._wrapper)

    def watches(self, stream: object) -> bool:
        """Returns whether this object joins that stream."""
        return stream is self._stream

    @staticmethod
    def fits(stream: object) -> bool:
        """Returns whether a stream is a kernel's."""
        return hasattr(stream, "_flush_buffers") or hasattr(stream, "_flush_buffer")

    def remove(self) -> None:
        """Sends what was held back and restores the stream."""
        self.release()
        if self._stream.__dict__.get(self._name) == self._wrapper:
            del self._stream.__dict__[self._name]

    def release(self) -> None:
        """Sends everything that was written, including what is held back."""
        self._stream.flush()
        if self.holding:
            self._releases = True
            self._stream.flush()

    def _many(self) -> Iterator[tuple[dict[str, Any], str]]:
        for parent, text in self._original():
            if shown := self._feed(parent, text):
                yield parent, shown
        if self._releases:
            self._releases = False
            yield from self._held()

    def _one(self) -> str:
        text = self._feed(self._stream.parent_header, self._original() or "")
        if self._releases:
            self._releases = False
            text += "".join(rest for _, rest in self._held())
        return text

    def _held(self) -> Iterator[tuple[dict[str, Any], str]]:
        with self._lock:
            for key, (parent, joint) in list(self._joints.items()):
                if key in self.holding:
                    self.holding.discard(key)
                    yield parent, decode(joint.rest())

    def _feed(self, parent: dict[str, Any], text: str) -> str:
        if not text or self._matcher.is_empty or is_open():
            return text
        try:
            return self._joined(parent, text)
        except Exception:
            return SENTENCE + "\n"

    def _joined(self, parent: dict[str, Any], text: str) -> str:
        # A forked child has no loop that could give out what is held back.
        is_child = os.getpid() != self._process
        if is_child:
            self._lock = threading.RLock()
        with self._lock:
            key = str(parent.get("msg_id"))
            known = self._joints.pop(key, None)
            joint = Joint(self._matcher) if known is None else known[1]
            self._joints[key] = (parent, joint)
            if (too_many := len(self._joints) - _CELLS) > 0:
                # Those of which something is held back are still needed.
                needed = {*self.holding, key}
                for oldest in [each for each in self._joints if each not in needed][:too_many]:
                    self._joints.pop(oldest)
            shown, is_masked = joint.feed(encode(text), may_hold=not is_child)
            if joint.is_holding:
                self.holding.add(key)
                self._release_later()
            else:
                self.holding.discard(key)
        if is_masked:
            self._on_mask()
        return Searched(decode(shown))

    def _release_later(self) -> None:
        def release() -> None:
            self._releases = True
            self._stream._flush()

        stream = self._stream
        with contextlib.suppress(AttributeError):  # The stream was closed meanwhile.
            stream.pub_thread.schedule(lambda: stream._io_loop.call_later(_PATIENCE, release))
