"""Waiting until a person can see it: the proof that form or panel works here."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable

from bw_magics.notebook.panels.page_message import Loaded, PageMessage, Ready, read_message
from bw_magics.notebook.panels.tap import Tap

SLICE = 0.1
PATIENCE = 4.0


class Unseen(Exception):
    """Nobody can see it here."""


class Hidden(Unseen):
    """The page was in the background until the time was over: seen, it might have worked."""


class Inbox:
    """The messages that arrived, in their order; filled by a tap."""

    def __init__(self) -> None:
        self._messages: deque[PageMessage] = deque()
        self._arrived = threading.Event()

    def put(self, content: object) -> None:
        """Takes in the content of a custom message; what is none of ours is dropped."""
        message = read_message(content)
        if message is not None:
            self._messages.append(message)
            self._arrived.set()

    def next(self, tap: Tap) -> PageMessage | None:
        """The next message; None where none came within a slice of time."""
        if not self._messages:
            tap.wait(self._arrived, SLICE)
        self._arrived.clear()
        return self._messages.popleft() if self._messages else None


def wait_until_seen(
    tap: Tap, inbox: Inbox, tell: Callable[[], None], until: float, patience: float = PATIENCE
) -> Ready:
    """The message that says it is seen. Each view that is loaded has to be told what to show, with
    `tell`. While the page is in the background it is waited for until `until`. Raises `Unseen`,
    `Hidden` where it was in the background to the end.
    """
    is_hidden = False
    end = time.monotonic() + patience
    while True:
        message = inbox.next(tap)
        if isinstance(message, Ready):
            return message
        if isinstance(message, Loaded):
            if is_hidden and not message.is_hidden:
                end = time.monotonic() + patience
            is_hidden = message.is_hidden
            tell()
        if time.monotonic() > (until if is_hidden else end):
            raise Hidden if is_hidden else Unseen
