"""Faults: answers that go wrong on purpose, to test clients with."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault in the answer to one request.

    - `status`, `headers` and `body` replace the answer. Without a `status` the server answers
      normally, and the members below change that answer.
    - `delay` is the pause before it, in seconds. `until` is an event that it waits for after that.
      The end of the server ends both.
    - `change` makes another body from the normal one.
    - `length` is the announced length, in place of the body's.
    - `cut` sends that many bytes of the body and closes the connection.
    - `reset` resets the connection before sending anything.
    """

    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    delay: float = 0
    cut: int | None = None
    change: Callable[[bytes], bytes] | None = None
    length: int | None = None
    reset: bool = False
    until: threading.Event | None = None

    def wait(self, stopping: threading.Event) -> None:
        """Waits as long as the answer has to; the event `stopping` ends the waiting."""
        stopping.wait(self.delay)
        while self.until is not None and not self.until.is_set():
            if stopping.wait(0.01):
                return
