"""`ServerLog`: masks the texts that a kernel copies into the log of its server."""

from __future__ import annotations

import contextlib
import faulthandler
import os
import selectors
import threading
import time
from typing import Any

from bw_magics.matching.matcher import Matcher
from bw_magics.notebook.guard.hooks.passage import is_open
from bw_magics.notebook.guard.hooks.stream import Joint
from bw_magics.notebook.guard.hooks.withheld import SENTENCE

_PIECE = 1 << 16
# How long the end of a piece may be held back as the possible beginning of a secret.
_PATIENCE = 0.5


class ServerLog:
    """The hook that masks what goes to a kernel's original stdout or stderr.

    What subprocesses print is copied there, and so is the kernel's own log
    (docs/jupyter.md, Streams).
    The file descriptor of the copy becomes a pipe; a thread masks what comes through and passes
    it on to where the copy went.
    """

    def __init__(self, stream: Any, matcher: Matcher) -> None:
        self._matcher = matcher
        self._joint = Joint(matcher)
        self._copy: int = stream._original_stdstream_copy
        # What the process prints waits here until the kernel's thread copies it.
        self._source: int | None = getattr(stream, "_fid", None)
        self._original = os.dup(self._copy)
        self._end, entrance = os.pipe()
        os.dup2(entrance, self._copy, inheritable=False)
        os.close(entrance)
        self._process = os.getpid()
        self._thread = threading.Thread(
            target=self._run, name=f"bw_magics-log-{self._copy}", daemon=True
        )
        # A crash prints without this thread, and prints no values.
        self._has_faults = stream.name == "stderr" and faulthandler.is_enabled()
        if self._has_faults:
            faulthandler.enable(self._original)
        self._thread.start()

    @staticmethod
    def fits(stream: object) -> bool:
        """Returns whether a stream copies into a log."""
        return isinstance(getattr(stream, "_original_stdstream_copy", None), int)

    def remove(self) -> None:
        """Passes on what is in the pipe and restores the file descriptor."""
        if os.getpid() != self._process:
            return
        os.dup2(self._original, self._copy, inheritable=False)
        # The thread ends when nobody writes any more; a forked child may still.
        self._thread.join(1.0)
        if self._has_faults:
            faulthandler.enable(self._copy)
        if not self._thread.is_alive():
            os.close(self._end)
            os.close(self._original)

    def settle(self) -> None:
        """Waits until the kernel has copied everything that was printed, for a second at most.

        Text that it copies after `remove` is not masked.
        """
        ends = time.monotonic() + 1.0
        quiet = 0
        while self._source is not None and quiet < 5 and time.monotonic() < ends:
            try:
                is_waiting = _is_ready(self._source, selectors.EVENT_READ, 0)
            except (OSError, ValueError):
                return
            quiet = 0 if is_waiting else quiet + 1
            # The thread may have read a piece and not written it yet.
            time.sleep(0.01)

    def _run(self) -> None:
        while True:
            patience = _PATIENCE if self._joint.is_holding else None
            if not _is_ready(self._end, selectors.EVENT_READ, patience):
                self._write(self._joint.rest())
                continue
            piece = os.read(self._end, _PIECE)
            self._write(self._masked(piece) if piece else self._joint.rest())
            if not piece:
                return

    def _masked(self, piece: bytes) -> bytes:
        if self._matcher.is_empty or is_open():
            return self._joint.rest() + piece
        try:
            return self._joint.feed(piece)[0]
        except Exception:
            return SENTENCE.encode() + b"\n"

    def _write(self, data: bytes) -> None:
        # The pipe is read even if the log fails: a full pipe blocks its writers.
        with contextlib.suppress(OSError):
            while data:
                try:
                    data = data[os.write(self._original, data) :]
                except BlockingIOError:
                    _is_ready(self._original, selectors.EVENT_WRITE, None)


def _is_ready(file: int, event: int, patience: float | None) -> bool:
    """Returns whether the file can be read or written within `patience` seconds."""
    # Not `select.select`, which takes no more than 1024 open files.
    with selectors.DefaultSelector() as selector:
        selector.register(file, event)
        return bool(selector.select(patience))
