"""Faults: answers that go wrong on purpose, so that clients can be tried against them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens to one request instead of, or on top of, its right answer.

    `status`, `headers` and `body` replace the answer; without a `status` the right answer is
    given, changed only by what follows. `delay` is waited for first, in seconds. `change` makes
    another body of the right one. `length` is announced in place of the body's. `cut` sends that
    many bytes of the body (whose announced length stays) and then closes the connection; `reset`
    does so rudely, before anything is sent.
    """

    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    delay: float = 0
    cut: int | None = None
    change: Callable[[bytes], bytes] | None = None
    length: int | None = None
    reset: bool = False
