"""Work in a thread. The main thread waits in slices, so that an interrupt gets through."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

Result = TypeVar("Result")

SLICE = 0.1
PATIENCE = 0.5

OnWait = Callable[[str], None]


class Task(Generic[Result]):
    """A function running in a daemon thread. `what` names the work for a person who waits."""

    def __init__(self, function: Callable[[], Result], what: str) -> None:
        self.what = what
        self._ended = threading.Event()
        self._lock = threading.Lock()
        self._clean_up: Callable[[Result], None] | None = None
        self._result: Result
        self._error: BaseException | None = None
        self._function: Callable[[], Result] | None = function
        threading.Thread(target=self._run, name=f"bw_magics: {what}", daemon=True).start()

    def _run(self) -> None:
        function, self._function = self._function, None
        if function is None:
            return
        try:
            self._result = function()
        except BaseException as error:
            self._error = error
        with self._lock:
            self._ended.set()
        if self._clean_up is not None and self._error is None:
            self._clean_up(self._result)

    @property
    def is_done(self) -> bool:
        """Whether it has ended, with a result or an error."""
        return self._ended.is_set()

    @property
    def error(self) -> BaseException | None:
        """The error that it ended with; None while it runs and after a result."""
        return self._error if self.is_done else None

    def ends_within(self, seconds: float) -> bool:
        """Waits for the end at most so long, in slices; tells whether it has ended."""
        end = time.monotonic() + seconds
        while not self.is_done and (left := end - time.monotonic()) > 0:
            self._ended.wait(min(SLICE, left))
        return self.is_done

    def discard(self, clean_up: Callable[[Result], None]) -> None:
        """Passes the result to `clean_up` once it exists: no caller waits for it any more."""
        with self._lock:
            if not self.is_done:
                self._clean_up = clean_up
                return
        if self._error is None:
            clean_up(self._result)

    def wait(
        self, on_wait: OnWait | None = None, *, progress: Callable[[], str] | None = None
    ) -> Result:
        """Waits for the result and returns it, or raises its error.

        Waits in slices of 0.1 s, so that an interrupt ends the waiting (not the work). Calls
        `on_wait` once with `what` after half a second; with `progress`, every half second with its
        text.
        """
        started = time.monotonic()
        while not self._ended.wait(SLICE):
            if on_wait is not None and time.monotonic() - started >= PATIENCE:
                on_wait(self.what if progress is None else progress())
                started = time.monotonic()
                on_wait = None if progress is None else on_wait
        if self._error is not None:
            raise self._error
        return self._result
